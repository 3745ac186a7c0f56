import { machineMs, sleep, waitUntil } from './clock.ts';
import { atRate, type SentDelivery } from './deliveries.ts';
import type { OpenedPull } from './github-process.ts';
import { type Spread, spreadOf } from './percentiles.ts';
import { createBusyMeter, processorMs } from './processor-time.ts';
import type { ProfileShares } from './profile.ts';
import type { CaughtDelivery } from './sink.ts';
import type { Stage } from './stage.ts';
import { type CallCost, type Path, steps, type TimedCall } from './trace-ports.ts';

export interface Load {
  /** Pull requests a second, or all at once. */
  readonly rate: number | 'burst';
  readonly count: number;
  /** `pushed`: a branch whose push was delivered before; `fork`: a head that was never seen. */
  readonly heads: 'pushed' | 'fork';
  /** Gives up waiting for pods so long after the last delivery, ms. */
  readonly limitMs: number;
  /** The process has seen nothing of the repository yet. */
  readonly cold?: boolean;
}

/** One load's outcome; times in ms. */
export interface LoadFigures {
  readonly load: Load;
  readonly fromSent: Spread;
  readonly from202: Spread;
  readonly to202: Spread;
  /** Pull requests without a pod at the end. */
  readonly missing: number;
  /** Over the time from the first delivery to the last pod. */
  readonly podsPerSecond: number;
  /** Between one step and the one before it. */
  readonly path: readonly { readonly step: string; readonly spread: Spread }[];
  readonly forgeCalls: Readonly<Record<string, number>>;
  readonly forgeAnswerMs: Spread;
  readonly redisCommands: Readonly<Record<string, number>>;
  readonly programs: Readonly<Record<string, number>>;
  readonly calls: Readonly<Record<string, CallCost>>;
  /** Processor time spent by each process, ms, and how busy the machine was, 0 to 1. */
  readonly processor: Readonly<Record<'sluice' | 'web' | 'github' | 'redis' | 'bench', number>>;
  readonly busy: number;
  /** Share of the time in which the event loop of the working process had work. */
  readonly loop: number;
  readonly profile: ProfileShares | null;
  /** Every call on the way of one pull request of the middle, where they come one at a time. */
  readonly waterfall: readonly string[];
}

/** When each pull request's pod was first seen, by the machine's clock. */
export type PodTimes = ReadonlyMap<number, number>;

interface Taken {
  readonly paths: readonly (readonly [number, Path])[];
  readonly calls: readonly (readonly [string, CallCost])[];
  readonly programs: readonly (readonly [string, number])[];
  readonly loop: number;
  readonly latest: readonly TimedCall[];
}

interface TakenRequests {
  readonly counts: Record<string, number>;
  readonly answerMs: readonly number[];
}

/** Whether the stand-in's webhook is one that the bench sends itself, at its own time. */
export function isOpening({ event, body }: CaughtDelivery): boolean {
  return event === 'pull_request' && body.subarray(0, 40).toString().includes('"action":"opened"');
}

function numberOf({ body }: CaughtDelivery): number {
  return (JSON.parse(body.toString()) as { number: number }).number;
}

async function redisCalls(stage: Stage): Promise<Record<string, number>> {
  const text = await stage.redis.info('commandstats');
  const found = [...text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
  return Object.fromEntries(found.map(([, name = '', count]) => [name, Number(count)]));
}

function processorTimes(stage: Stage): Record<keyof LoadFigures['processor'], number> {
  return {
    sluice: processorMs(stage.worker.pid),
    web: stage.web === stage.worker ? 0 : processorMs(stage.web.pid),
    github: processorMs(stage.github.pid),
    redis: processorMs(stage.redisPid),
    bench: processorMs(process.pid),
  };
}

/** What pushing and opening one took at the last such load, ms; a guess at first. */
const openingMs = { pushed: 100, fork: 200 };
/** The forge's times may differ so much from those at which the deliveries are sent. */
const skewMs = 4_000;

/**
 * Pushes the branches and opens the pull requests at the stand-in, as of the time at which each delivery will be sent,
 * and waits for that time.
 */
async function openAll(stage: Stage, name: string, load: Load, settleMs: number) {
  const fork = load.heads === 'fork' ? stage.app.fork : null;
  const isQuiet = async (): Promise<boolean> => (await stage.worker.call<number>('quietMs')) > 700;
  await waitUntil(isQuiet, settleMs);
  const now = Date.now();
  const first = now + load.count * openingMs[load.heads] + 2_000;
  const spacing = load.rate === 'burst' ? 0 : 1000 / load.rate;
  const times = Array.from({ length: load.count }, (_, index) => first + index * spacing);
  const pulls = await stage.github.call<OpenedPull[]>('openPulls', name, times, fork);
  openingMs[load.heads] = (Date.now() - now) / load.count;
  await waitUntil(() => stage.heldCount() >= load.count, 10_000);
  // Between a push and the opening people take some seconds: what goes on because of the pushes has ended by then.
  await sleep(1_000);
  await waitUntil(isQuiet, 2_000);
  await sleep(first - skewMs - Date.now());
  const late = Date.now() - first;
  if (late > skewMs)
    process.stderr.write(`the stand-in was slow: the openings seem ${Math.round(late / 1000)} s old\n`);
  return { pulls, openings: stage.takeHeld() };
}

/**
 * The branches are pushed and the pull requests opened at the stand-in first, and the pushes delivered; what is measured
 * begins with the delivery that tells of the opening.
 */
export async function measureLoad(
  stage: Stage,
  seen: PodTimes,
  name: string,
  load: Load,
  how: { readonly settleMs: number; readonly profile: boolean },
): Promise<LoadFigures> {
  const { pulls, openings } = await openAll(stage, name, load, how.settleMs);
  if (!load.cold) await stage.worker.call('ageState');
  if (how.profile) await stage.worker.call('startProfile');
  await stage.github.call('takeRequests');
  await stage.worker.call('take');
  await stage.redis.config('RESETSTAT');
  const busy = createBusyMeter();
  const before = processorTimes(stage);
  const sent = new Map<number, SentDelivery>();
  const began = machineMs();
  const rate = load.rate === 'burst' ? Number.POSITIVE_INFINITY : load.rate;
  await atRate(openings, rate, async (opening) => sent.set(numberOf(opening), await stage.send(opening)));
  await waitUntil(() => pulls.every(({ number }) => seen.has(number)), load.limitMs);
  const after = processorTimes(stage);
  const profile = how.profile ? await stage.worker.call<ProfileShares>('endProfile') : null;
  const share = busy();
  const redisCommands = await redisCalls(stage);
  const requests = await stage.github.call<TakenRequests>('takeRequests');
  const taken = await stage.worker.call<Taken>('take');
  const times = pulls.flatMap(({ number }) => seen.get(number) ?? []);
  return {
    load,
    ...latencies(sent, seen),
    missing: pulls.length - times.length,
    podsPerSecond: (times.length * 1000) / (Math.max(...times) - began),
    path: pathOf(sent, await allPaths(stage, taken), seen),
    forgeCalls: requests.counts,
    forgeAnswerMs: spreadOf(requests.answerMs),
    redisCommands,
    programs: Object.fromEntries(taken.programs),
    calls: Object.fromEntries(taken.calls),
    processor: {
      sluice: after.sluice - before.sluice,
      web: after.web - before.web,
      github: after.github - before.github,
      redis: after.redis - before.redis,
      bench: after.bench - before.bench,
    },
    busy: share,
    loop: taken.loop,
    waterfall: load.rate === 1 ? waterfallOf(sent, seen, taken.latest) : [],
    profile,
  };
}

/** What the process that listens has seen of each, if it is another one, and what the working one has. */
async function allPaths(stage: Stage, { paths }: Taken): Promise<ReadonlyMap<number, Path>> {
  const merged = new Map(paths);
  if (stage.web === stage.worker) return merged;
  const listened = await stage.web.call<Taken>('take');
  for (const [number, path] of listened.paths) merged.set(number, { ...path, ...merged.get(number) });
  return merged;
}

function latencies(sent: ReadonlyMap<number, SentDelivery>, seen: PodTimes) {
  const all = [...sent].flatMap(([number, sending]) => {
    const at = seen.get(number);
    return at === undefined ? [] : [{ at, sending }];
  });
  return {
    fromSent: spreadOf(all.map(({ at, sending }) => at - sending.sentAt)),
    from202: spreadOf(all.map(({ at, sending }) => at - sending.answeredAt)),
    to202: spreadOf([...sent.values()].map((sending) => sending.answeredAt - sending.sentAt)),
  };
}

/** The calls that began between the sending and the pod of the pull request that took the median time. */
function waterfallOf(
  sent: ReadonlyMap<number, SentDelivery>,
  seen: PodTimes,
  calls: readonly TimedCall[],
): readonly string[] {
  const ways = [...sent].flatMap(([number, { sentAt }]) => {
    const at = seen.get(number);
    return at === undefined ? [] : [{ sentAt, at }];
  });
  const way = ways.sort((a, b) => a.at - a.sentAt - (b.at - b.sentAt))[Math.floor(ways.length / 2)];
  if (!way) return [];
  return calls
    .filter(([label, from, to]) => to > way.sentAt && from < way.at && label !== 'executor.follow')
    .sort((a, b) => a[1] - b[1])
    .map(([label, from, to]) => `${(from - way.sentAt).toFixed(1)}–${(to - way.sentAt).toFixed(1)} ${label}`);
}

/** How long each step took after the latest one before it; the order is each pull request's own. */
function pathOf(sent: ReadonlyMap<number, SentDelivery>, paths: ReadonlyMap<number, Path>, seen: PodTimes) {
  const [first, ...others] = steps;
  const names = [first, '202', ...others, 'seen'];
  const taken = new Map(names.map((name) => [name, [] as number[]]));
  for (const [number, sending] of sent) {
    const path = { '202': sending.answeredAt, ...paths.get(number), seen: seen.get(number) };
    const order = Object.entries(path)
      .filter((entry): entry is [string, number] => entry[1] !== undefined)
      .sort((a, b) => a[1] - b[1]);
    let before = sending.sentAt;
    for (const [step, at] of order) {
      taken.get(step)?.push(at - before);
      before = at;
    }
  }
  return names.map((step) => ({ step, spread: spreadOf(taken.get(step) ?? []) }));
}

import { createWantedLine } from '../../src/adapters/redis/wanted-line.ts';
import type { WantedLine } from '../../src/ports/store.ts';
import { machineMs, sleep } from './clock.ts';
import type { OpenedPull } from './github-process.ts';
import type { BenchOptions, Measurement } from './measurement.ts';
import { type Spread, spreadOf } from './percentiles.ts';
import { openPodScene, type PodScene } from './pod-scene.ts';
import { createBusyMeter, processorMs } from './processor-time.ts';
import { describeProfile, type ProfileShares } from './profile.ts';
import { inMegabytes, inMs, listCounts, type Result, sumOf } from './result.ts';
import { type Stage, startStage } from './stage.ts';

/** What is to be carried (issue 8), and for how long it is looked at. */
interface Goal {
  readonly slots: number;
  readonly waiting: number;
  readonly perSecond: number;
  readonly lookMs: number;
}

interface InFlightFigures {
  readonly goal: Goal;
  /** From the first opening until all slots were taken for the first time. */
  readonly fillMs: number;
  /** At the beginning and at the end of the look. */
  readonly waiting: readonly [number, number];
  readonly inFlight: { readonly least: number; readonly average: number };
  readonly startsPerSecond: number;
  /** From the end of a pod to the next one that is made, in the order in which they come. */
  readonly endToNext: Spread;
  readonly apiCalls: Readonly<Record<string, number>>;
  readonly rss: { readonly before: number; readonly full: number; readonly after: number };
  readonly redis: number;
  readonly processor: { readonly sluice: number; readonly redis: number };
  readonly busy: number;
  readonly loop: number;
  /** Null: nobody asked for it. */
  readonly profile: ProfileShares | null;
}

const cells = 20;

/** One job with so many builds each. */
const files: Readonly<Record<string, string>> = {
  '.sluice.yaml': [
    'apiVersion: sluice/v1',
    'jobs:',
    '  unit:',
    '    on: presubmit',
    '    image: localhost/busybox:1',
    '    run: make test',
    `    matrix: { part: [${Array.from({ length: cells }, (_, index) => `"${index}"`).join(', ')}] }`,
    '',
  ].join('\n'),
  'README.md': 'hello\n',
};

function goalOf({ quick }: BenchOptions): Goal {
  if (quick) return { slots: 40, waiting: 400, perSecond: 2.5, lookMs: 15_000 };
  return { slots: 500, waiting: 10_000, perSecond: 2.5, lookMs: 120_000 };
}

const lines = new WeakMap<Stage, WantedLine>();

async function waitingIn(stage: Stage): Promise<number> {
  const line = lines.get(stage) ?? createWantedLine(stage.redis);
  lines.set(stage, line);
  const { entries } = await line.read('default');
  return entries.filter(({ state }) => state === 'waiting').length;
}

function flyingAt({ seen, ended }: PodScene['pods'], at: number): number {
  let count = 0;
  for (const [name, from] of seen) if (from <= at && (ended.get(name) ?? Number.POSITIVE_INFINITY) > at) count += 1;
  return count;
}

/** Asks for builds until all slots are taken and so many wait that enough of them still do at the end of the look. */
async function openAll(
  stage: Stage,
  goal: Goal,
  { isFull, begun, say }: { isFull: () => boolean; begun: () => number; say: (words: string) => void },
): Promise<void> {
  const end = machineMs() + 900_000;
  const enough = goal.waiting + goal.perSecond * (goal.lookMs / 1000);
  for (let asked = 0; machineMs() < end; ) {
    const waiting = await waitingIn(stage);
    if (isFull() && waiting >= enough) return;
    // Those that were told of a moment ago are not in the line yet.
    if (asked - begun() >= enough + goal.slots) {
      await sleep(1_000);
      continue;
    }
    say(`in flight: ${asked} builds are asked for, ${waiting} wait`);
    const times = Array.from({ length: 25 }, () => Date.now());
    await stage.github.call<OpenedPull[]>('openPulls', `f${asked}`, times, null);
    asked += 25 * cells;
  }
}

/** Of those that ended in the look, how long until one more was made. */
function gapsOf({ seen, ended }: PodScene['pods'], from: number, to: number): number[] {
  const within = (times: Iterable<number>) => [...times].filter((at) => at >= from && at <= to).sort((a, b) => a - b);
  const starts = within(seen.values());
  let next = 0;
  return within(ended.values()).flatMap((end) => {
    while (next < starts.length && (starts[next] ?? 0) < end) next += 1;
    const start = starts[next++];
    return start === undefined ? [] : [start - end];
  });
}

async function look(
  stage: Stage,
  scene: PodScene,
  goal: Goal,
  { fillMs, before, profile }: { readonly fillMs: number; readonly before: number; readonly profile: boolean },
): Promise<InFlightFigures> {
  const rss = () => stage.worker.call<number>('rss');
  const full = await rss();
  const first = await waitingIn(stage);
  await stage.worker.call('takeApiCalls');
  await stage.worker.call('take');
  if (profile) await stage.worker.call('startProfile');
  const busy = createBusyMeter();
  const processor = { sluice: processorMs(stage.worker.pid), redis: processorMs(stage.redisPid) };
  const from = machineMs();
  const flying: number[] = [];
  while (machineMs() - from < goal.lookMs) {
    await sleep(1_000);
    flying.push(flyingAt(scene.pods, machineMs()));
  }
  const to = machineMs();
  const apiCalls = await stage.worker.call<Record<string, number>>('takeApiCalls');
  const { loop } = await stage.worker.call<{ readonly loop: number }>('take');
  const share = busy();
  const used = /used_memory:(\d+)/.exec(await stage.redis.info('memory'))?.[1];
  const started = [...scene.pods.seen.values()].filter((at) => at >= from && at <= to).length;
  return {
    goal,
    fillMs,
    waiting: [first, await waitingIn(stage)],
    inFlight: { least: Math.min(...flying), average: flying.reduce((sum, count) => sum + count, 0) / flying.length },
    startsPerSecond: (started * 1000) / (to - from),
    endToNext: spreadOf(gapsOf(scene.pods, from, to)),
    apiCalls,
    rss: { before, full, after: await rss() },
    redis: Number(used),
    processor: {
      sluice: processorMs(stage.worker.pid) - processor.sluice,
      redis: processorMs(stage.redisPid) - processor.redis,
    },
    busy: share,
    loop,
    profile: profile ? await stage.worker.call<ProfileShares>('endProfile') : null,
  };
}

function resultOf(figures: InFlightFigures): Result {
  const { goal, inFlight, waiting, startsPerSecond, apiCalls, rss, redis, endToNext } = figures;
  const minutes = goal.lookMs / 60_000;
  const started = startsPerSecond * (goal.lookMs / 1000);
  const reached = (is: boolean): string => (is ? '' : ' NOT REACHED');
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  return {
    name: 'in-flight',
    title: `Pods in flight on simulated nodes (${goal.slots} slots, ${goal.waiting} builds wait, ${cells} builds a pull request; looked at for ${goal.lookMs / 1000} s)`,
    rows: [
      {
        name: `${goal.slots} pods in flight`,
        figure: `least ${inFlight.least}, average ${inFlight.average.toFixed(0)}${reached(inFlight.average >= goal.slots * 0.98)}; full ${(figures.fillMs / 1000).toFixed(0)} s after the first opening`,
      },
      {
        name: `${goal.waiting} builds wait`,
        figure: `${waiting[0]}, at the end ${waiting[1]}${reached(waiting[0] >= goal.waiting)}`,
      },
      {
        name: `${goal.perSecond} starts a second`,
        figure: `${startsPerSecond.toFixed(2)}/s${reached(startsPerSecond >= goal.perSecond * 0.97)}; from an end to the next pod p50 ${inMs(endToNext.p50)}, p95 ${inMs(endToNext.p95)}`,
        limit: `event loop ${percent(figures.loop)}, machine ${percent(figures.busy)} busy`,
      },
      {
        name: 'memory',
        figure: `RSS ${inMegabytes(rss.before)} idle, ${inMegabytes(rss.full)} when full, ${inMegabytes(rss.after)} at the end; Redis ${inMegabytes(redis)}`,
      },
      {
        name: 'API calls',
        figure: `${(sumOf(apiCalls) / minutes).toFixed(0)} a minute, ${(sumOf(apiCalls) / started).toFixed(1)} a pod (${listCounts(apiCalls, started, 8)})`,
      },
    ],
    notes: [
      `Lists of pods: ${((apiCalls['LIST pods'] ?? 0) / minutes).toFixed(1)} a minute, watches begun ${((apiCalls['WATCH pods'] ?? 0) / minutes).toFixed(1)}`,
      'A simulated node keeps no log: the streams of logs, one for each container, are not among the calls.',
      `Processor ms a pod: sluice ${(figures.processor.sluice / started).toFixed(0)}, redis ${(figures.processor.redis / started).toFixed(0)}`,
      ...(figures.profile === null ? [] : describeProfile(figures.profile, started)),
    ],
    figures,
  };
}

async function run(options: BenchOptions): Promise<Result> {
  const goal = goalOf(options);
  if (options.executor !== 'kubernetes') {
    const figure = 'NOT MEASURED: it asks for --executor kubernetes and simulated nodes';
    return {
      name: 'in-flight',
      title: 'Pods in flight',
      rows: [{ name: `${goal.slots} pods`, figure }],
      notes: [],
      figures: null,
    };
  }
  const scene = await openPodScene('kubernetes', 0);
  try {
    return resultOf(await measure(options, goal, scene));
  } finally {
    void scene.close();
  }
}

async function measure({ progress, profile }: BenchOptions, goal: Goal, scene: PodScene): Promise<InFlightFigures> {
  // A tenth less: to be placed and begun takes a pod some of the time of its slot.
  const runFor = { ms: (goal.slots / goal.perSecond) * 900, atOnce: goal.slots };
  if (scene.executor.kind !== 'kubernetes') throw new Error('there is no cluster');
  const stage = await startStage({
    executor: { ...scene.executor, runFor },
    pace: 'unbounded',
    processes: 'all',
    files,
    slots: goal.slots,
    holds: () => false,
  });
  try {
    const before = await stage.worker.call<number>('rss');
    const began = machineMs();
    let full = Number.NaN;
    const isFull = (): boolean => {
      if (Number.isNaN(full) && flyingAt(scene.pods, machineMs()) >= goal.slots * 0.98) full = machineMs();
      return !Number.isNaN(full);
    };
    await openAll(stage, goal, { isFull, begun: () => scene.pods.seen.size, say: progress.say });
    progress.say(`in flight: ${goal.lookMs / 1000} s are looked at`);
    return await look(stage, scene, goal, { fillMs: full - began, before, profile });
  } finally {
    await stage.stop();
  }
}

export const inFlight: Measurement = { name: 'in-flight', run };

import type { QueueRecord } from '../../src/model/queue.ts';
import type { SaveRequest } from '../../src/ports/store.ts';
import { type GateWorld, type StoryChange, startGateWorld, untilTold } from '../harness/gate-world.ts';
import { sleep } from './clock.ts';
import { endLater } from './endings.ts';
import type { BenchOptions, Measurement } from './measurement.ts';
import { type Spread, spreadOf } from './percentiles.ts';
import { inMs, type Result } from './result.ts';

/** The way from a green build to what its author reads, in order; each ends at this moment. */
const parts = [
  ['the end is seen and judged', 'judged'],
  ['the verdict is saved', 'saved'],
  ['the candidate is marked green', 'marked'],
  ['the conditions are read again', 'read'],
  ['the intent is saved', 'meant'],
  ['the push', 'pushed'],
  ['read back, saved, told on the pull request', 'told'],
] as const;

type Moment = (typeof parts)[number][1];
type Way = { green: number } & Partial<Record<Moment, number>>;

const now = (): number => performance.timeOrigin + performance.now();

/** Notes the moments of the landing that is under way; its first of each kind counts, of readings the last before the push. */
function watch({ sluice: { ports } }: GateWorld, current: () => Way): void {
  const { documents, gateForge, landing } = ports as unknown as Record<
    'documents' | 'gateForge' | 'landing',
    Record<string, (...args: unknown[]) => Promise<unknown>>
  >;
  const wrap = (port: typeof documents, name: string, begins: (args: unknown[]) => void, ends: () => void): void => {
    const original = port[name];
    if (!original) throw new Error(`no port has ${name}`);
    port[name] = async (...args) => {
      begins(args);
      const result = await original(...args);
      ends();
      return result;
    };
  };
  let isVerdict = false;
  wrap(
    documents,
    'save',
    ([request]) => {
      isVerdict = holdsVerdict((request as SaveRequest).document);
      if (isVerdict) current().judged ??= now();
    },
    () => {
      if (isVerdict) current().saved ??= now();
    },
  );
  wrap(
    gateForge,
    'gateView',
    () => undefined,
    () => {
      const way = current();
      if (way.saved !== undefined && way.meant === undefined) way.read = now();
    },
  );
  wrap(
    landing,
    'land',
    () => {
      current().meant ??= now();
    },
    () => {
      current().pushed ??= now();
    },
  );
}

function holdsVerdict(document: unknown): boolean {
  const items = (document as Partial<QueueRecord> | null)?.items;
  return items?.some(({ candidate }) => candidate?.kind === 'made' && candidate.verdict !== null) ?? false;
}

async function untilOver(world: GateWorld, change: StoryChange): Promise<number> {
  while ((await world.gateCheck(change))?.status !== 'completed') await sleep(1);
  return now();
}

/** When the forge answered the first check run that was made in this span. */
function markedIn({ github }: GateWorld, from: number, to: number): number | undefined {
  return github.requests.find(
    ({ at, method, path }) => at >= from - 1 && at <= to && method === 'POST' && path.endsWith('/check-runs'),
  )?.at;
}

async function landOne(world: GateWorld, index: number, begin: (way: Way) => void): Promise<Way> {
  const change = await world.change(`change${index}`, { [`file${index}`]: 'x\n' });
  await world.ask(change);
  const [running] = await world.until('its build runs', () => world.testing().length === 1 && world.testing());
  // What is still written of its start is not part of it.
  await sleep(300);
  const way: Way = { green: now() };
  begin(way);
  await world.end(running ?? '', 'success');
  way.told = await untilOver(world, change);
  const marked = markedIn(world, way.saved ?? way.green, way.meant ?? way.told);
  return marked === undefined ? way : { ...way, marked };
}

/** All of them are green before the first lands. */
async function drain(world: GateWorld, count: number): Promise<number> {
  const changes: StoryChange[] = [];
  for (let index = 0; index < count; index += 1)
    changes.push(await world.change(`more${index}`, { [`m${index}`]: 'x\n' }));
  await world.ask(...changes);
  await world.until('all are tested', () => world.testing().length === count);
  const landed = world.landed().length;
  const began = now();
  world.judgeBy(() => 'success');
  while (world.landed().length < landed + count) await sleep(20);
  return now() - began;
}

function spreads(ways: readonly Way[]): ReadonlyMap<string, Spread> {
  return new Map(
    parts.map(([name, end], index) => {
      const start = index === 0 ? 'green' : parts[index - 1]?.[1];
      const times = ways.flatMap((way) => {
        const [from, to] = [start === undefined ? undefined : way[start], way[end]];
        return from === undefined || to === undefined ? [] : [Math.max(0, to - from)];
      });
      return [name, spreadOf(times)];
    }),
  );
}

function totalOf(ways: readonly Way[], end: Moment): Spread {
  return spreadOf(ways.flatMap((way) => (way[end] === undefined ? [] : [(way[end] ?? 0) - way.green])));
}

const figureOf = ({ p50, p95, p99 }: Spread): string => `p50 ${inMs(p50)}, p95 ${inMs(p95)}, p99 ${inMs(p99)}`;

async function run({ quick, progress }: BenchOptions): Promise<Result> {
  const [count, queued] = quick ? [5, 5] : [40, 20];
  const world = await startGateWorld({
    judge: untilTold,
    // As `sluice serve` has them, but for GitHub's limits of writing, which are not ours to measure.
    sluice: {
      periods: { dueMs: 5_000, resyncMs: 3_600_000, redeliveryMs: 3_600_000, podsMs: 2_000 },
      reporter: { limiter: { max: 100_000, duration: 1_000 } },
    },
  });
  const stop = endLater(() => world.stop());
  try {
    let current: Way = { green: 0 };
    watch(world, () => current);
    const ways: Way[] = [];
    for (let index = 0; index < count; index += 1) {
      progress.say(`verdict to landed: ${index} of ${count}`);
      const way = await landOne(world, index, (begun) => {
        current = begun;
      });
      ways.push(way);
    }
    progress.say(`verdict to landed: a queue of ${queued}`);
    current = { green: 0 };
    const drainMs = await drain(world, queued);
    const broken = spreads(ways);
    const slowest = [...broken].sort(([, one], [, other]) => other.p50 - one.p50);
    return {
      name: 'verdict-to-landed',
      title: `From the last green build to landed (${count} landings one by one, stand-in GitHub, git over HTTP, every write on disk)`,
      rows: [
        { name: 'main has moved', figure: figureOf(totalOf(ways, 'pushed')), limit: slowest[0]?.[0] ?? '' },
        { name: 'the pull request says so', figure: figureOf(totalOf(ways, 'told')) },
        ...[...broken].map(([name, spread]) => ({ name: `· ${name}`, figure: figureOf(spread) })),
        {
          name: `${queued} that are green at once`,
          figure: `landed within ${inMs(drainMs)}, one each ${inMs(drainMs / queued)}`,
        },
      ],
      notes: ['GitHub, Sluice and the pods that pretend share one process here: what the stand-in works is in it'],
      figures: {
        landed: totalOf(ways, 'pushed'),
        told: totalOf(ways, 'told'),
        parts: Object.fromEntries(broken),
        drainMs,
      },
    };
  } finally {
    await stop();
  }
}

export const verdictToLanded: Measurement = { name: 'verdict-to-landed', run };

import { subjectIdOf } from '../../src/model/subject.ts';
import { createCalls, type Fate } from './calls.ts';
import { createChance } from './chance.ts';
import { createCluster } from './cluster.ts';
import { createForgeWorld } from './forge-world.ts';
import { judgePod } from './gate/judge-pod.ts';
import { createGatePeople } from './gate/people.ts';
import { isPodPromoting, leftOvers, owedOfPromotion } from './gate/promotion-liveness.ts';
import { createRegistryTroubles, type RegistryTroubles } from './gate/registry-troubles.ts';
import { createIntakeScripts } from './intake-model.ts';
import type { Knobs } from './knobs.ts';
import { whatIsOwed } from './liveness.ts';
import { createMisfortunes } from './misfortunes.ts';
import { createPeople, settleIn } from './people.ts';
import { pool, receiveAt, type Surroundings, startWorkerProcess } from './processes.ts';
import type { Product } from './product.ts';
import { createPromoter } from './promoter.ts';
import { hearsOf } from './push/ports.ts';
import { createRedisServer } from './redis-server.ts';
import { createRegistryWorld } from './registry-model.ts';
import { createReportScripts } from './reporter-model.ts';
import { createSafety } from './safety.ts';
import { createScheduler } from './scheduler.ts';
import { beginning, type Process, type Sim, type Violation } from './sim.ts';
import { createStoreScripts } from './store-model.ts';
import type { Action } from './story.ts';
import { createUploader } from './uploader.ts';
import { createWakeQueueModel } from './wake-queue-model.ts';
import { createWebhooks } from './webhooks.ts';

/** One world to play: who does what in it, and which faults happen. */
export interface Plan {
  readonly knobs: Knobs;
  readonly story: readonly Action[];
  /** Only these calls fail; null: chance decides. */
  readonly faults: ReadonlyMap<string, Fate> | null;
  /** For worlds of many days. */
  readonly slow?: boolean;
  readonly webhooksOff?: boolean;
  /** How late a delivery may come, ms. */
  readonly latestMs?: number;
}

export interface Outcome {
  readonly violation: Violation | null;
  readonly situations: ReadonlyMap<string, number>;
  readonly met: ReadonlyMap<string, ReadonlyMap<Fate, number>>;
  readonly happened: ReadonlyMap<string, Fate>;
  readonly builds: number;
  readonly steps: number;
  /** How long it took after the faults until nothing was owed, in ms. */
  readonly settledMs: number;
  readonly trace: readonly string[];
  /** What is in the world in the end. */
  readonly world: Pick<Surroundings, 'forge' | 'registries'>;
}

const lookMs = 30_000;
/** Worlds of hours come to half of it, where pods that hang hold all slots: what reaches it turns in a circle. */
const mostSteps = 250_000;

interface Notes {
  readonly situations: Map<string, number>;
  readonly trace: string[];
  violation: Violation | null;
}

function createSim(plan: Plan, notes: Notes, traced: boolean): Sim {
  const chance = createChance(plan.knobs.seed);
  const ties = chance.stream('ties');
  const time = createScheduler(beginning, ties.unit);
  const end = beginning + plan.knobs.faultyMs;
  const elapsed = (): number => time.now() - beginning;
  const tell: Sim['tell'] = (line) => {
    if (traced) notes.trace.push(`${(elapsed() / 1000).toFixed(3)} ${line()}`);
  };
  return {
    knobs: plan.knobs,
    chance,
    time,
    faultsOn: () => time.now() < end,
    note: (situation) => void notes.situations.set(situation, (notes.situations.get(situation) ?? 0) + 1),
    tell,
    violate(invariant, what) {
      tell(() => `VIOLATION ${invariant}: ${what}`);
      notes.violation ??= { invariant, what, at: elapsed() };
    },
  };
}

interface Population {
  readonly processes: Process[];
  crash(process: Process, why: string): void;
}

function createPopulation(sim: Sim, start: (process: Process) => void): Population {
  const processes: Process[] = [];
  const draws = sim.chance.stream('processes');
  let count = 0;
  const begin = (role: Process['role']): void => {
    count += 1;
    const isWrong = draws.happens(sim.knobs.rates.skew);
    const skew = isWrong ? draws.between(-5000, 5000) : 0;
    const process: Process = { name: `${role}-${count}`, role, alive: true, pausedUntil: 0, skew, onDeath: [] };
    processes.push(process);
    sim.tell(() => `${process.name} starts`);
    start(process);
  };
  for (let index = 0; index < sim.knobs.workers; index += 1) sim.time.after(index * 700, () => begin('worker'));
  sim.time.after(0, () => begin('web'));
  return {
    processes,
    crash(process, why) {
      if (!process.alive) return;
      process.alive = false;
      sim.note(`crash: a ${process.role}`);
      sim.tell(() => `${process.name} dies ${why}`);
      for (const ending of process.onDeath) ending();
      sim.time.after(draws.between(1000, 60_000), () => begin(process.role));
    },
  };
}

function surround(plan: Plan, product: Product, sim: Sim): { world: Surroundings; population: Population } {
  const redis = createRedisServer(sim);
  const { now } = sim.time;
  // The population needs the calls and the calls need it: a crash ends whoever makes the call.
  let population: Population | null = null;
  const calls = createCalls(sim, {
    given: plan.faults,
    crash: (process, why) => population?.crash(process, why),
    lose: (loss) => (loss === 'before, Redis emptied' ? redis.flush() : redis.restore(now() - 30_000)),
    lifeOf: (where) => (/^(documents|line|notes|intake|reporter)\./.test(where) ? redis.life() : 0),
  });
  const forge = createForgeWorld(sim);
  const cluster = createCluster(sim, calls, pool.owner);
  const minted: Surroundings['minted'] = [];
  const registries = createRegistryWorld(sim);
  const safety = createSafety({ sim, forge, cluster, redis, minted, registries });
  const plainReports = createReportScripts(redis.data, now, redis.life);
  const world: Surroundings = {
    sim,
    calls,
    product,
    redis,
    store: createStoreScripts(redis.data, now, redis.life),
    intake: createIntakeScripts(redis.data, now, (subject) => hearsOf(plan.knobs, subject)),
    reports: product.planted.reports?.(plainReports) ?? plainReports,
    passes: createWakeQueueModel(sim, calls, redis, 'signals.wake'),
    writes: createWakeQueueModel(sim, calls, redis, 'reporter.wake'),
    forge,
    webhooks: createWebhooks(sim, calls, forge),
    cluster,
    logs: new Map(),
    safety,
    minted,
    disk: new Map(),
    registries,
  };
  redis.onLoss(forge.forgetLimits);
  forge.onCheckWrite = safety.onCheckWrite;
  forge.knowsBranch = (repository, branch) => {
    const kept = redis.data.get<{ readonly body: string }>(`doc:${subjectIdOf({ kind: 'push', repository, branch })}`);
    return kept !== undefined && kept.body !== 'null';
  };
  cluster.onStart = safety.onStart;
  cluster.judge = (manifest) => judgePod(forge, manifest, sim.knobs);
  cluster.uploader = createUploader(sim, registries);
  cluster.promoter = createPromoter(sim, registries, safety);
  population = createPopulation(sim, (process) => {
    if (process.role === 'worker') startWorkerProcess(world, process, isSlow(plan));
    else world.webhooks.receiver = receiveAt(world, process);
    process.onDeath.push(() => {
      if (process.role === 'web') world.webhooks.receiver = async () => false;
    });
  });
  return { world, population };
}

/** How long everything may take after the faults: what waits in line, the longest jobs behind each other, and a resync. */
function boundOf({ sim, cluster, redis }: Surroundings): number {
  const { knobs } = sim;
  const waiting = redis.data.keys('line:').length === 0 ? 0 : 12 * knobs.pulls;
  const slots = Math.min(knobs.limits.pool, knobs.limits.perRepository, knobs.limits.perAuthor);
  const inLine = (waiting / slots) * (knobs.buildMs + 60_000);
  const hanging = [...cluster.pods.values()].filter(
    (pod) => pod.work === 'hangs' || pod.work === 'never starts',
  ).length;
  const suspended = knobs.rates.suspend > 0 ? 3_600_000 : 0;
  // Without a word of its own a job may take an hour.
  const isPromoting = knobs.queues?.images?.executor === 'pod';
  const longest = isPromoting ? 2 * 3_600_000 + 300_000 : knobs.queues ? 3_900_000 : 900_000;
  // What was lost is looked for three times, and a build of it that failed is begun again after an hour.
  const again = knobs.queues?.images ? 90 * 60_000 : 0;
  // One that hangs takes all of its time, however many slots there are beside it.
  return 45 * 60_000 + inLine + Math.ceil(hanging / slots) * longest + suspended + again;
}

/** Its sweeps come seldom. */
function isSlow({ slow, knobs }: Plan): boolean {
  return slow === true || knobs.queues?.images?.day === true;
}

/** Plays one world to its end: the same plan gives the same outcome, byte for byte. */
export async function playWorld(plan: Plan, product: Product, traced = false): Promise<Outcome> {
  const notes: Notes = { situations: new Map(), trace: [], violation: null };
  const sim = createSim(plan, notes, traced);
  const { world, population } = surround(plan, product, sim);
  const { knobs } = plan;
  world.webhooks.off = plan.webhooksOff === true;
  world.webhooks.latestMs = plan.latestMs ?? world.webhooks.latestMs;
  settleIn(world);
  const gatePeople = createGatePeople(world);
  const people = createPeople(world, gatePeople.onHead);
  const misfortunes = createMisfortunes(world, population);
  const registryTroubles = createRegistryTroubles(world);
  for (const action of plan.story)
    sim.time.after(action.at, () => {
      sim.tell(() => `${action.who}: ${action.what} ${action.word} (#${action.pull} of r${action.repository})`);
      if (gatePeople.act(action) || registryTroubles.befall(action)) return;
      if (action.family === null) people.act(action);
      else misfortunes.befall(action);
    });
  const endAll = (): void => {
    gatePeople.end();
    misfortunes.end();
    registryTroubles.end();
  };
  const most = isSlow(plan) ? 10_000_000 : mostSteps;
  const broken = (): boolean => {
    if (sim.time.steps() > most) sim.violate('storm', `more than ${most} things happened`);
    return notes.violation !== null;
  };
  // What nobody catches ends a process of Node, whatever else it was doing.
  const unhandled = (cause: unknown): void =>
    sim.violate('W16', `a rejection that nobody handles: ${cause instanceof Error ? cause.message : String(cause)}`);
  process.on('unhandledRejection', unhandled);
  await sim.time.run(beginning + knobs.faultyMs, broken);
  const settledMs = broken() ? 0 : await settle(world, sim, endAll, broken);
  if (knobs.queues?.images && !broken()) await lastLooks(world, registryTroubles, knobs.queues.images.day, broken);
  process.off('unhandledRejection', unhandled);
  const { calls, cluster } = world;
  return {
    violation: notes.violation,
    situations: notes.situations,
    met: calls.met,
    happened: calls.happened,
    builds: cluster.everBeen.length,
    steps: sim.time.steps(),
    ...{ settledMs, trace: notes.trace, world },
  };
}

async function settle(world: Surroundings, sim: Sim, end: () => void, broken: () => boolean): Promise<number> {
  sim.tell(() => 'the faults are over');
  end();
  const began = sim.time.now();
  const until = began + boundOf(world);
  let quiet = 0;
  while (!broken() && quiet < 2) {
    const next = sim.time.now() + lookMs;
    await sim.time.run(next, broken);
    const owed =
      world.webhooks.pending() > 0 ? [{ invariant: 'L1', what: 'deliveries are on their way' }] : whatIsOwed(world);
    quiet = owed.length === 0 ? quiet + 1 : 0;
    const first = owed[0];
    if (first && sim.time.now() > until)
      sim.violate(
        first.invariant,
        `${Math.round((until - began) / 60_000)} minutes after the faults: ${owed
          .map(({ what }) => what)
          .slice(0, 5)
          .join('; ')}`,
      );
  }
  return sim.time.now() - began;
}

/** With everything at rest, a tag that somebody moves is put right within five minutes, and after a day nothing is left over. */
async function lastLooks(
  world: Surroundings,
  troubles: RegistryTroubles,
  day: boolean,
  broken: () => boolean,
): Promise<void> {
  const { sim } = world;
  const moved = troubles.moveTag('0');
  const movedAt = sim.time.now();
  // What an old backup does not know of is found by the next resync, ten minutes after the last.
  const minutes = (world.redis.wentBack() ? 10 : 0) + (day ? 6 : 5);
  await sim.time.run(sim.time.now() + minutes * 60_000, broken);
  if (isPodPromoting(world)) await sim.time.run(sim.time.now() + 5 * 60_000, broken);
  const owed = moved === null ? [] : owedOfPromotion(world, movedAt).filter(({ invariant }) => invariant === 'L6');
  for (const { invariant, what } of owed) sim.violate(invariant, `five minutes after a tag was moved: ${what}`);
  if (!day) return;
  await sim.time.run(sim.time.now() + 33 * 3_600_000, broken);
  sim.note('end: a day later');
  for (const { invariant, what } of whatIsOwed(world).filter((each) => each.invariant === 'commit tags'))
    sim.violate(invariant, `33 hours after a tag was moved: ${what}`);
  const left = leftOvers(world);
  if (left.length > 0) sim.violate('L5', `33 hours later ${left.slice(0, 5).join(', ')} is left`);
}

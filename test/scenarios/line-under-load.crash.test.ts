import { writeFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { createWantedLine } from '../../src/adapters/redis/wanted-line.ts';
import { orderLine } from '../../src/core/line/order-line.ts';
import type { LineEntry } from '../../src/model/line.ts';
import type { WantedLine } from '../../src/ports/store.ts';
import { dice, pause } from '../harness/dice.ts';
import { doubled, mostAtOnce, readTraces, tracedCommand } from '../harness/evidence.ts';
import type { ServedProcess } from '../harness/served-process.ts';
import { type ServedWorld, servedLimitMs, startServedWorld } from '../harness/served-world.ts';
import { grantsIn, passedOver, pool, watchLine } from '../harness/watched-line.ts';

const changes = 10;
const jobs = Array.from({ length: 50 }, (_, index) => `job-${index + 1}`);
const limits = { pool: 6, perRepository: 2, perAuthor: 3 };
/** So many more slots are given once the line moves. */
const moves = 12;
let world: ServedWorld;
let line: WantedLine;
let workers: ServedProcess[];

afterEach(async () => {
  await world.stop();
});

/** Builds that wait for a gate, so that the line stands still while faults come, and later moves fast. */
function config(evidence: string): string {
  const wait = `while [ ! -e ${evidence}.gate ]; do sleep 0.1; done`;
  const job = (name: string) =>
    `  ${name}: { on: presubmit, image: "localhost/busybox:1", run: ${JSON.stringify(tracedCommand(evidence, name, wait))} }`;
  return ['apiVersion: sluice/v1', 'jobs:', ...jobs.map(job), ''].join('\n');
}

function work(): void {
  workers.push(world.work(`worker-${workers.length}`, limits));
}

interface Stand {
  readonly entries: readonly LineEntry[];
  readonly holding: readonly string[];
  readonly order: readonly string[];
}

async function stand(known: (entry: LineEntry) => boolean = () => true): Promise<Stand> {
  const entries = (await line.read(pool)).entries.filter(known);
  const holding = entries.filter(({ state }) => state !== 'waiting').map(({ build }) => build);
  return { entries, holding: holding.sort(), order: orderLine(entries).map(({ build }) => build) };
}

/** Another change goes its way into the line, so whoever is there now works; those that were there before stand as they stood. */
async function expectUnmoved(begun: Stand): Promise<void> {
  const { length: open } = (await Promise.all(world.repos.map(world.github.openPullRequests))).flat();
  await world.open(`probe-${open}`);
  // Who listens may not have found Redis again.
  await world.redeliver();
  const all = (open + 1) * jobs.length;
  await world.until(`${all} builds are in line, ${limits.pool} of them with a slot`, async () => {
    const { entries, holding } = await stand();
    return entries.length === all && holding.length >= limits.pool;
  });
  const first = new Set(begun.entries.map(({ build }) => build));
  const now = await stand(({ build }) => first.has(build));
  expect(now.order).toEqual(begun.order);
  expect(now.holding).toEqual(begun.holding);
  expect((await world.pods.list()).map(({ name }) => name).sort()).toEqual(begun.holding);
}

async function expectLimitsKept(): Promise<void> {
  const traces = await readTraces(world.evidence);
  expect(doubled(traces, ({ who, job }) => `${who} ${job}`)).toEqual([]);
  const over = (nameOf: Parameters<typeof mostAtOnce>[1], limit: number) =>
    mostAtOnce(traces, nameOf).filter(([, most]) => most > limit);
  expect(over(() => 'the pool', limits.pool)).toEqual([]);
  expect(over(({ who }) => who.split('#')[0] ?? '', limits.perRepository)).toEqual([]);
  expect(over(({ author }) => author, limits.perAuthor)).toEqual([]);
}

/** By age within a repository and author, and no repository is left behind. */
function expectInTurn(begun: Stand): void {
  const grants = grantsIn(workers);
  const waited = begun.entries.filter(({ state }) => state === 'waiting');
  expect(passedOver(grants, waited)).toEqual([]);
  const repositories = new Map(begun.entries.map(({ build, repository }) => [build as string, repository]));
  const served = Map.groupBy(grants.slice(0, limits.pool + moves), ({ build }) => repositories.get(build));
  expect(served.size).toBeGreaterThanOrEqual(4);
  const counts = [...served].flatMap(([repository, given]) => (repository === undefined ? [] : [given.length]));
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(2);
}

it('500 waiting builds survive killed workers, a killed Redis and an emptied one, in their order and within every limit', {
  timeout: servedLimitMs,
}, async () => {
  world = await startServedWorld({ organisations: 4, authors: ['ada', 'bob', 'cyd', 'dan', 'eve'], config });
  line = createWantedLine(world.redis.open({ maxRetriesPerRequest: null }));
  workers = [];
  const roll = dice(6);
  world.front.turnTo(await world.serve('web').url());
  for (let index = 0; index < changes; index += 1) await world.open(`change-${index}`);
  const watch = watchLine(world.redis, limits);
  work();
  work();
  const begun = await world.until('500 builds are in line and 6 of them run', async () => {
    const now = await stand();
    return now.entries.length === 500 && (await readTraces(world.evidence)).length === limits.pool && now;
  });
  const held = Map.groupBy(
    begun.entries.filter(({ state }) => state !== 'waiting'),
    ({ repository }) => repository,
  );
  expect([...held.values()].map(({ length }) => length).sort()).toEqual([1, 1, 2, 2]);

  await Promise.all(workers.map((worker) => worker.kill('SIGKILL')));
  work();
  work();
  await expectUnmoved(begun);
  await world.redis.kill();
  await pause(500);
  await world.redis.restart();
  await expectUnmoved(begun);
  await world.redis.open().flushall();
  await expectUnmoved(begun);

  await writeFile(`${world.evidence}.gate`, '');
  for (const fault of ['redis', 'flush', 'none']) {
    await pause(roll(300, 1500));
    if (fault === 'redis') await world.redis.kill().then(world.redis.restart);
    if (fault === 'flush') await world.redis.open().flushall();
    await workers.at(-2)?.kill('SIGKILL');
    work();
  }
  await world.until('the line has moved', async () => grantsIn(workers).length >= limits.pool + moves);
  const { broken, looks } = await watch.end();
  expect(looks).toBeGreaterThan(50);
  expect(broken).toEqual([]);
  await expectLimitsKept();
  expectInTurn(begun);
});

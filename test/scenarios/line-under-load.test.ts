import { writeFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { createWantedLine } from '../../src/adapters/redis/wanted-line.ts';
import { orderLine } from '../../src/core/line/order-line.ts';
import type { LineEntry } from '../../src/model/line.ts';
import { dice, pause } from '../harness/dice.ts';
import { doubled, mostAtOnce, readTraces, tracedCommand } from '../harness/evidence.ts';
import type { ServedProcess } from '../harness/served-process.ts';
import { type ServedWorld, startServedWorld } from '../harness/served-world.ts';
import { grantsIn, passedOver, pool, watchLine } from '../harness/watched-line.ts';

let world: ServedWorld;

afterEach(async () => {
  await world.stop();
});

const jobs = Array.from({ length: 50 }, (_, index) => `job-${index + 1}`);
const limits = { pool: 6, perRepository: 2, perAuthor: 3 };

/** Builds that wait for a gate, so that the line stands still while faults come, and later moves fast. */
function config(evidence: string): string {
  const wait = `while [ ! -e ${evidence}.gate ]; do sleep 0.1; done`;
  const job = (name: string) =>
    `  ${name}: { on: presubmit, image: "localhost/busybox:1", run: ${JSON.stringify(tracedCommand(evidence, name, wait))} }`;
  return ['apiVersion: sluice/v1', 'jobs:', ...jobs.map(job), ''].join('\n');
}

interface Stand {
  readonly entries: readonly LineEntry[];
  readonly holding: readonly string[];
  readonly order: readonly string[];
}

it('500 waiting builds survive killed workers, a killed Redis and an emptied one, in their order and within every limit', {
  timeout: 180_000,
}, async () => {
  world = await startServedWorld({ organisations: 4, authors: ['ada', 'bob', 'cyd', 'dan', 'eve'], config });
  const roll = dice(6);
  const web = world.serve('web');
  world.front.turnTo(await web.url());
  const line = createWantedLine(world.redis.open({ maxRetriesPerRequest: null }));
  const workers: ServedProcess[] = [];
  const work = () => workers.push(world.work(`worker-${workers.length}`, limits));
  const read = async (known: (entry: LineEntry) => boolean): Promise<Stand> => {
    const entries = (await line.read(pool)).entries.filter(known);
    const holding = entries.filter(({ state }) => state !== 'waiting').map(({ build }) => build);
    return { entries, holding: holding.sort(), order: orderLine(entries).map(({ build }) => build) };
  };
  const t = (w: string) => console.log(w, Date.now() - t0);
  for (let index = 0; index < 10; index += 1) await world.open(`change-${index}`);
  const watch = watchLine(world.redis, limits);
  work();
  work();
  const begun = await world.until('500 builds are in line and 6 of them run', async () => {
    const stand = await read(() => true);
    return stand.entries.length === 500 && (await readTraces(world.evidence)).length === limits.pool && stand;
  });
  const perRepository = Map.groupBy(
    begun.entries.filter(({ state }) => state !== 'waiting'),
    ({ repository }) => repository,
  );
  expect([...perRepository.values()].map((held) => held.length).sort()).toEqual([1, 1, 2, 2]);
  const first = new Set(begun.entries.map(({ build }) => build));
  /** Another change goes its way to the line: whoever is there now works. */
  const standsAsBefore = async (expected: number): Promise<void> => {
    await world.open(`probe-${expected}`);
    await world.until(`${expected} builds are in line, ${limits.pool} of them with a slot`, async () => {
      const { entries, holding } = await read(() => true);
      return entries.length === expected && holding.length >= limits.pool;
    });
    const stand = await read(({ build }) => first.has(build));
    expect(stand.order).toEqual(begun.order);
    expect(stand.holding).toEqual(begun.holding);
    expect((await world.pods.list()).map(({ name }) => name).sort()).toEqual(begun.holding);
  };

  await Promise.all(workers.map((worker) => worker.kill('SIGKILL')));
  work();
  work();
  await standsAsBefore(550);
  await world.redis.kill();
  await pause(500);
  await world.redis.restart();
  await standsAsBefore(600);
  await world.redis.open().flushall();
  await standsAsBefore(650);

  await writeFile(`${world.evidence}.gate`, '');
  for (let round = 0; round < 3; round += 1) {
    await pause(roll(300, 1500));
    if (round === 0) await world.redis.kill().then(world.redis.restart);
    if (round === 1) await world.redis.open().flushall();
    await workers.at(-2)?.kill('SIGKILL');
    work();
  }
  await world.until('the line has moved by 18', async () => grantsIn(workers).length >= limits.pool + 18);
  const { broken, looks } = await watch.end();
  expect(looks).toBeGreaterThan(50);
  expect(broken).toEqual([]);
  const traces = await readTraces(world.evidence);
  expect(doubled(traces, ({ who, job }) => `${who} ${job}`)).toEqual([]);
  expect(Math.max(...mostAtOnce(traces, () => 'the pool').map(([, most]) => most))).toBeLessThanOrEqual(limits.pool);
  const repositories = mostAtOnce(traces, ({ who }) => who.split('#')[0] ?? '');
  expect(repositories.filter(([, most]) => most > limits.perRepository)).toEqual([]);
  expect(mostAtOnce(traces, ({ author }) => author).filter(([, most]) => most > limits.perAuthor)).toEqual([]);
  const grants = grantsIn(workers);
  expect(
    passedOver(
      grants,
      begun.entries.filter(({ state }) => state === 'waiting'),
    ),
  ).toEqual([]);
  const repositoryOf = new Map(begun.entries.map(({ build, repository }) => [build as string, repository]));
  const served = Map.groupBy(grants.slice(0, limits.pool + 18), ({ build }) => repositoryOf.get(build));
  expect(Math.min(...[...served.values()].map(({ length }) => length))).toBeGreaterThanOrEqual(4);
});

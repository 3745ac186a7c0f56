import { waitUntil } from './clock.ts';
import type { OpenedPull } from './github-process.ts';
import type { BenchOptions, Measurement } from './measurement.ts';
import { inMegabytes, type Result, type Row } from './result.ts';
import { type Stage, startStage } from './stage.ts';

const imagesEach = 20;

interface MemoryFigures {
  /** How many pods were asked for so far. */
  readonly builds: number;
  /** Bytes; heap and RSS after garbage collection. */
  readonly rss: number;
  readonly heap: number;
  readonly external: number;
  readonly redis: number;
  readonly redisKeys: number;
  readonly seconds: number;
}

/** One job that builds so many images: as many builds, with one check run. */
function repositoryFiles(): Record<string, string> {
  const names = Array.from({ length: imagesEach }, (_, index) => `svc-${index}`);
  const images = names.map((name) => `  - { name: ${name}, repository: registry.example.com/acme/${name} }`);
  const jobs = ['jobs:', '  build-image: { template: build-image, on: presubmit }', ''];
  return {
    '.sluice.yaml': ['apiVersion: sluice/v1', 'images:', ...images, ...jobs].join('\n'),
    Dockerfile: 'FROM scratch\nCOPY README.md /\n',
    'README.md': 'hello\n',
  };
}

async function look(stage: Stage, builds: number, seconds: number): Promise<MemoryFigures> {
  // What the bench itself has noted there.
  await stage.worker.call('take');
  const own = await stage.worker.call<{ rss: number; heapUsed: number; external: number }>('memory');
  const used = /used_memory:(\d+)/.exec(await stage.redis.info('memory'))?.[1];
  return {
    builds,
    rss: own.rss,
    heap: own.heapUsed,
    external: own.external,
    redis: Number(used),
    redisKeys: await stage.redis.dbsize(),
    seconds,
  };
}

/** Opens pull requests a few at a time, lets their builds end, and closes them, as days of work would. */
async function build(stage: Stage, started: () => number, from: number, to: number): Promise<void> {
  const pullsAtOnce = 10;
  for (let done = from; done < to; ) {
    const count = Math.min(pullsAtOnce, Math.ceil((to - done) / imagesEach));
    const pulls = await stage.github.call<OpenedPull[]>('openPulls', `m${done}`, timesOf(count), null);
    done += count * imagesEach;
    const hasAll = await waitUntil(() => started() >= done, 120_000);
    if (!hasAll) throw new Error(`${started()} of ${done} builds were started within two minutes`);
    const numbers = pulls.map(({ number }) => number);
    const concluded = await waitUntil(() => stage.github.call<boolean>('allConcluded', pulls), 60_000, 200);
    if (!concluded) throw new Error('check runs were not concluded within a minute');
    await stage.github.call('closePulls', numbers);
  }
  await waitUntil(async () => (await stage.worker.call<number>('quietMs')) > 2_000, 20_000);
}

function timesOf(count: number): number[] {
  return Array.from({ length: count }, () => Date.now());
}

function rowOf(figures: MemoryFigures, first: MemoryFigures): Row {
  const { builds, rss, heap, redis, redisKeys } = figures;
  const each =
    builds === 0
      ? ''
      : `; each build left ${((heap - first.heap) / builds / 1024).toFixed(1)} KB of heap, ${((redis - first.redis) / builds / 1024).toFixed(1)} KB of Redis`;
  return {
    name: `after ${builds} builds`,
    figure: `RSS ${inMegabytes(rss)}, heap ${inMegabytes(heap)}, Redis ${inMegabytes(redis)} (${redisKeys} keys)${each}`,
  };
}

async function run({ quick, progress }: BenchOptions): Promise<Result> {
  progress.say('memory: starting');
  const stage = await startStage({
    executor: { kind: 'fake', runForMs: 100 },
    pace: 'unbounded',
    processes: 'all',
    files: repositoryFiles(),
    holds: () => false,
  });
  try {
    let started = 0;
    stage.worker.on('start', () => {
      started += 1;
    });
    const began = performance.now();
    const all = [await look(stage, 0, 0)];
    for (const goal of quick ? [200, 500] : [1_000, 5_000, 10_000]) {
      progress.say(`memory: ${goal} builds`);
      await build(stage, () => started, all.at(-1)?.builds ?? 0, goal);
      all.push(await look(stage, goal, (performance.now() - began) / 1000));
    }
    const first = all[0];
    return {
      name: 'memory',
      title: `Memory of one Sluice process (${imagesEach} images a pull request, pods pretended, pull requests closed afterwards; garbage collected before each look)`,
      rows: first ? all.map((figures) => rowOf(figures, first)) : [],
      notes: [
        `It took ${all.at(-1)?.seconds.toFixed(0)} s. Redis keeps documents, histories and log of decisions of closed pull requests for 30 days, delivered check runs for 14.`,
      ],
      figures: all,
    };
  } finally {
    await stage.stop();
  }
}

export const memory: Measurement = { name: 'memory', run };

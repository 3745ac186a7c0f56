import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { type WorldKind, worldKinds } from './knobs.ts';
import type { Played, Share, WorldName } from './soak-some.ts';
import { add, describeTally, emptyTally, neverHit, seldomMade } from './tally.ts';

/** From so many worlds on every call must have failed in every way. */
const enough = 1000;
/** Of all kinds, in turn. */
const turns: readonly WorldKind[] = [
  'presubmits',
  'queues',
  'images',
  'queues',
  'images',
  'pushes',
  'nightlies',
  'versions',
  'schedules',
];

const { values } = parseArgs({
  options: {
    worlds: { type: 'string', default: '5000' },
    seed: { type: 'string' },
    // Without it, all kinds are played.
    kind: { type: 'string' },
    threads: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});
const worlds = Number(values.worlds);
const first = Number(values.seed ?? Math.floor(Date.now() / 1000) % 1_000_000_000);
const threads = Math.min(worlds, Number(values.threads ?? Math.min(4, availableParallelism())));
const only = worldKinds.find((kind) => kind === values.kind);
const isWrong = [worlds, first, threads].some((count) => !Number.isSafeInteger(count)) || worlds < 1 || threads < 1;
if (isWrong || (values.kind !== undefined && only === undefined))
  throw new Error(`usage: soak.ts [--worlds N] [--seed S] [--kind ${worldKinds.join('|')}] [--threads T] [--trace]`);

function kindAt(seed: number): WorldKind {
  return only ?? (turns[seed % turns.length] as WorldKind);
}

function progress(done: number, began: number): void {
  if (!process.stderr.isTTY) return;
  const rate = done / ((performance.now() - began) / 1000);
  process.stderr.write(`\r${done} of ${worlds} worlds, ${rate.toFixed(1)} worlds/s `);
  if (done === worlds) process.stderr.write('\n');
}

/** Plays a share in a thread of its own; resolves when it is done or was ended. */
function playShare(share: Share, onPlayed: (played: Played, worker: Worker) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(join(import.meta.dirname, 'soak-some.ts'), { workerData: share });
    worker.on('message', (played: Played) => onPlayed(played, worker));
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
}

async function soak(): Promise<boolean> {
  const tally = emptyTally();
  const began = performance.now();
  const names = Array.from({ length: worlds }, (_, index): WorldName => {
    return { seed: first + index, kind: kindAt(first + index) };
  });
  console.log(`seeds ${first} to ${first + worlds - 1}`);
  const running = new Set<Worker>();
  let story: string | null = null;
  const onPlayed = (played: Played, worker: Worker): void => {
    running.add(worker);
    add(tally, played);
    if (values.trace) console.log(played.trace.join('\n'));
    if (tally.worlds % 20 === 0 || tally.worlds === worlds) progress(tally.worlds, began);
    if (played.story === null) return;
    story ??= played.story;
    for (const each of running) void each.terminate();
  };
  const shares = Array.from({ length: threads }, (_, index) => names.filter((_name, at) => at % threads === index));
  await Promise.all(shares.map((share) => playShare({ worlds: share, traced: values.trace }, onPlayed)));
  if (story !== null) {
    console.log(story);
    return false;
  }
  console.log(describeTally(tally, (performance.now() - began) / 1000).join('\n'));
  const missed = worlds >= enough ? neverHit(tally) : [];
  for (const each of worlds >= enough ? seldomMade(tally) : [])
    console.log(`made too seldom to be hit in every way: ${each}`);
  for (const each of missed) console.log(`never hit: ${each}`);
  return missed.length === 0;
}

process.exitCode = (await soak()) ? 0 : 1;

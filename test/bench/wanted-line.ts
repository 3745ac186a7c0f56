import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDocumentStore } from '../../src/adapters/redis/document-store.ts';
import { closeRedis, openRedis } from '../../src/adapters/redis/open-redis.ts';
import { createWantedLine } from '../../src/adapters/redis/wanted-line.ts';
import { orderLine, pickStarts } from '../../src/core/line/order-line.ts';
import type { BuildId } from '../../src/model/build.ts';
import type { LineEntry, LineLimits } from '../../src/model/line.ts';
import { type SubjectId, subjectIdOf } from '../../src/model/subject.ts';
import type { DocumentStore, WantedLine } from '../../src/ports/store.ts';
import { endLater } from './endings.ts';
import type { BenchOptions, Measurement } from './measurement.ts';
import { type Spread, spreadOf } from './percentiles.ts';
import { inMs, type Result, type Row } from './result.ts';
import { startBenchRedis } from './stage.ts';

const pool = 'default';
const limits: LineLimits = { pool: 50, perRepository: 20, perAuthor: 10 };

interface LineFigures {
  readonly waiting: number;
  readonly readMs: Spread;
  readonly orderMs: Spread;
  readonly grantMs: Spread;
  readonly joinMs: Spread;
  readonly grantsPerSecond: number;
  /** Builds that got their slot at another place than the order says. */
  readonly outOfOrder: number;
  readonly granted: number;
}

interface Ports {
  readonly documents: DocumentStore;
  readonly line: WantedLine;
}

function entryOf(index: number): LineEntry {
  return {
    build: `b-build-${index}-${index.toString(16).padStart(24, '0')}` as BuildId,
    subject: subjectIdOf({ kind: 'presubmit', repository: 1 + (index % 10), number: index + 1 }),
    pool,
    priority: index % 17 === 0 ? 0 : 1,
    // Many at the same moment, and not in the order in which they are written.
    since: 1_000_000 + ((index * 7919) % 1000) * 1000,
    repository: 1 + (index % 10),
    author: 1 + (index % 25),
    state: 'waiting',
  };
}

async function save(documents: DocumentStore, subject: SubjectId, line: readonly LineEntry[], expected: number) {
  const index = { line, wakeAt: null, settled: line.length === 0 };
  const saved = await documents.save({ subject, expected, document: {}, index, decision: null, taken: [] });
  if (saved === 'conflict') throw new Error(`the document of ${subject} is not at version ${expected}`);
}

async function timed<T>(times: number[], work: () => T | Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  times.push(performance.now() - began);
  return result;
}

/** Grants all free slots, ends what got one, and so on until nobody waits; the order is compared with a line in memory. */
async function drain({ documents, line }: Ports, all: readonly LineEntry[]) {
  const times = { read: [] as number[], order: [] as number[], grant: [] as number[] };
  const model = new Map(all.map((entry) => [entry.build, entry]));
  let granted = 0;
  let outOfOrder = 0;
  while (model.size > 0) {
    const { version, entries } = await timed(times.read, () => line.read(pool));
    const picked = await timed(times.order, () => pickStarts(entries, limits));
    const outcome = await timed(times.grant, () => line.grant(pool, version, picked));
    if (outcome !== 'granted' || picked.length === 0) throw new Error(`nothing granted with ${model.size} waiting`);
    const expected = pickStarts([...model.values()], limits);
    outOfOrder += expected.filter((build, index) => picked[index] !== build).length;
    granted += picked.length;
    await Promise.all(
      picked.map(async (build) => {
        const entry = model.get(build);
        if (entry) await save(documents, entry.subject, [], 1);
        model.delete(build);
      }),
    );
  }
  return { times, granted, outOfOrder };
}

async function measureLine(ports: Ports, waiting: number): Promise<LineFigures> {
  const all = Array.from({ length: waiting }, (_, index) => entryOf(index));
  const join_: number[] = [];
  for (let at = 0; at < all.length; at += 50) {
    const some = all.slice(at, at + 50);
    await Promise.all(some.map((entry) => timed(join_, () => save(ports.documents, entry.subject, [entry], 0))));
  }
  const began = performance.now();
  const { times, granted, outOfOrder } = await drain(ports, all);
  const seconds = (performance.now() - began) / 1000;
  return {
    waiting,
    readMs: spreadOf(times.read),
    orderMs: spreadOf(times.order),
    grantMs: spreadOf(times.grant),
    joinMs: spreadOf(join_),
    grantsPerSecond: granted / seconds,
    outOfOrder,
    granted,
  };
}

function rowOf(figures: LineFigures): Row {
  const { waiting, readMs, orderMs, grantMs, grantsPerSecond, outOfOrder, granted } = figures;
  const order = outOfOrder === 0 ? 'all in order' : `${outOfOrder} OUT OF ORDER`;
  const turn = [
    { name: 'reading the line', p50: readMs.p50 },
    { name: 'ordering it', p50: orderMs.p50 },
    { name: 'the durable grant', p50: grantMs.p50 },
  ].sort((a, b) => b.p50 - a.p50);
  return {
    name: `${waiting} builds wait`,
    figure: `${granted} granted, ${order}, ${grantsPerSecond.toFixed(0)}/s; a turn: read ${inMs(readMs.p50)} (worst ${inMs(readMs.max)}), order ${inMs(orderMs.p50)} (${inMs(orderMs.max)}), grant ${inMs(grantMs.p50)} (${inMs(grantMs.max)})`,
    limit: `${turn[0]?.name} (${inMs(turn[0]?.p50 ?? Number.NaN)}), then ${turn[1]?.name} (${inMs(turn[1]?.p50 ?? Number.NaN)})`,
  };
}

async function run({ progress }: BenchOptions): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const server = await startBenchRedis(join(folder, 'redis'));
  const silent = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };
  const redis = openRedis(server.address, silent);
  const stop = endLater(async () => {
    await closeRedis(redis);
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  try {
    const all: LineFigures[] = [];
    for (const waiting of [500, 5_000]) {
      progress.say(`wanted line: ${waiting} builds wait`);
      await redis.flushall();
      // Once for nothing, so that the first turn does not pay for compiling.
      orderLine(Array.from({ length: 100 }, (_, index) => entryOf(index)));
      all.push(await measureLine({ documents: createDocumentStore(redis), line: createWantedLine(redis) }, waiting));
    }
    return {
      name: 'wanted-line',
      title: `Wanted line (one pool of ${limits.pool} slots, at most ${limits.perRepository} per repository and ${limits.perAuthor} per author, 10 repositories, 25 authors; every write on disk)`,
      rows: all.map(rowOf),
      notes: all.map(
        ({ waiting, joinMs }) =>
          `${waiting}: joining the line, 50 at a time: p50 ${inMs(joinMs.p50)}, p95 ${inMs(joinMs.p95)}`,
      ),
      figures: all,
    };
  } finally {
    await stop();
  }
}

export const wantedLine: Measurement = { name: 'wanted-line', run };

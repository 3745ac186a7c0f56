import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createDocumentStore } from './adapters/redis/document-store.ts';
import { closeRedis, openRedis } from './adapters/redis/open-redis.ts';
import { createWantedLine } from './adapters/redis/wanted-line.ts';
import type { BuildLine } from './cli/deps.ts';
import { cliError } from './cli/exit-codes.ts';
import { orderLine } from './core/line/order-line.ts';
import type { Machine } from './machine.ts';
import type { Build, BuildId } from './model/build.ts';
import type { JobRecord, PresubmitRecord } from './model/presubmit.ts';
import { fullName } from './model/project.ts';
import type { Log } from './ports/log.ts';
import type { DocumentStore, WantedLine } from './ports/store.ts';
import { privateRedisIn, withoutPassword } from './serve-redis.ts';

/** What `sluice serve` takes where nothing is named. */
const usualData = '.sluice';

const silent: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

async function placesIn(line: WantedLine): Promise<ReadonlyMap<BuildId, number>> {
  const places = new Map<BuildId, number>();
  for (const pool of await line.pools()) {
    const { entries } = await line.read(pool);
    for (const [index, entry] of orderLine(entries).entries()) places.set(entry.build, index);
  }
  return places;
}

function stateOf(build: Build, ahead: number): BuildLine['state'] {
  const { state } = build;
  if (state.phase === 'finished') return { kind: 'ended', result: state.result, at: state.finishedAt };
  if (state.phase === 'wanted') return { kind: 'waiting', ahead, since: state.since };
  return { kind: 'running', since: state.phase === 'stopping' ? (state.startedAt ?? state.since) : state.since };
}

function reasonOf(job: JobRecord, build: Build, retired: string | null): string {
  if (build.state.phase === 'finished' || build.state.phase === 'stopping') return build.state.because;
  return retired ?? job.because;
}

function linesOf(record: PresubmitRecord, places: ReadonlyMap<BuildId, number>): BuildLine[] {
  const present = (record.change?.jobs ?? []).map((job) => ({ job, retired: null }));
  const retired = record.retired.map(({ job, because }) => ({ job, retired: because }));
  return [...present, ...retired].flatMap(({ job, retired: because }) =>
    ('builds' in job.status ? job.status.builds : []).map((build) => ({
      build: build.id,
      change: `${fullName(record.project)}#${record.number}`,
      job: job.job,
      state: stateOf(build, places.get(build.id) ?? 0),
      because: reasonOf(job, build, because),
    })),
  );
}

const order = ['running', 'waiting', 'ended'] as const;

function timeOf({ state }: BuildLine): number {
  return state.kind === 'ended' ? -state.at : state.since;
}

async function readLines(documents: DocumentStore, line: WantedLine): Promise<readonly BuildLine[]> {
  const places = await placesIn(line);
  const lines: BuildLine[] = [];
  for (const subject of await documents.subjects()) {
    const { document } = await documents.load(subject);
    const known = typeof document === 'object' && document !== null && 'schema' in document && document.schema === 1;
    if (known) lines.push(...linesOf(document as PresubmitRecord, places));
  }
  return lines.sort((a, b) => order.indexOf(a.state.kind) - order.indexOf(b.state.kind) || timeOf(a) - timeOf(b));
}

function addressFor(machine: Machine): string {
  if (machine.redisUrl !== null) return machine.redisUrl;
  const { socket } = privateRedisIn(resolve(usualData));
  if (existsSync(socket)) return socket;
  throw cliError(
    'unreachable',
    `no server's Redis is known: REDIS_URL is not set, and no "sluice serve" keeps one here (${socket})`,
  );
}

/** What is being built, then what waits, then, with `all`, what ended, newest first. Throws `unreachable` without Redis. */
export async function listBuilds(all: boolean, machine: Machine): Promise<readonly BuildLine[]> {
  const address = addressFor(machine);
  const redis = openRedis(address, silent);
  try {
    const lines = await readLines(createDocumentStore(redis), createWantedLine(redis));
    return lines.filter((line) => all || line.state.kind !== 'ended');
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw cliError('unreachable', `Redis at ${withoutPassword(address)} gives no answer: ${words}`, cause);
  } finally {
    await closeRedis(redis);
  }
}

import type { Redis } from 'ioredis';
import type { ForgeEvent } from '../../model/forge-event.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { Decision, DocumentStore, SaveRequest, StoredDocument } from '../../ports/store.ts';
import type { Keys } from './keys.ts';
import { keysFor } from './keys.ts';
import { lineValue } from './line-value.ts';
import { saveScript } from './save-script.ts';
import { defineScript, texts } from './script.ts';

export interface DocumentStoreOptions {
  /** How long a settled document and its history are kept, in ms. */
  readonly retentionMs: number;
  /** Decisions kept per subject. */
  readonly decisions: number;
}

const usual: DocumentStoreOptions = { retentionMs: 30 * 24 * 3_600_000, decisions: 200 };

const currentSubjects = defineScript(`
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. redis.call('TIME')[1] .. '000', '+inf')
`);

/** One versioned JSON document per subject, saved with all that is derived from it by one script (design.md §5). */
export function createDocumentStore(
  redis: Redis,
  prefix?: string,
  options: Partial<DocumentStoreOptions> = {},
): DocumentStore {
  const key = keysFor(prefix);
  const limits = { ...usual, ...options };
  return {
    load: (subject) => load(redis, key, subject),
    save: (request) => save(redis, key, limits, request),
    inbox: (subject) => inbox(redis, key, subject),
    due: (now) => due(redis, key, now),
    subjects: async () => texts(await currentSubjects(redis, [key('subjects')], [])) as SubjectId[],
    hearers: async (topic) => (await redis.smembers(key('hearers', topic))) as SubjectId[],
    history: (subject, count) => history(redis, key, subject, count),
  };
}

async function load(redis: Redis, key: Keys, subject: SubjectId): Promise<StoredDocument> {
  const [version, document] = await redis.hmget(key('document', subject), 'version', 'document');
  if (version == null || document == null) return { version: 0, document: null };
  return { version: Number(version), document: parse(document, `the document of ${subject}`) };
}

async function save(
  redis: Redis,
  key: Keys,
  limits: DocumentStoreOptions,
  request: SaveRequest,
): Promise<'saved' | 'conflict'> {
  const { subject, index } = request;
  const line = index.line.flatMap((entry) => [entry.build, entry.pool, entry.state, lineValue({ ...entry, subject })]);
  const keys = [
    key('document', subject),
    key('subjects'),
    key('wake'),
    key('inboxes'),
    key('inbox', subject),
    key('history', subject),
    key('lineOf', subject),
    key('pools'),
    key('lineVersions'),
    key('topicsOf', subject),
  ];
  const reply = await saveScript(redis, keys, [
    subject,
    request.expected,
    JSON.stringify(request.document),
    index.wakeAt ?? '',
    index.settled ? '1' : '0',
    limits.retentionMs,
    request.decision === null ? '' : JSON.stringify(request.decision),
    limits.decisions,
    key('line', ''),
    key('lineChanges', ''),
    request.line?.pool ?? '',
    request.line?.version ?? '',
    key('hearers', ''),
    request.taken.length,
    ...request.taken,
    index.topics?.length ?? 0,
    ...(index.topics ?? []),
    index.line.length,
    ...line,
  ]);
  return reply === 1 ? 'saved' : 'conflict';
}

async function inbox(redis: Redis, key: Keys, subject: SubjectId): Promise<readonly ForgeEvent[]> {
  const values = await redis.hvals(key('inbox', subject));
  const events = values.map((value) => parse(value, `an event of ${subject}`) as ForgeEvent);
  return events.sort((a, b) => a.receivedAt - b.receivedAt || (a.delivery < b.delivery ? -1 : 1));
}

async function due(redis: Redis, key: Keys, now: number): Promise<readonly SubjectId[]> {
  const [woken, written] = await Promise.all([
    redis.zrangebyscore(key('wake'), '-inf', now),
    redis.smembers(key('inboxes')),
  ]);
  return [...new Set([...written, ...woken])] as SubjectId[];
}

async function history(redis: Redis, key: Keys, subject: SubjectId, count: number): Promise<readonly Decision[]> {
  const entries = await redis.xrevrange(key('history', subject), '+', '-', 'COUNT', count);
  return entries.reverse().map(([, fields]) => parse(fields[1] ?? '', `the history of ${subject}`) as Decision);
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${what} in Redis is not JSON: ${text.slice(0, 80)}`, { cause });
  }
}

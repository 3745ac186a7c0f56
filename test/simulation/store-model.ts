import type { ForgeEvent } from '../../src/model/forge-event.ts';
import type { LineEntry } from '../../src/model/line.ts';
import type { SubjectId } from '../../src/model/subject.ts';
import type { Topic } from '../../src/model/topic.ts';
import type { DocumentStore, Notes, SaveRequest, StoredDocument, WantedLine } from '../../src/ports/store.ts';
import type { Keyspace } from './keyspace.ts';

/** The scripts of the store, each whole and at once; like those of Redis they know nothing of who calls. */
export interface StoreScripts {
  readonly load: (...args: Parameters<DocumentStore['load']>) => StoredDocument;
  readonly save: (request: SaveRequest) => 'saved' | 'conflict';
  readonly inbox: (subject: SubjectId) => readonly ForgeEvent[];
  readonly due: (now: number) => readonly SubjectId[];
  readonly subjects: () => readonly SubjectId[];
  readonly hearers: (topic: Topic) => readonly SubjectId[];
  readonly history: (subject: SubjectId, count: number) => Awaited<ReturnType<DocumentStore['history']>>;
  readonly readLine: (pool: string) => Awaited<ReturnType<WantedLine['read']>>;
  readonly grant: (...call: Parameters<WantedLine['grant']>) => Awaited<ReturnType<WantedLine['grant']>>;
  readonly pools: () => readonly string[];
  readonly readNote: (name: string) => string | null;
  readonly life: () => string;
  readonly writeNote: (name: string, value: string) => void;
  readonly lease: (name: string, holder: string, milliseconds: number) => boolean;
}

interface Stored {
  readonly version: number;
  readonly body: string;
  readonly endsAt: number;
}

type Line = Readonly<Record<string, LineEntry>>;

const retentionMs = 30 * 24 * 3_600_000;
const decisions = 200;

function sameEntry(a: LineEntry | undefined, b: LineEntry): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

/** The next version of a pool's line. Starts at the time, so that none comes twice, not even after a loss. */
function touch(data: Keyspace, pool: string, line: Line, now: number): void {
  const empty = Object.keys(line).length === 0;
  data.set(`line:${pool}`, empty ? undefined : line);
  const version = data.get<number>(`line-version:${pool}`);
  data.set(`line-version:${pool}`, version === undefined ? now * 1000 : version + 1);
}

/** Replaces a subject's entries in all lines. */
function putLine(data: Keyspace, request: SaveRequest, now: number): void {
  const { subject, index } = request;
  const before = data.get<Readonly<Record<string, string>>>(`line-of:${subject}`) ?? {};
  const lines = new Map<string, Record<string, LineEntry>>();
  const changed = new Set<string>();
  const lineOf = (pool: string): Record<string, LineEntry> => {
    const line = lines.get(pool) ?? { ...data.get<Line>(`line:${pool}`) };
    lines.set(pool, line);
    return line;
  };
  const poolOf: Record<string, string> = {};
  for (const entry of index.line) {
    const line = lineOf(entry.pool);
    const old = line[entry.build];
    const state = old?.state === 'granted' && entry.state === 'waiting' ? 'granted' : entry.state;
    const next: LineEntry = { ...entry, subject, state };
    if (!sameEntry(old, next)) changed.add(entry.pool);
    line[entry.build] = next;
    poolOf[entry.build] = entry.pool;
  }
  for (const [build, pool] of Object.entries(before)) {
    const line = lineOf(pool);
    if (poolOf[build] === pool || line[build] === undefined) continue;
    delete line[build];
    changed.add(pool);
  }
  data.set(`line-of:${subject}`, Object.keys(poolOf).length === 0 ? undefined : poolOf);
  for (const pool of changed) touch(data, pool, lineOf(pool), now);
}

function save(data: Keyspace, request: SaveRequest, now: number): 'saved' | 'conflict' {
  const { subject, expected, document, index, decision, taken } = request;
  const stored = data.get<Stored>(`doc:${subject}`);
  if ((stored?.version ?? 0) !== expected) return 'conflict';
  const seen = request.line;
  if (seen && (data.get<number>(`line-version:${seen.pool}`) ?? 0) !== seen.version) return 'conflict';
  const endsAt = index.settled ? now + retentionMs : Number.POSITIVE_INFINITY;
  data.set(`doc:${subject}`, { version: expected + 1, body: JSON.stringify(document), endsAt });
  data.set(`wake:${subject}`, index.wakeAt ?? undefined);
  const history = data.get<readonly unknown[]>(`history:${subject}`) ?? [];
  if (decision) data.set(`history:${subject}`, [...history, decision].slice(-decisions));
  const inbox = { ...data.get<Readonly<Record<string, ForgeEvent>>>(`inbox:${subject}`) };
  for (const delivery of taken) delete inbox[delivery];
  data.set(`inbox:${subject}`, Object.keys(inbox).length === 0 ? undefined : inbox);
  data.set(`topics:${subject}`, index.topics?.length ? index.topics : undefined);
  putLine(data, request, now);
  return 'saved';
}

function inboxOf(data: Keyspace, subject: SubjectId): readonly ForgeEvent[] {
  const events = Object.values(data.get<Readonly<Record<string, ForgeEvent>>>(`inbox:${subject}`) ?? {});
  return events.sort((a, b) => a.receivedAt - b.receivedAt || (a.delivery < b.delivery ? -1 : 1));
}

function grant(
  data: Keyspace,
  now: number,
  [pool, version, builds, beside = []]: Parameters<WantedLine['grant']>,
): 'granted' | 'changed' {
  for (const seen of [{ pool, version }, ...beside])
    if ((data.get<number>(`line-version:${seen.pool}`) ?? 0) !== seen.version) return 'changed';
  const line = { ...data.get<Line>(`line:${pool}`) };
  for (const build of builds) {
    const entry = line[build];
    if (entry?.state !== 'waiting') return 'changed';
    line[build] = { ...entry, state: 'granted' };
  }
  if (builds.length > 0) touch(data, pool, line, now);
  return 'granted';
}

function lease(data: Keyspace, name: string, holder: string, until: number, now: number): boolean {
  const held = data.get<{ readonly holder: string; readonly until: number }>(`lease:${name}`);
  if (held && held.holder !== holder && held.until > now) return false;
  data.set(`lease:${name}`, { holder, until });
  return true;
}

function after(prefix: string, keys: readonly string[]): SubjectId[] {
  return keys.map((key) => key.slice(prefix.length) as SubjectId);
}

/** What the scripts of `src/adapters/redis` do, on a keyspace. */
export function createStoreScripts(data: Keyspace, now: () => number, life: () => number = () => 0): StoreScripts {
  const isKept = (subject: SubjectId): boolean => (data.get<Stored>(`doc:${subject}`)?.endsAt ?? 0) > now();
  return {
    load(subject) {
      const stored = data.get<Stored>(`doc:${subject}`);
      return stored && isKept(subject)
        ? { version: stored.version, document: JSON.parse(stored.body) }
        : { version: 0, document: null };
    },
    save: (request) => save(data, request, now()),
    inbox: (subject) => inboxOf(data, subject),
    due(until) {
      const woken = after('wake:', data.keys('wake:')).filter(
        (subject) => (data.get<number>(`wake:${subject}`) ?? Number.POSITIVE_INFINITY) <= until,
      );
      return [...new Set([...after('inbox:', data.keys('inbox:')), ...woken])];
    },
    subjects: () => after('doc:', data.keys('doc:')).filter(isKept),
    hearers: (topic) =>
      after('topics:', data.keys('topics:')).filter((subject) =>
        data.get<readonly string[]>(`topics:${subject}`)?.includes(topic),
      ),
    history: (subject, count) =>
      (data.get<Awaited<ReturnType<DocumentStore['history']>>>(`history:${subject}`) ?? []).slice(-count),
    readLine: (pool) => ({
      version: data.get<number>(`line-version:${pool}`) ?? 0,
      entries: Object.values(data.get<Line>(`line:${pool}`) ?? {}),
    }),
    grant: (...call) => grant(data, now(), call),
    pools: () => data.keys('line:').map((key) => key.slice(5)),
    readNote: (name) => data.get<string>(`note:${name}`) ?? null,
    life: () => String(life()),
    writeNote: (name, value) => data.set(`note:${name}`, value),
    lease: (name, holder, milliseconds) => lease(data, name, holder, now() + milliseconds, now()),
  };
}

/** The ports over the scripts; `run` carries each call there and back. */
export function storePorts(
  scripts: StoreScripts,
  run: <T>(where: string, kind: 'read' | 'write', script: () => T) => Promise<T>,
): { documents: DocumentStore; line: WantedLine; notes: Notes } {
  return {
    documents: {
      load: (subject) => run('documents.load', 'read', () => scripts.load(subject)),
      save: (request) => run('documents.save', 'write', () => scripts.save(request)),
      inbox: (subject) => run('documents.inbox', 'read', () => scripts.inbox(subject)),
      due: (now) => run('documents.due', 'read', () => scripts.due(now)),
      subjects: () => run('documents.subjects', 'read', scripts.subjects),
      hearers: (topic) => run('documents.hearers', 'read', () => scripts.hearers(topic)),
      history: (subject, count) => run('documents.history', 'read', () => scripts.history(subject, count)),
    },
    line: {
      read: (pool) => run('line.read', 'read', () => scripts.readLine(pool)),
      grant: (...call) => run('line.grant', 'write', () => scripts.grant(...call)),
      pools: () => run('line.pools', 'read', scripts.pools),
    },
    notes: {
      read: (name) => run('notes.read', 'read', () => scripts.readNote(name)),
      write: (name, value) => run('notes.write', 'write', () => scripts.writeNote(name, value)),
      life: () => run('notes.life', 'read', scripts.life),
      lease: (name, holder, milliseconds) =>
        run('notes.lease', 'write', () => scripts.lease(name, holder, milliseconds)),
    },
  };
}

import { expect, it } from 'vitest';
import type { AppContext } from '../../src/app/context.ts';
import { createDispatcher } from '../../src/app/dispatch.ts';
import type { BuildId } from '../../src/model/build.ts';
import type { LineEntry } from '../../src/model/line.ts';
import type { RunnerPool, RunnerWish } from '../../src/model/runner-pool.ts';
import type { SubjectId } from '../../src/model/subject.ts';
import type { TrustClass } from '../../src/model/trust.ts';

const subject = (number: number) => `presubmit/1/${number}` as SubjectId;

function waiting(build: string, since: number, over: Partial<LineEntry> = {}): LineEntry {
  const place = { subject: subject(since), pool: 'default', priority: 100, repository: 1, author: since };
  return { build: build as BuildId, ...place, since, state: 'waiting', ...over };
}

/** A pool of one slot, with the line that a test gives and the last word of a canary. */
function createPool(entries: readonly LineEntry[], isolation: object | null, away: readonly TrustClass[] = []) {
  const granted: BuildId[] = [];
  const woken: SubjectId[] = [];
  const notes: Readonly<Record<string, string | null>> = {
    line: 'whole',
    isolation: isolation === null ? null : JSON.stringify({ schema: 1, ...isolation }),
  };
  const context = {
    ports: {
      line: {
        read: async () => ({ version: 1, entries }),
        async grant(_: string, __: number, builds: readonly BuildId[]) {
          granted.push(...builds);
          return 'granted';
        },
      },
      notes: { read: async (name: string) => notes[name] ?? null },
      clock: { now: () => 1_000_000 },
      signals: { wake: async (id: SubjectId) => void woken.push(id) },
      log: { info: () => undefined, warn: () => undefined },
      executor: { ...(away.length === 0 ? {} : { listSeen: () => undefined }) },
    },
    pods: { seen: async () => ({ whyUnseen: ({ trust }: RunnerWish) => (away.includes(trust) ? 'a pool' : null) }) },
    settings: {
      limits: { pool: 1, perRepository: 1, perAuthor: 1 },
      isolation: { kind: 'proved', place: 'namespace builds', targets: [], accepted: [], control: { name: 'control' } },
    },
  } as unknown as AppContext;
  return { granted, woken, context, serve: () => createDispatcher(context).serve('default', subject(9)) };
}

const stranger = waiting('b-stranger', 1, { trust: 'untrusted' });
const approved = waiting('b-approved', 2);

it('while no canary has passed, the slot goes past code that nobody approved to what is approved (A19)', async () => {
  const pool = createPool([stranger, approved], null);
  await pool.serve();
  expect(pool.granted).toEqual(['b-approved']);
  expect(pool.woken).toEqual([subject(2)]);
});

it('while no canary has passed, code that nobody approved gets no slot though all are free (A19)', async () => {
  const pool = createPool([stranger], null);
  expect([...(await pool.serve())]).toEqual([]);
  expect(pool.granted).toEqual([]);
});

it.each<[readonly TrustClass[], string]>([
  [[], 'b-approved'],
  [['approved'], 'b-landed'],
  [['untrusted'], 'b-approved'],
])('while the pool of %j is away, what waits for it takes no slot from the others: %s', async (away, expected) => {
  const line = [waiting('b-approved', 1, { trust: 'approved' }), waiting('b-landed', 2, { trust: 'trusted' })];
  const pool = createPool(line, null, away);
  await pool.serve();
  expect(pool.granted).toEqual([expected]);
});

it('a place of limited size that builds of several lines share is given to no more, and what comes free goes to whichever waits', async () => {
  const runners = [{ name: 'ours', trust: ['approved'], architectures: null, byName: false, atOnce: 1 }];
  const at = (build: string, pool: string, state: LineEntry['state']) =>
    waiting(build, 1, { pool, state, trust: 'approved' });
  const lines: Record<string, readonly LineEntry[]> = {
    big: [at('b-holds', 'big', 'active')],
    default: [at('b-1', 'default', 'waiting')],
    small: [at('b-2', 'small', 'waiting')],
  };
  const pool = createPool([], null);
  const { context } = pool;
  const asked: unknown[] = [];
  Object.assign(context.settings.limits, {
    pool: 5,
    perRepository: 5,
    perAuthor: 5,
    runners: runners as unknown as RunnerPool[],
  });
  Object.assign(context.ports.line, {
    read: async (name: string) => ({ version: 1, entries: lines[name] ?? [] }),
    pools: async () => Object.keys(lines),
    grant: async (name: string, _: number, builds: readonly string[], beside: readonly { pool: string }[]) => {
      asked.push([name, builds, beside.map((other) => other.pool)]);
      lines[name] = (lines[name] ?? []).map((entry) => ({ ...entry, state: 'granted' }));
      return 'granted';
    },
  });
  await pool.serve();
  expect(asked).toEqual([]);
  lines.big = [];
  await createDispatcher(context).serve('big', subject(9));
  expect(asked).toEqual([['default', ['b-1'], ['big', 'small']]]);
  expect(pool.woken).toEqual([subject(1)]);
});

import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AppContext } from '../../src/app/context.ts';
import { isolationNow, isUntrustedOff } from '../../src/app/isolation/isolation-note.ts';
import { createIsolationTurn } from '../../src/app/isolation/prove-isolation.ts';
import { loadJobLibrary } from '../../src/config/job-library.ts';
import { renderPod } from '../../src/core/pod/render-pod.ts';
import type { BuildId } from '../../src/model/build.ts';
import type { IsolationNote, ProvedIsolation } from '../../src/model/isolation.ts';
import { uncounted } from '../../src/ports/metrics.ts';
import { pool } from '../core/pod/order-fixture.ts';
import { createFakeExecutor } from '../fakes/executor.ts';

const library = await loadJobLibrary(resolve(import.meta.dirname, '../../jobs'));
const hour = 3_600_000;

const settings: ProvedIsolation = {
  kind: 'proved',
  place: 'namespace builds',
  targets: [
    { name: 'pod', kind: 'pod' },
    { name: 'api', kind: 'connect', host: '10.0.0.1', port: 443 },
  ],
  accepted: [],
  control: { name: 'control', kind: 'connect', host: 'github.com', port: 443 },
};

interface Seen {
  readonly pod?: string;
  readonly api?: string;
  readonly control?: string;
}

/** A cluster whose canaries see what a test says, and the notes that workers share. */
function createCluster(isolation: ProvedIsolation | undefined = settings) {
  let now = 1_000_000;
  const pass = (milliseconds: number): void => {
    now += milliseconds;
  };
  const fake = createFakeExecutor(() => now);
  const notes = new Map<string, string>();
  const leases = new Map<string, { holder: string; until: number }>();
  const judged: (readonly [string, number | null])[] = [];
  const logged: string[] = [];
  const seen: { now: Seen } = { now: {} };
  const listener = { message: JSON.stringify({ reachesItself: true, visitors: 0 }) };

  function endCanary(): void {
    const { pod = 'refused', api = 'no-answer', control = 'reached' } = seen.now;
    const each = (name: string, outcome: string) => ({ name, outcome, detail: 'ETEST' });
    const message = JSON.stringify({
      control: each('control', control),
      targets: [each('pod', pod), each('api', api)],
    });
    fake.always('canary', { exitCode: 0, message });
  }

  const executor: typeof fake = {
    ...fake,
    async observe(build: BuildId) {
      const pod = await fake.observe(build);
      return pod === null ? null : { ...pod, address: '10.0.0.9' };
    },
    async stop(build: BuildId) {
      fake.finish(build, { exitCode: 143, message: listener.message });
    },
  };
  const ports = {
    executor,
    clock: { now: () => now, sleep: async (milliseconds: number) => pass(milliseconds) },
    notes: {
      read: async (name: string) => notes.get(name) ?? null,
      write: async (name: string, value: string) => void notes.set(name, value),
      async lease(name: string, holder: string, milliseconds: number) {
        const held = leases.get(name);
        if (held !== undefined && held.until > now && held.holder !== holder) return false;
        leases.set(name, { holder, until: now + milliseconds });
        return true;
      },
    },
    metrics: { ...uncounted, isolationJudged: (verdict: string, at: number | null) => void judged.push([verdict, at]) },
    log: {
      debug: () => undefined,
      info: (_: object, message: string) => void logged.push(message),
      warn: (_: object, message: string) => void logged.push(message),
      error: (_: object, message: string) => void logged.push(message),
    },
  };
  const contextOf = (worker: string, changes: Partial<ProvedIsolation> = {}) =>
    ({
      ports,
      settings: {
        worker,
        ...(isolation === undefined ? {} : { isolation: { ...isolation, ...changes } }),
        renderPod: (order: Parameters<typeof renderPod>[0]) => renderPod(order, pool, library),
      },
    }) as unknown as AppContext;
  return {
    seen,
    listener,
    judged,
    logged,
    fake,
    contextOf,
    leases,
    pass,
    note: (): IsolationNote => JSON.parse(notes.get('isolation') ?? 'null'),
    /** One look of a worker, as its loop makes it. */
    look(turn: () => Promise<void>) {
      endCanary();
      return turn();
    },
    turn: (worker = 'one', changes: Partial<ProvedIsolation> = {}) =>
      createIsolationTurn(contextOf(worker, changes), new AbortController().signal),
    standing: (changes: Partial<ProvedIsolation> = {}) => isolationNow(contextOf('one', changes)),
  };
}

/** How many pods of canaries were started. */
const sent = (cluster: ReturnType<typeof createCluster>): number =>
  cluster.fake.manifests.filter(({ metadata }) => metadata.annotations['sluice.dev/job'] === 'canary').length;

describe('the turn that proves isolation', () => {
  it('sends a pod that listens and one that tries it, and removes both', async () => {
    const cluster = createCluster();
    expect(await isUntrustedOff(cluster.contextOf('one'))).toBe(true);
    await cluster.look(cluster.turn());
    const inputs = cluster.fake.manifests.map(({ spec }) => JSON.parse(spec.containers[0]?.env[0]?.value ?? '{}'));
    expect(inputs).toMatchObject([
      { listens: true, listen: 8099 },
      { listens: false, control: settings.control },
    ]);
    expect(inputs[1].targets).toContainEqual({ name: 'pod', kind: 'connect', host: '10.0.0.9', port: 8099 });
    expect(await cluster.fake.list()).toEqual([]);
    expect(await cluster.standing()).toEqual({ kind: 'open', said: null });
    expect(cluster.judged.at(-1)).toEqual(['passed', 1_000_000]);
    expect(cluster.logged).toEqual(['isolation proved']);
  });

  it('is made at each start and daily, and by one worker at a time', async () => {
    const cluster = createCluster();
    const [one, other] = [cluster.turn('one'), cluster.turn('other')];
    await cluster.look(one);
    await cluster.look(other);
    await cluster.look(one);
    expect(sent(cluster)).toBe(1);
    cluster.pass(23 * hour);
    await cluster.look(one);
    expect(sent(cluster)).toBe(1);
    await cluster.look(cluster.turn('restarted'));
    expect(sent(cluster)).toBe(2);
    cluster.pass(24 * hour);
    cluster.leases.set('isolation', { holder: 'somebody', until: Number.MAX_SAFE_INTEGER });
    await cluster.look(one);
    expect(sent(cluster)).toBe(2);
    cluster.leases.clear();
    await cluster.look(one);
    expect(sent(cluster)).toBe(3);
  });

  it('holds back what nobody approved as soon as something is reached, and is tried again until it is repaired', async () => {
    const cluster = createCluster();
    const turn = cluster.turn();
    await cluster.look(turn);
    cluster.pass(24 * hour);
    cluster.seen.now = { api: 'reached' };
    await cluster.look(turn);
    expect(await cluster.standing()).toMatchObject({ kind: 'held', because: expect.stringContaining('`api`') });
    expect(cluster.logged.at(-1)).toMatch(/not proved/);
    expect(await cluster.standing({ accepted: ['api'] })).toMatchObject({ said: expect.stringContaining('`api`') });
    cluster.seen.now = {};
    await cluster.look(turn);
    expect((await cluster.standing())?.kind).toBe('held');
    cluster.pass(5 * 60_000);
    await cluster.look(turn);
    expect((await cluster.standing())?.kind).toBe('open');
  });

  it.each([
    ['the other pod did not listen', { reachesItself: false, visitors: 0 }, /pod could not be tried/],
    [
      'the other pod was visited all the same',
      { reachesItself: true, visitors: 2 },
      /`pod` \(`the other pod was visited`\)/,
    ],
  ])('is no proof where %s', async (_what, listened, words) => {
    const cluster = createCluster();
    cluster.listener.message = JSON.stringify(listened);
    await cluster.look(cluster.turn());
    expect(await cluster.standing()).toMatchObject({ kind: 'held', because: expect.stringMatching(words) });
  });

  it('counts what was reached where the other pod cannot be asked what it saw', async () => {
    const cluster = createCluster();
    Object.assign(cluster.contextOf('one').ports.executor, {
      stop: async () => {
        throw new Error('the API server is away');
      },
    });
    cluster.seen.now = { api: 'reached' };
    await cluster.look(cluster.turn());
    expect(await cluster.standing()).toMatchObject({ kind: 'held', because: expect.stringContaining('`api` (') });
  });

  it('is no proof where it reached nothing at all', async () => {
    const cluster = createCluster();
    cluster.seen.now = { control: 'no-answer' };
    await cluster.look(cluster.turn());
    expect(await cluster.standing()).toMatchObject({
      kind: 'held',
      because: expect.stringContaining('did not even reach what every build must reach'),
    });
    expect(await cluster.fake.list()).toEqual([]);
  });

  it('says what is in the way of it, and keeps the proof that there was', async () => {
    const cluster = createCluster();
    const turn = cluster.turn();
    cluster.fake.start = async () => ({ kind: 'unavailable', because: 'exceeded quota' });
    Object.assign(cluster.contextOf('x').ports.executor, { start: cluster.fake.start });
    await turn();
    expect(await cluster.standing()).toMatchObject({ because: expect.stringContaining('exceeded quota') });
    expect(cluster.note().sight).toBeNull();
  });

  it('counts nothing that was seen of another namespace', async () => {
    const cluster = createCluster();
    await cluster.look(cluster.turn());
    expect((await cluster.standing({ place: 'namespace other' }))?.kind).toBe('held');
  });

  it('is none where nothing is to be proved', async () => {
    const { ports } = createCluster().contextOf('one');
    const nothing = { ports, settings: { worker: 'one' } } as unknown as AppContext;
    await createIsolationTurn(nothing, new AbortController().signal)();
    expect(await ports.notes.read('isolation')).toBeNull();
    expect(await isolationNow(nothing)).toBeNull();
    expect(await isUntrustedOff(nothing)).toBe(false);
  });
});

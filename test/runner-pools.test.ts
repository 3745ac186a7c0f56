import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuildId } from '../src/model/build.ts';
import type { PodManifest } from '../src/model/pod.ts';
import type { RunnerPool } from '../src/model/runner-pool.ts';
import type { TrustClass } from '../src/model/trust.ts';
import { createPooledExecutor } from '../src/pooled-executor.ts';
import type { LogChunk } from '../src/ports/executor.ts';
import { demandLostNodeSeconds, openPools, wantedPools } from '../src/runner-pools.ts';
import { podOf, shell } from './contract/pod-manifest.ts';
import { createFakeExecutor } from './fakes/executor.ts';
import { machineWith } from './main/local-repository.ts';

const plain = {
  architectures: null,
  kubeconfig: null,
  context: null,
  nodeSelector: {},
  tolerations: [],
  runtimeClass: null,
  hostUsers: null,
  priorityClass: null,
  byName: false,
  atOnce: null,
};
const poolOf = (name: string, ...trust: TrustClass[]): RunnerPool => ({ ...plain, name, trust, namespace: name });

function pod(name: string, trust: string | null): PodManifest {
  const manifest = podOf({ owner: 'test', name: name as BuildId, main: [shell('main', 'true')] });
  const labels = { ...manifest.metadata.labels, ...(trust === null ? {} : { 'sluice.dev/trust': trust }) };
  return { ...manifest, metadata: { ...manifest.metadata, labels } };
}

describe('several pools as one executor', () => {
  function open() {
    const [shut, rest] = [createFakeExecutor(() => 1_000), createFakeExecutor(() => 1_000)];
    const executor = createPooledExecutor([
      { pool: poolOf('shut', 'untrusted'), executor: shut },
      { pool: poolOf('rest', 'approved', 'trusted'), executor: rest },
    ]);
    return { shut, rest, executor };
  }
  const names = ({ manifests }: { readonly manifests: readonly PodManifest[] }) =>
    manifests.map(({ metadata }) => metadata.name);

  it('makes each pod where its trust belongs, once, and nowhere else', async () => {
    const { shut, rest, executor } = open();
    for (const [name, trust] of [
      ['b-1', 'untrusted'],
      ['b-2', 'approved'],
      ['b-3', 'trusted'],
      ['b-1', 'untrusted'],
    ] as const)
      await executor.start(pod(name, trust), {});
    expect([new Set(names(shut)), names(rest)]).toEqual([new Set(['b-1']), ['b-2', 'b-3']]);
    expect((await executor.list()).map(({ name }) => name).sort()).toEqual(['b-1', 'b-2', 'b-3']);
  });

  it('makes none that says no class of trust, or one that nobody takes', async () => {
    const { shut, rest, executor } = open();
    expect(await executor.start(pod('b-1', null), {})).toMatchObject({ kind: 'refused' });
    const alone = createPooledExecutor([{ pool: poolOf('shut', 'untrusted'), executor: shut }]);
    const because = 'no pool of this server takes trusted code';
    expect(await alone.start(pod('b-1', 'trusted'), {})).toEqual({ kind: 'refused', because });
    expect([names(shut), names(rest)]).toEqual([[], []]);
  });

  it('finds, follows, stops and removes a pod wherever it is', async () => {
    const { rest, executor } = open();
    await executor.start(pod('b-2', 'trusted'), {});
    expect(await executor.observe('b-2' as BuildId)).toMatchObject({ name: 'b-2' });
    expect(await executor.observe('b-9' as BuildId)).toBeNull();
    rest.finish('b-2', { exitCode: 0, log: 'hello\n' });
    const chunks: LogChunk[] = [];
    await executor.follow('b-2' as BuildId, (chunk) => chunks.push(chunk), new AbortController().signal);
    expect(chunks.map(({ text }) => text).join('')).toContain('hello');
    await executor.stop('b-2' as BuildId);
    expect(rest.stopped).toEqual(['b-2']);
    await executor.remove('b-2' as BuildId);
    expect(await executor.list()).toEqual([]);
  });

  it('tells of each change once, names the pool that cannot start something, and takes none for gone that does not answer', async () => {
    const { rest, executor } = open();
    const told: string[] = [];
    const end = executor.watch((build) => told.push(build));
    await executor.start(pod('b-2', 'trusted'), {});
    rest.finish('b-2', { exitCode: 0 });
    expect(new Set(told)).toEqual(new Set(['b-2']));
    end();
    const away = { ...rest, start: async () => ({ kind: 'unavailable', because: 'it is full' }) as const };
    const failing = {
      ...away,
      list: () => Promise.reject(new Error('away')),
      observe: () => Promise.reject(new Error('away')),
    };
    const other = createPooledExecutor([{ pool: poolOf('rest', 'trusted'), executor: failing }]);
    const because = 'pool rest: it is full';
    expect(await other.start(pod('b-3', 'trusted'), {})).toEqual({ kind: 'unavailable', because });
    await expect(other.list()).rejects.toThrow('away');
    await expect(other.observe('b-3' as BuildId)).rejects.toThrow('away');
  });
});

describe('several pools, one of which is away', () => {
  const wish = (trust: TrustClass) => ({ trust, architecture: null, pool: null });

  /** `shut` for strangers can be sent away; `rest` stays. */
  function open() {
    const [shut, rest] = [createFakeExecutor(() => 1_000), createFakeExecutor(() => 1_000)];
    let away: 'no' | 'refuses' | 'hangs' = 'no';
    const gone = async <T>(call: () => Promise<T>): Promise<T> => {
      if (away === 'refuses') throw new Error('connect ECONNREFUSED');
      return away === 'hangs' ? new Promise<T>(() => undefined) : call();
    };
    const calls = { list: 0 };
    const flaky = {
      ...shut,
      list: () => {
        calls.list += 1;
        return gone(() => shut.list());
      },
      observe: (build: BuildId) => gone(() => shut.observe(build)),
      stop: (build: BuildId) => gone(() => shut.stop(build)),
      remove: (build: BuildId) => gone(() => shut.remove(build)),
    };
    const executor = createPooledExecutor([
      { pool: poolOf('shut', 'untrusted'), executor: flaky },
      { pool: poolOf('rest', 'approved', 'trusted'), executor: rest },
    ]);
    const send = (how: typeof away): void => {
      away = how;
    };
    return { shut, rest, executor, calls, send };
  }

  it('shows what the others have, and says of whose pods nothing is known', async () => {
    const { executor, send } = open();
    await executor.start(pod('b-1', 'untrusted'), {});
    await executor.start(pod('b-2', 'trusted'), {});
    send('refuses');
    const seen = await executor.listSeen?.();
    expect(seen?.pods.map(({ name }) => name)).toEqual(['b-2']);
    expect(seen?.unseen).toEqual([{ place: 'shut', because: 'connect ECONNREFUSED' }]);
    expect(seen?.whyUnseen(wish('untrusted'))).toBe('the pool shut, whose pods cannot be listed now');
    expect([seen?.whyUnseen(wish('approved')), seen?.whyUnseen(wish('trusted'))]).toEqual([null, null]);
    await expect(executor.list()).rejects.toThrow(
      'the pods of the pool shut could not be listed: connect ECONNREFUSED',
    );
  });

  it('ends, removes and misses pods of the others as ever, and takes none of its own for gone', async () => {
    const { executor, rest, send } = open();
    await executor.start(pod('b-1', 'untrusted'), {});
    await executor.start(pod('b-2', 'trusted'), {});
    await executor.start(pod('b-3', 'trusted'), {});
    send('refuses');
    await executor.stop('b-2' as BuildId);
    expect(rest.stopped).toEqual(['b-2']);
    await executor.remove('b-2' as BuildId);
    await rest.remove('b-3' as BuildId);
    expect(await executor.observe('b-3' as BuildId)).toBeNull();
    for (const lost of ['b-1', 'b-9'] as BuildId[])
      await expect(executor.observe(lost)).rejects.toThrow('ECONNREFUSED');
    await expect(executor.remove('b-1' as BuildId)).rejects.toThrow('ECONNREFUSED');
  });

  it('is waited for once and not again before it answers, and is back when it does', async () => {
    const { executor, calls, send } = open();
    send('hangs');
    const begun = performance.now();
    expect((await executor.listSeen?.())?.unseen).toMatchObject([
      { place: 'shut', because: expect.stringContaining('within 3 s') },
    ]);
    const waited = performance.now() - begun;
    for (let turn = 0; turn < 20; turn += 1) await executor.listSeen?.();
    expect(performance.now() - begun - waited).toBeLessThan(waited);
    expect(calls.list).toBe(1);
  });

  it('is back with the first listing after the one that it answered', async () => {
    const { executor, send } = open();
    await executor.start(pod('b-1', 'untrusted'), {});
    send('refuses');
    await executor.listSeen?.();
    send('no');
    await executor.listSeen?.();
    expect((await executor.listSeen?.())?.unseen).toEqual([]);
    expect((await executor.list()).map(({ name }) => name)).toEqual(['b-1']);
  });

  it('shows nothing when all are', async () => {
    const { shut } = open();
    const lost = { ...shut, list: () => Promise.reject(new Error('away')) };
    const executor = createPooledExecutor([{ pool: poolOf('shut', 'untrusted'), executor: lost }]);
    await expect(executor.listSeen?.()).rejects.toThrow('away');
  });
});

describe('the pools of a server', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-pools-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function placeWith(text: string, more: Readonly<Record<string, string>> = {}) {
    const file = join(folder, 'pools.yaml');
    await writeFile(file, text);
    return machineWith({ SLUICE_POOLS: file, ...more });
  }
  const two = [
    '- { name: amd, trust: [untrusted], architectures: [amd64], namespace: x, kubeconfig: amd.kubeconfig }',
    '- { name: arm, trust: [untrusted, approved, trusted], namespace: y }',
    '',
  ].join('\n');

  it('are read beside their file; without one there is a single one for all', async () => {
    const pools = await wantedPools(await placeWith(two));
    expect(pools?.map(({ name, kubeconfig }) => [name, kubeconfig])).toEqual([
      ['amd', join(folder, 'amd.kubeconfig')],
      ['arm', null],
    ]);
    expect(await wantedPools(machineWith())).toBeNull();
  });

  it.each<[string, string, Readonly<Record<string, string>>, string]>([
    [
      'another namespace',
      two,
      { SLUICE_NAMESPACE: 'z' },
      'SLUICE_POOLS names the namespaces: leave SLUICE_NAMESPACE out',
    ],
    [
      'a file that is not there',
      two,
      { SLUICE_POOLS: '/nowhere.yaml' },
      'SLUICE_POOLS names /nowhere.yaml, which cannot be read (ENOENT)',
    ],
    ['mistakes', '- { name: all }\n', {}, 'SLUICE_POOLS has 2 mistakes:\n'],
    [
      'two places for one canary',
      two,
      { SLUICE_ISOLATION: 'prove' },
      'the pools amd and arm take code that nobody approved: the canary proves one place',
    ],
  ])('are refused with %s', async (_, text, more, because) => {
    await expect(placeWith(text, more).then(wantedPools)).rejects.toThrow(because);
  });

  it.each([
    [{}, 60],
    [{ SLUICE_LOST_NODE_SECONDS: '0' }, 0],
    [{ SLUICE_LOST_NODE_SECONDS: '300' }, 300],
    [{ SLUICE_LOST_NODE_SECONDS: 'soon' }, null],
    [{ SLUICE_LOST_NODE_SECONDS: '-1' }, null],
    [{ SLUICE_LOST_NODE_SECONDS: '1.5' }, null],
  ])('give a node that does not answer so long, with %j: %s', (said, seconds) => {
    const { server } = machineWith(said);
    if (seconds !== null) expect(demandLostNodeSeconds(server)).toBe(seconds);
    else expect(() => demandLostNodeSeconds(server)).toThrow('SLUICE_LOST_NODE_SECONDS is no number of seconds');
  });

  it('are opened all or none, and whoever cannot be reached is named', async () => {
    const place = await placeWith(two);
    const pools = (await wantedPools(place)) ?? [];
    await writeFile(join(folder, 'amd.kubeconfig'), 'apiVersion: v1\nkind: Config\n');
    await expect(openPools(place, 'test', pools)).rejects.toThrow('no cluster can be used for the pool amd: ');
  });
});

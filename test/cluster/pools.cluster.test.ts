import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type ApiClient, createApiClient } from '../../src/adapters/kubernetes/api-client.ts';
import { makeTestNamespace, openTestCluster } from '../adapters/kubernetes/test-cluster.ts';
import type { ServedProcess } from '../harness/served-process.ts';
import { type ApiRoad, startApiRoad, writeKubeconfig } from './api-road.ts';
import { type ClusterWorld, startClusterWorld } from './cluster-world.ts';
import { startWitness, type WholePod } from './witness.ts';

const repo = 'acme/mint';
const resources = 'resources: { cpu: 50m, memory: 128Mi, ephemeralStorage: 1Gi }';
/** Says who it is to the node, and takes as long as its change says. */
const script = 'echo "uids $(cat /proc/self/uid_map)"; sleep $(cat seconds); echo done';
const config = [
  'apiVersion: sluice/v1',
  'jobs:',
  `  unit: { on: presubmit, image: localhost/busybox:1, run: ${JSON.stringify(script)}, ${resources} }`,
  '  big: { on: presubmit, trigger: manual, image: localhost/busybox:1, run: "true", resources: { memory: 4Gi } }',
  `  check: { on: gate, image: localhost/busybox:1, run: ${JSON.stringify(script)}, ${resources} }`,
  `  tell: { on: postsubmit, image: localhost/busybox:1, run: "true", ${resources} }`,
  'gate: { requires: { approvals: 1 } }',
  '',
].join('\n');

interface Opened {
  readonly number: number;
  readonly sha: string;
}

describe('pods of a cluster, code of each trust in a namespace of its own', { timeout: 300_000 }, () => {
  let world: ClusterWorld;
  let strangers: Awaited<ReturnType<typeof startWitness>>;
  let road: ApiRoad;
  let folder: string;
  let client: ApiClient;
  let sluice: ServedProcess;
  let place: string;
  const priority = `sluice-pools-${randomBytes(4).toString('hex')}`;
  const ends: (() => Promise<unknown>)[] = [];
  const priorities = '/apis/scheduling.k8s.io/v1/priorityclasses';

  /** A kind of the API, made; anything else fails the test. */
  async function make(path: string, body: object): Promise<{ readonly status?: { readonly token: string } }> {
    const answer = await client.call({ method: 'POST', path, body });
    expect([path, answer.status, answer.status === 201 ? '' : answer.body]).toEqual([path, 201, '']);
    return answer.body as { readonly status?: { readonly token: string } };
  }

  async function writePools(kubeconfig: string): Promise<string> {
    const file = join(folder, 'pools.yaml');
    const pools = [
      {
        name: 'strangers',
        trust: ['untrusted'],
        namespace: place,
        kubeconfig,
        nodeSelector: { 'sluice.dev/pool': 'real' },
        tolerations: [{ key: 'acme.io/strangers', operator: 'Exists', effect: 'NoSchedule' }],
        hostUsers: false,
        atOnce: 1,
      },
      { name: 'ours', trust: ['approved', 'trusted'], namespace: world.namespace, priorityClass: priority },
    ];
    await writeFile(file, stringify(pools));
    return file;
  }

  async function serve(kubeconfig = road.kubeconfig): Promise<ServedProcess> {
    const pools = await writePools(kubeconfig);
    sluice = world.serve('all', { SLUICE_POOLS: pools, SLUICE_NAMESPACE: '' });
    return sluice;
  }

  async function ready(): Promise<void> {
    await serve();
    world.front.turnTo(await sluice.url());
    await sluice.ready();
  }

  beforeAll(async () => {
    world = await startClusterWorld();
    ends.push(world.stop);
    const { namespace, settings } = await makeTestNamespace('strangers');
    place = namespace.name;
    ends.push(namespace.remove);
    client = createApiClient(await openTestCluster());
    ends.push(async () => client.close());
    strangers = await startWitness({ ...settings, owner: 'sluice' });
    ends.push(strangers.stop);
    folder = await mkdtemp(join(tmpdir(), 'sluice-cluster-pools-'));
    ends.push(() => rm(folder, { recursive: true, force: true }));
    road = await startApiRoad(join(folder, 'strangers.kubeconfig'), settings.cluster.server);
    ends.push(road.close);
    const named = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: priority } };
    await make(priorities, { ...named, value: 1000, preemptionPolicy: 'Never' });
    ends.push(() => client.call({ method: 'DELETE', path: `${priorities}/${priority}` }));
    await make(`/api/v1/namespaces/${place}/limitranges`, {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'sizes' },
      spec: { limits: [{ type: 'Container', min: { 'ephemeral-storage': '2Gi' }, max: { memory: '2Gi' } }] },
    });
    const { github } = world;
    await github.createUser('boss');
    await github.createRepository(repo, { files: { 'README.md': '# mint\n', seconds: '1\n', '.sluice.yaml': config } });
    for (const login of ['ada', 'boss']) await github.setPermission(repo, login, 'write');
    await ready();
  }, 180_000);

  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  }, 120_000);

  async function open(title: string, seconds: number): Promise<Opened> {
    const files = { seconds: `${seconds}\n`, [`${title}.txt`]: 'new\n' };
    const { number, headSha } = await world.github.openPullRequest({ repo, by: 'ada', title, files });
    return { number, sha: headSha };
  }

  /** Approved and sent into the gate. */
  async function land({ number, sha }: Opened): Promise<void> {
    await world.github.review({ repo, number, by: 'boss', state: 'APPROVED' });
    await world.github.comment(repo, number, 'boss', `/gate ${sha}`);
  }

  function running(what: string, in_: () => Promise<readonly WholePod[]>, job: string): Promise<WholePod> {
    return world.until(`${what} to run`, async () =>
      (await in_()).find(
        ({ metadata, status }) =>
          metadata.name.startsWith(`b-${job}-`) &&
          status?.containerStatuses?.some(({ state }) => state?.running !== undefined),
      ),
    );
  }

  /** Somebody asks: what waits is looked at by itself once a minute. */
  async function titled({ number, sha }: Opened, title: string): Promise<void> {
    await world.github.comment(repo, number, 'ada', 'What does it wait for?');
    await world.until(`unit of ${sha.slice(0, 8)} to say ${title}`, async () =>
      (await world.check(repo, sha, 'unit'))?.title?.includes(title),
    );
  }

  async function empty(): Promise<void> {
    await world.until(
      'no pod to be left',
      async () => [...(await world.pods()), ...(await strangers.pods())].length === 0,
    );
  }

  const namesOf = (seen: ReadonlyMap<string, string>): string[] =>
    [...seen.values()].map((name) => name.split('-')[1] ?? '');

  it('are made where their trust belongs, as its pool says, and respect what its namespace asks of each container', async () => {
    const pull = await open('apart', 3);
    const stranger = await running('the presubmit', strangers.pods, 'unit');
    const spec = stranger.spec as unknown as {
      readonly tolerations: readonly object[];
      readonly initContainers: readonly WholePod['spec']['containers'][number][];
    } & WholePod['spec'];
    expect(spec).toMatchObject({ nodeSelector: { 'sluice.dev/pool': 'real' }, hostUsers: false, nodeName: 'node-1' });
    expect(spec.tolerations).toContainEqual({ key: 'acme.io/strangers', operator: 'Exists', effect: 'NoSchedule' });
    // The first refusal of the API server told it; our own steps ask for little.
    for (const { resources } of [...spec.initContainers, ...spec.containers])
      expect(resources.requests['ephemeral-storage']).toBe('2Gi');
    const unit = await world.concluded(repo, pull.sha, 'unit');
    expect(unit).toMatchObject({ conclusion: 'success', text: expect.stringMatching(/uids +0 +[1-9]\d+ +65536/) });

    await world.github.comment(repo, pull.number, 'ada', '/test big');
    const big = await world.until('big to fail', async () => {
      const run = await world.check(repo, pull.sha, 'big');
      return run?.conclusion === 'failure' && run;
    });
    expect(`${big.title} ${big.summary}`).toMatch(/pool strangers: .*maximum memory usage per Container is 2Gi/);

    await land(pull);
    const check = await running('the candidate', world.pods, 'check');
    expect(check.spec).toMatchObject({ priorityClassName: priority });
    expect(check.spec.hostUsers).toBeUndefined();
    expect(await world.concluded(repo, pull.sha, 'sluice/gate/main')).toMatchObject({ conclusion: 'success' });
    const told = await world.github.push({
      repo,
      by: 'boss',
      branch: 'main',
      files: { 'said.txt': 'yes\n' },
      message: 'Say it',
    });
    expect(await world.concluded(repo, told, 'tell')).toMatchObject({ conclusion: 'success' });
    await empty();
    expect([namesOf(strangers.everSeen()), new Set(namesOf(world.everSeen()))]).toEqual([
      ['unit'],
      new Set(['check', 'tell']),
    ]);
  });

  it('have the slots of their pool, and are adopted in each when the worker is killed', async () => {
    const before = { strangers: strangers.everSeen().size, ours: world.everSeen().size };
    const gated = await open('gated', 12);
    await running('its presubmit', strangers.pods, 'unit');
    const waiting = await open('waiting', 1);
    await titled(waiting, 'Waiting for the one slot of the pool strangers');
    await land(gated);
    const check = await running('the candidate', world.pods, 'check');
    await sluice.kill('SIGKILL');
    await ready();
    for (const [sha, name] of [
      [gated.sha, 'unit'],
      [waiting.sha, 'unit'],
      [gated.sha, 'sluice/gate/main'],
    ] as const)
      expect(await world.concluded(repo, sha, name)).toMatchObject({ conclusion: 'success' });
    expect([...world.everSeen().values()].filter((name) => name === check.metadata.name)).toHaveLength(1);
    await empty();
    // Its own, and the one that waited; the candidate.
    expect(strangers.everSeen().size - before.strangers).toBe(2);
    expect(world.everSeen().size - before.ours).toBe(1);
  });

  it('of one pool wait while its cluster is away, with the reason; those of the others go on, also in a worker that starts then', async () => {
    const before = strangers.everSeen().size;
    const long = await open('long', 12);
    await running('its presubmit', strangers.pods, 'unit');
    const ash = await open('ash', 1);
    await titled(ash, 'Waiting for');
    road.cut();
    try {
      await titled(ash, 'Waiting for the pool strangers, whose pods cannot be listed now');
      await land(ash);
      expect(await world.concluded(repo, ash.sha, 'sluice/gate/main')).toMatchObject({ conclusion: 'success' });
      await sluice.kill('SIGKILL');
      await ready();
      expect(sluice.output()).toMatch(/NOT NOW pool strangers: the cluster of the context local at .* does not answer/);
      const birch = await open('birch', 1);
      await land(birch);
      expect(await world.concluded(repo, birch.sha, 'sluice/gate/main')).toMatchObject({ conclusion: 'success' });
      expect((await world.check(repo, long.sha, 'unit'))?.status).not.toBe('completed');
    } finally {
      road.mend();
    }
    expect(await world.concluded(repo, long.sha, 'unit')).toMatchObject({ conclusion: 'success' });
    await empty();
    expect(
      [...strangers.everSeen().values()].filter((name) => name.startsWith('b-unit-')).length - before,
    ).toBeGreaterThan(0);
  });

  it('are not begun at all by a server that a namespace refuses, which says which and why', async () => {
    await sluice.kill('SIGTERM');
    const path = `/api/v1/namespaces/${place}/serviceaccounts`;
    const kind = { apiVersion: 'v1', kind: 'ServiceAccount' };
    await make(path, { ...kind, metadata: { name: 'nobody' } });
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 600 } };
    const token = (await make(`${path}/nobody/token`, request)).status?.token ?? '';
    await serve(await writeKubeconfig(join(folder, 'nobody.kubeconfig'), { token }));
    expect((await sluice.ended).code).not.toBe(0);
    expect(sluice.output()).toMatch(
      new RegExp(`pool strangers: the namespace ${place} of the cluster local cannot be used: .*pods is forbidden`),
    );
  });
});

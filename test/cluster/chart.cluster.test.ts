import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Door, startDoor } from './door.ts';
import { type InstalledChart, namespaceValues, prepareChart, release } from './installed-chart.ts';
import { createApi, modernDockerfile, repo } from './repository.ts';

const shop = 'acme/shop';

/** A shop whose candidates are built for as long as the door is closed. */
async function createShop({ github, baseImage }: InstalledChart, door: Door): Promise<void> {
  const files = {
    'apples.txt': '3\n',
    Dockerfile: [
      `FROM ${baseImage} AS build`,
      `RUN until wget -q -O /dev/null ${door.url}; do sleep 1; done`,
      'FROM scratch',
      'COPY --from=build /etc /etc',
      'COPY apples.txt /apples.txt',
      '',
    ].join('\n'),
    '.sluice.yaml': [
      'apiVersion: sluice/v1',
      'images: [{ name: shop, repository: registry.example.com/acme/shop }]',
      'jobs:',
      '  build-image: { template: build-image, on: gate, resources: { cpu: 100m, memory: 512Mi, ephemeralStorage: 1Gi } }',
      '  upload-image: null',
      'gate: { requires: { approvals: 1 } }',
      '',
    ].join('\n'),
  };
  await github.createUser('boss');
  await github.createRepository(shop, { files });
  for (const login of ['ada', 'boss']) await github.setPermission(shop, login, 'write');
}

const started = Date.now();
const say = (line: string): void =>
  void process.stderr.write(`chart, ${Math.round((Date.now() - started) / 1000)} s: ${line}\n`);

describe('the chart, installed in a cluster', { timeout: 300_000 }, () => {
  let installed: InstalledChart;
  let door: Door;
  /** When the first command of the README was given. */
  let begun = 0;

  beforeAll(async () => {
    installed = await prepareChart(say);
    door = await startDoor();
    await createApi(installed, { jobs: ['build-image'], isPrivate: true });
    await createShop(installed, door);
  }, 600_000);

  afterAll(async () => {
    await installed?.stop();
    await door?.close();
  }, 180_000);

  /** Of Sluice and its Redis. */
  async function ownPods(): Promise<readonly string[]> {
    const names = await installed.kubectl('get', 'pods', '--output=jsonpath={.items[*].metadata.name}');
    return names.split(' ').sort();
  }

  /** What began again, with its last words from before. */
  async function restarted(): Promise<readonly string[]> {
    const { kubectl } = installed;
    const each = '{range .items[*]}{.metadata.name} {.status.containerStatuses[*].restartCount}{"\\n"}{end}';
    const counts = (await kubectl('get', 'pods', `--output=jsonpath=${each}`)).split('\n');
    expect(counts.length).toBeGreaterThanOrEqual(4);
    const again = counts.map((line) => line.split(' ')).filter(([, count]) => count !== '0');
    const lastWords = async ([pod = '', count]: readonly string[]) =>
      `${pod} ${count}: ${await kubectl('logs', pod, '--previous', '--tail=5').catch(String)}`;
    return Promise.all(again.map(lastWords));
  }

  /** Waits until none of these is there any more but Redis, which no upgrade touches. */
  function rolled(before: readonly string[]): Promise<boolean> {
    return installed.until('all of the old pods to be gone', async () => {
      const old = (await ownPods()).filter((name) => before.includes(name));
      return old.length === 1 && old[0] === 'sluice-redis-0';
    });
  }

  /** Ten comments a second until it is ended. */
  function chat(number: number) {
    const since = Date.now();
    const ending = new AbortController();
    const talk = async (): Promise<void> => {
      while (!ending.signal.aborted) {
        await installed.github.comment(shop, number, 'ada', 'Is it through?');
        await sleep(100);
      }
    };
    const talked = talk();
    return {
      since,
      end(): Promise<void> {
        ending.abort();
        return talked;
      },
    };
  }

  it('is ready once its secret is there, in a namespace that admits nothing but restricted pods', async () => {
    const { front, kubectl } = installed;
    begun = Date.now();
    await installed.install();
    for (const role of ['web', 'worker'])
      await kubectl('rollout', 'status', `deployment/sluice-${role}`, '--timeout=2m');
    const answer = await fetch(`${front.url}/readyz`, { signal: AbortSignal.timeout(5000) });
    expect([answer.status, await answer.json()]).toEqual([200, { ready: true, missing: [] }]);
    say('installed, and all of it is ready');
    expect(await restarted()).toEqual([]);
  });

  it('is reached by its name, scaled by the cluster and watched, as far as the cluster takes what says so', async () => {
    const { kubectl, until } = installed;
    const told = async (kind: string, path: string) => kubectl('get', kind, `--output=jsonpath={${path}}`);
    expect(await told('ingress', '.items[*].spec.rules[*].host')).toBe('sluice.example.com');
    expect(await told('ingress', '..backend.service.name')).toBe('sluice');
    await until('its scaler to ask for the least', async () => (await told('hpa', '..status.desiredReplicas')) === '2');
    expect(await told('deployment/sluice-web', '.spec.replicas')).toBe('2');
    const alerts = (await told('prometheusrule', '..alert')).split(' ');
    expect(alerts).toEqual(expect.arrayContaining(['SluiceNotShutIn', 'SluicePromotionWaits']));
    expect(await told('podmonitor', '..podMetricsEndpoints[*].port')).toBe('health');
    expect(await told('poddisruptionbudget', '..maxUnavailable')).toBe('1');
  });

  it('has the rights that its builds need, and no others', async () => {
    const { namespace, builds, ours } = installed;
    const may = async (role: string, verb: string, resource: string, place: string): Promise<boolean> => {
      const account = `--as=system:serviceaccount:${namespace}:sluice-${role}`;
      const [kind = '', subresource = ''] = resource.split('/');
      const words = ['auth', 'can-i', verb, kind, `--subresource=${subresource}`, account, `--namespace=${place}`];
      return installed.kubectl(...words).then(
        (answer) => answer === 'yes',
        () => false,
      );
    };
    for (const place of [builds, ours]) {
      expect(await may('worker', 'create', 'pods', place)).toBe(true);
      expect(await may('worker', 'list', 'secrets', place)).toBe(false);
      expect(await may('worker', 'create', 'pods/exec', place)).toBe(false);
    }
    for (const [verb, resource] of [
      ['create', 'pods'],
      ['get', 'secrets'],
    ] as const) {
      expect(await may('worker', verb, resource, namespace)).toBe(false);
      expect(await may('web', verb, resource, builds)).toBe(false);
    }
  });

  it('has a presubmit built by kaniko in the namespace that it made, and shows its log', async () => {
    const { github, until, front } = installed;
    const files = { 'hello.txt': 'good morning\n' };
    const pull = await github.openPullRequest({ repo, by: 'ada', title: 'Say good morning', files });
    const pod = await until('its pod to be there', async () =>
      (await installed.podsIn(installed.builds)).find(
        ({ metadata }) => metadata.annotations?.['sluice.dev/job'] === 'build-image',
      ),
    );
    expect(JSON.stringify(pod.spec)).toContain('localhost/kaniko:');
    const built = await installed.concluded(repo, pull.headSha, 'build-image');
    expect(built).toMatchObject({ conclusion: 'success' });
    expect(Date.now() - begun).toBeLessThan(5 * 60_000);
    expect(built.summary).toMatch(/sha256:[0-9a-f]{64}/);
    expect(built.summary).toMatch(/\*\*Not shut in:\*\*.*`pod`, `api-server`, `kubelet`, `redis`\./);
    const [, log = ''] = /\]\((http[^)]+)\)/.exec(built.summary ?? '') ?? [];
    expect(log.startsWith(front.url)).toBe(true);
    // Web shows what the worker wrote.
    expect(await (await fetch(log)).text()).toContain('COPY --from=build /shouted.txt');
    await until('no pod to be left', async () => (await installed.pods()).length === 0);
    say('a presubmit is green');
  });

  it('is upgraded while a change is tested in the gate: no delivery is lost, and its pod goes on', async () => {
    const { github, until, appId } = installed;
    const pull = await github.openPullRequest({ repo: shop, by: 'ada', title: 'Ash', files: { 'apples.txt': '8\n' } });
    await github.review({ repo: shop, number: pull.number, by: 'boss', state: 'APPROVED' });
    await github.comment(shop, pull.number, 'boss', `/gate ${pull.headSha}`);
    await until('its candidate to be built', async () => door.knocks() > 0);
    const [pod] = await installed.podsIn(installed.ours);
    expect(pod?.spec.nodeSelector).toMatchObject({ 'sluice.dev/pool': 'real' });
    const before = await ownPods();
    const talk = chat(pull.number);
    const other = await github.openPullRequest({ repo, by: 'ada', title: 'Meanwhile', files: { 'hello.txt': 'hi\n' } });
    await installed.upgrade({ logLevel: 'debug' });
    await rolled(before);
    await talk.end();
    say('upgraded');
    await github.webhooks.settled();
    const deliveries = github.webhooks.deliveries(appId).filter(({ deliveredAt }) => deliveredAt >= talk.since);
    expect(deliveries.length).toBeGreaterThan(100);
    const lost = deliveries.filter(({ statusCode }) => statusCode !== 202);
    expect(lost.map(({ parcel, status, deliveredAt }) => [parcel.event, status, deliveredAt - talk.since])).toEqual([]);
    expect((await installed.pods()).map(({ metadata }) => metadata.uid)).toContain(pod?.metadata.uid);
    door.open();
    expect(await installed.concluded(shop, pull.headSha, 'sluice/gate/main')).toMatchObject({ conclusion: 'success' });
    expect(installed.everSeen().filter(([, name]) => name === pod?.metadata.name).length).toBe(1);
    expect(await installed.concluded(repo, other.headSha, 'build-image')).toMatchObject({ conclusion: 'success' });
    say('the change has landed');
  });

  it('has BuildKit build once it is upgraded so, in the same namespace, which then admits its pods and no others', async () => {
    const { github, baseImage, builds, kubectl } = installed;
    const before = await ownPods();
    const namespaces = [{ ...(await namespaceValues(builds)), podSecurity: 'privileged' }];
    await installed.upgrade({
      builds: { builder: 'buildkit', buildkitImage: 'localhost/buildkit:v0.26.3', namespaces },
    });
    await rolled(before);
    const files = { Dockerfile: modernDockerfile(baseImage), 'hello.txt': 'good evening\n' };
    const pull = await github.openPullRequest({ repo, by: 'ada', title: 'Say good evening', files });
    expect(await installed.concluded(repo, pull.headSha, 'build-image')).toMatchObject({ conclusion: 'success' });
    const plain = ['run', 'other', '--image=localhost/busybox:1', '--dry-run=server', `--namespace=${builds}`];
    await expect(kubectl(...plain)).rejects.toThrow(/denied request: a pod of builds has no token of the cluster/);
    say('BuildKit has built');
  });

  it('passes helm test, which shows what it asked', async () => {
    const said = await installed.helm('test', release);
    expect(said).toMatch(/TEST SUITE: +sluice-answers\n(?:.*\n)*Phase: +Succeeded/);
    expect(said).toContain('/readyz: 200, as it must be');
    say('helm test has passed');
  });

  it('goes on as one process once it is upgraded to mode single', async () => {
    const { github, kubectl } = installed;
    const before = await ownPods();
    await installed.upgrade({ mode: 'single' });
    await rolled(before);
    expect(await kubectl('get', 'deployments', '--output=name')).toBe('deployment.apps/sluice-all');
    const files = { 'hello.txt': 'good night\n' };
    const pull = await github.openPullRequest({ repo, by: 'ada', title: 'Say good night', files });
    expect(await installed.concluded(repo, pull.headSha, 'build-image')).toMatchObject({ conclusion: 'success' });
    expect(await installed.helm('test', release)).toMatch(/Phase: +Succeeded/);
    say('it is one process');
  });

  it('leaves nothing when it is uninstalled but what was there before', async () => {
    const { namespace, builds, ours, helm, kubectl, until } = installed;
    await helm('uninstall', release, '--wait', '--timeout=2m');
    const listed = async (...kinds: readonly string[]) =>
      (await kubectl('api-resources', '--verbs=list', '--output=name', ...kinds)).split('\n').join(',');
    const named = async (...words: readonly string[]) =>
      (await kubectl('get', ...words, '--output=name'))
        .split('\n')
        .filter((name) => !/^event|^$/.test(name))
        .sort();
    const kinds = await listed('--namespaced=true');
    await until('what is ending to be gone', async () => (await named('pods')).length === 0);
    expect(await named(kinds)).toEqual([
      'configmap/kube-root-ca.crt',
      'persistentvolumeclaim/sluice-logs',
      'secret/sluice',
      'serviceaccount/default',
    ]);
    const everywhere = [await listed(), '--all-namespaces', '--selector=app.kubernetes.io/instance=sluice'];
    expect(await named(...everywhere)).toEqual([]);
    const namespaces = await named('namespaces');
    expect(namespaces).toContain(`namespace/${namespace}`);
    for (const place of [builds, ours]) expect(namespaces).not.toContain(`namespace/${place}`);
    say('uninstalled');
  });
});

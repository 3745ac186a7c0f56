import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { judgePod } from '../../../src/core/pod/judge-pod.ts';
import type { BuildId } from '../../../src/model/build.ts';
import type { ObservedPod } from '../../../src/model/pod.ts';
import { shell } from '../../contract/pod-manifest.ts';
import { type MisfortuneRig, makeMisfortuneRig } from './misfortune-rig.ts';

const facts = { buildsImage: false, logTail: '' };
const judged = (pod: ObservedPod) => judgePod(pod, facts);
const hasEnded = (pod: ObservedPod): boolean => judged(pod).kind === 'ended';

describe('what is lost in a real cluster, or never had (intake-faults-attacks.md §6)', { timeout: 120_000 }, () => {
  let rig: MisfortuneRig;

  beforeAll(async () => {
    rig = await makeMisfortuneRig();
  });

  afterEach(() => rig.clear());

  afterAll(() => rig?.end());

  /** Every verdict on this pod from now on, until it is gone. */
  async function verdictsUntilGone(build: BuildId, what: () => Promise<unknown>): Promise<readonly string[]> {
    const said: string[] = [];
    await what();
    for (let tries = 0; tries < 300; tries += 1) {
      const pod = await rig.executor.observe(build);
      if (pod === null) return said;
      if (hasEnded(pod)) said.push(JSON.stringify(judged(pod)));
      await sleep(50);
    }
    throw new Error(`${build} is still there: ${said.at(-1)}`);
  }

  it('F15: one that is evicted, as a drained node does it, has no verdict, whatever it makes of it', async () => {
    const build = await rig.start(rig.pod(shell('command', 'trap "exit 0" TERM; while true; do sleep 0.1; done')));
    await rig.seen(build, ({ phase }) => phase === 'running');
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: build, namespace: rig.namespace } };
    const verdicts = await verdictsUntilGone(build, async () => {
      expect(await rig.ask('POST', `/pods/${build}/eviction`, eviction)).toMatchObject({ status: 201 });
    });
    expect(verdicts.filter((each) => /"result":"(?:success|failure)"/.test(each))).toEqual([]);
  });

  it('F15: one that has to make room for a more important pod has no verdict, and is tried again', async () => {
    const slot = 'example.com/sluice-test';
    const { body } = await rig.client.call({ method: 'GET', path: '/api/v1/nodes' });
    const [node] = (body as { items: readonly { metadata: { name: string } }[] }).items;
    const path = `/api/v1/nodes/${node?.metadata.name}/status`;
    const offer = (count: string | null) => {
      const amount = { [slot]: count };
      return rig.client.call({ method: 'PATCH', path, body: { status: { capacity: amount, allocatable: amount } } });
    };
    const important = `important-${rig.namespace}`;
    const classes = '/apis/scheduling.k8s.io/v1/priorityclasses';
    const resources = { requests: { cpu: '10m', memory: '8Mi', [slot]: '1' }, limits: { memory: '64Mi', [slot]: '1' } };
    const waiting = shell('command', 'trap "exit 0" TERM; while true; do sleep 0.1; done', { resources });
    try {
      expect(await offer('1')).toMatchObject({ status: 200 });
      await rig.client.call({ method: 'POST', path: classes, body: { metadata: { name: important }, value: 1000 } });
      const build = await rig.start(rig.pod(waiting));
      await rig.seen(build, ({ phase }) => phase === 'running');
      const taker = rig.pod(shell('command', 'true', { resources }));
      const verdicts = await verdictsUntilGone(build, () =>
        rig.ask('POST', '/pods', { ...taker, spec: { ...taker.spec, priorityClassName: important } }),
      );
      expect(verdicts.filter((each) => !each.includes('"result":"error"'))).toEqual([]);
      expect(verdicts.filter((each) => !each.includes('"retry":true'))).toEqual([]);
    } finally {
      await rig.client.call({ method: 'DELETE', path: `${classes}/${important}` });
      await offer(null);
    }
  });

  it('F15: one that fills its volume is evicted for it, and its author told the limit', async () => {
    const mounts = { volumeMounts: [{ name: 'out', mountPath: '/.sluice/out' }] };
    const fill = 'dd if=/dev/zero of=/.sluice/out/x bs=1M count=8; sleep 100';
    const volumes = [{ name: 'out', emptyDir: { sizeLimit: '1Mi' } }];
    const build = await rig.start(rig.pod(shell('command', fill, mounts), { volumes }));
    const found = await rig.seen(build, hasEnded, 100);
    expect(judged(found)).toMatchObject({ result: 'failure', because: expect.stringMatching(/more storage.*limit/) });
  });

  it('F16: one that is deleted while somebody else keeps it has no verdict either, and is gone once they let go', async () => {
    const build = await rig.start(rig.pod(shell('command', 'trap "exit 0" TERM; while true; do sleep 0.1; done')));
    await rig.seen(build, ({ phase }) => phase === 'running');
    try {
      await rig.ask('PATCH', `/pods/${build}`, { metadata: { finalizers: ['example.com/keep'] } });
      await rig.ask('DELETE', `/pods/${build}`);
      const found = await rig.seen(build, hasEnded);
      expect(judged(found)).toMatchObject({ result: 'error', retry: true, because: expect.stringMatching(/deleted/) });
    } finally {
      await rig.ask('PATCH', `/pods/${build}`, { metadata: { finalizers: null } });
    }
    const verdicts = await verdictsUntilGone(build, async () => undefined);
    expect(verdicts.filter((each) => !each.includes('"result":"error"'))).toEqual([]);
  });

  it('F17: an init container that runs out of memory is told with its memory, and nothing runs after it', async () => {
    const resources = { requests: { cpu: '10m', memory: '8Mi' }, limits: { memory: '32Mi' } };
    const greedy = shell('build', 'x=a; while true; do x=$x$x; done', { resources });
    const build = await rig.start(rig.pod(shell('measure', 'true'), { initContainers: [greedy] }));
    const found = await rig.seen(build, hasEnded);
    expect(judged(found)).toMatchObject({
      result: 'failure',
      because: expect.stringContaining('build ran out of memory'),
    });
    expect(found.containers.find(({ name }) => name === 'measure')?.state.kind).not.toBe('running');
  });

  it('F18: an image of ours that cannot be had is our fault, and tried again', async () => {
    const step = shell('checkout', 'true', { image: 'localhost/no-such-steps:1', imagePullPolicy: 'Never' });
    const build = await rig.start(rig.pod(shell('command', 'true'), { initContainers: [step] }));
    const found = await rig.seen(build, hasEnded);
    expect(judged(found)).toMatchObject({
      result: 'error',
      retry: true,
      because: expect.stringContaining('the image of the step checkout could not be had'),
    });
  });

  it('F20: what a rule of the cluster denies is refused for good, in its words', async () => {
    const name = `sluice-test-${rig.namespace}`;
    const at = '/apis/admissionregistration.k8s.io/v1';
    const here = { matchLabels: { 'kubernetes.io/metadata.name': rig.namespace } };
    const pods = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
    const validations = [{ expression: 'false', message: 'ask the people of acme first' }];
    const matchConstraints = { namespaceSelector: here, resourceRules: [pods] };
    const call = (method: 'POST' | 'DELETE', path: string, body?: object) =>
      rig.client.call({ method, path: `${at}${path}`, ...(body === undefined ? {} : { body }) });
    try {
      await call('POST', '/validatingadmissionpolicies', {
        metadata: { name },
        spec: { matchConstraints, validations },
      });
      const spec = { policyName: name, validationActions: ['Deny'] };
      await call('POST', '/validatingadmissionpolicybindings', { metadata: { name }, spec });
      let outcome = await rig.executor.start(rig.pod(shell('command', 'true')), {});
      // It counts a little later than it is there.
      for (let tries = 0; tries < 100 && outcome.kind === 'created'; tries += 1) {
        await sleep(200);
        outcome = await rig.executor.start(rig.pod(shell('command', 'true')), {});
      }
      expect(outcome).toMatchObject({ kind: 'refused', because: expect.stringContaining('ask the people of acme') });
    } finally {
      await call('DELETE', `/validatingadmissionpolicybindings/${name}`);
      await call('DELETE', `/validatingadmissionpolicies/${name}`);
    }
  });

  it('F21: one that is said to have succeeded while a container of it runs is no success', async () => {
    // On no node, so that no kubelet says otherwise.
    const build = await rig.start(rig.pod(shell('command', 'true'), { nodeSelector: { 'no.such/node': 'x' } }));
    const since = new Date().toISOString();
    const running = { name: 'command', image: 'x', imageID: '', ready: true, restartCount: 0 };
    const status = {
      phase: 'Succeeded',
      containerStatuses: [{ ...running, state: { running: { startedAt: since } } }],
    };
    expect(await rig.ask('PATCH', `/pods/${build}/status`, { status })).toMatchObject({ status: 200 });
    expect(judged(await rig.seen(build, hasEnded))).toMatchObject({
      result: 'error',
      retry: true,
      because: 'its pod ended as succeeded, and its container command had not',
    });
  });

  it('F22: a pod of its name that somebody else made with our labels is left alone', async () => {
    const manifest = rig.pod(shell('command', 'sleep 60'));
    expect(await rig.ask('POST', '/pods?fieldManager=somebody', manifest)).toMatchObject({ status: 201 });
    const outcome = await rig.executor.start(manifest, {});
    expect(outcome).toMatchObject({ kind: 'refused', because: expect.stringContaining('was not written by sluice') });
  });

  it('F23: a log of bytes that are no text, and without an end of line, is shown as far as it can be', async () => {
    const script = 'printf "begun\\n\\377\\376\\000\\033[31m\\n"; head -c 200000 /dev/urandom; printf "\\nlast words"';
    const build = await rig.start(rig.pod(shell('command', script)));
    let text = '';
    const { signal } = new AbortController();
    await rig.executor.follow(build, (chunk) => (text += chunk.text), signal);
    expect(text.startsWith('begun\n')).toBe(true);
    expect(text.trimEnd().endsWith('last words')).toBe(true);
    expect(judged(await rig.seen(build, hasEnded))).toMatchObject({ result: 'success' });
  });
});

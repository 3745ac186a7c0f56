import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PodManifest } from '../../../src/model/pod.ts';
import { podOf, shell } from '../../contract/pod-manifest.ts';
import { answer, failure } from './fake-api-server.ts';
import { buildNamed, type FakeStory, manifestNamed, podNamed, startFakeStory, until } from './fake-story.ts';

const one = buildNamed(1);
const secrets = { git: { token: 'canary-secret' } };
let story: FakeStory;

beforeEach(async () => {
  story = await startFakeStory();
});
afterEach(() => story.end());

function withSecret(): PodManifest {
  const volumes = [{ name: 'git', secret: { secretName: 'any', defaultMode: 0o440 } }];
  return podOf({ owner: 'test', name: one, main: [shell('main', 'true')], volumes });
}

function failFirst(method: string, part: RegExp, code: number): void {
  let failed = false;
  story.server.faults.push((call, response) => {
    if (failed || call.method !== method || !part.test(call.path)) return null;
    failed = true;
    return answer(response, code, failure(code, 'Fault', 'a fault of the test'));
  });
}

describe('a start', () => {
  it.each`
    code   | message                                                                                         | kind             | fault
    ${403} | ${'pods "x" is forbidden: exceeded quota: builds, requested: pods=1, used: pods=5, limited: 5'} | ${'unavailable'} | ${undefined}
    ${403} | ${'pods "x" is forbidden: error looking up service account n/default: not found'}               | ${'unavailable'} | ${undefined}
    ${403} | ${'pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true'}      | ${'refused'}     | ${undefined}
    ${403} | ${'pods is forbidden: User "sluice" cannot create resource "pods"'}                             | ${'refused'}     | ${undefined}
    ${403} | ${'pods "x" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi'}         | ${'refused'}     | ${'change'}
    ${400} | ${'admission webhook "policy.example.com" denied the request: no kaniko on Fridays'}            | ${'refused'}     | ${undefined}
    ${422} | ${'Pod "x" is invalid: spec.containers: Required value'}                                        | ${'refused'}     | ${undefined}
    ${500} | ${'Internal error occurred: failed calling webhook "policy.example.com": connection refused'}   | ${'unavailable'} | ${undefined}
    ${503} | ${'the server is currently unable to handle the request'}                                       | ${'unavailable'} | ${undefined}
    ${409} | ${'Operation cannot be fulfilled on resourcequotas "builds": the object has been modified'}     | ${'unavailable'} | ${undefined}
    ${404} | ${'namespaces "test" not found'}                                                                | ${'unavailable'} | ${undefined}
    ${429} | ${'too many requests, please try again later'}                                                  | ${'unavailable'} | ${undefined}
  `('that is answered $code "$message" is $kind, in the same words', async ({ code, message, kind, fault }) => {
    story.server.faults.push(({ method }, response) =>
      method === 'POST'
        ? answer(response, code, failure(code, code === 409 ? 'Conflict' : 'Forbidden', message))
        : null,
    );
    const outcome = await story.executor.start(manifestNamed(one), {});
    expect(outcome).toEqual({ kind, because: message, ...(fault === undefined ? {} : { fault }) });
  });

  it('waits as long as the API server says before it asks again', async () => {
    let refused = 0;
    story.server.faults.push(({ method }, response) => {
      if (method !== 'POST' || refused === 1) return null;
      refused += 1;
      return answer(response, 429, failure(429, 'TooManyRequests', 'slow down'), { 'retry-after': '1' });
    });
    const before = performance.now();
    expect(await story.executor.start(manifestNamed(one), {})).toEqual({ kind: 'created' });
    expect(performance.now() - before).toBeGreaterThanOrEqual(1000);
  });

  it('without an answer is unavailable, and the next one finds what the first had made', async () => {
    let lost = false;
    story.server.faults.push((call, response) => {
      if (lost || call.method !== 'POST') return null;
      lost = true;
      story.server.put(podNamed(one, { phase: 'Pending' }));
      response.destroy();
      return true;
    });
    expect(await story.executor.start(manifestNamed(one), {})).toMatchObject({ kind: 'unavailable' });
    expect(await story.executor.start(manifestNamed(one), {})).toEqual({ kind: 'exists' });
  });

  it.each`
    what                | change
    ${'another owner'}  | ${{ labels: { 'sluice.dev/owner': 'other', 'sluice.dev/build': one } }}
    ${'another build'}  | ${{ labels: { 'sluice.dev/owner': 'test', 'sluice.dev/build': 'b-other' } }}
    ${'no labels'}      | ${{ labels: {} }}
    ${'another author'} | ${{ managedFields: [{ manager: 'kubectl-create' }] }}
  `('is refused when the name is taken by a pod with $what, which is left alone', async ({ change }) => {
    const { metadata, ...pod } = podNamed(one) as ReturnType<typeof manifestNamed>;
    story.server.put({ ...pod, metadata: { ...metadata, ...change } });
    expect(await story.executor.start(manifestNamed(one), {})).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining(one),
    });
    expect(story.server.pod(one)).toBeDefined();
  });

  it('gives the cluster texts that come out as they were written', async () => {
    const script = 'echo $(HOME) $HOME $$(X) $$';
    const main = shell('main', script, { args: ['$(A)'], env: [{ name: 'A', value: '$(B)$' }] });
    await story.executor.start(podOf({ owner: 'test', name: one, main: [main] }), {});
    const [container] = (story.server.pod(one)?.spec.containers ?? []) as unknown as (typeof main)[];
    // What the kubelet makes of them: `$$` becomes `$`, and a reference that is not escaped would be replaced.
    const expand = (text: string) =>
      text.replaceAll(/\$\$|\$\([A-Z]+\)/g, (found) => (found === '$$' ? '$' : 'REPLACED'));
    expect(container?.command?.map(expand)).toEqual(['/bin/sh', '-c', script]);
    expect(container?.args?.map(expand)).toEqual(['$(A)']);
    expect(container?.env.map(({ value }) => expand(value))).toEqual(['$(B)$']);
  });
});

describe('a start with secrets', () => {
  it('makes the pod, then its secret with the pod as owner, and only then lets it be scheduled', async () => {
    expect(await story.executor.start(withSecret(), secrets)).toEqual({ kind: 'created' });
    const writes = story.server.calls.filter(({ method }) => method !== 'GET');
    expect(writes.map(({ method, path }) => `${method} ${path.split('/').slice(5).join('/')}`)).toEqual([
      'POST pods',
      'POST secrets',
      `PATCH pods/${one}`,
    ]);
    const [pod, secret, patch] = writes.map(({ body }) => body as Record<string, Record<string, unknown>>);
    expect(pod?.spec?.schedulingGates).toEqual([{ name: 'sluice.dev/secrets' }]);
    expect(secret?.metadata?.ownerReferences).toMatchObject([{ uid: story.server.pod(one)?.metadata.uid }]);
    expect(patch?.spec?.schedulingGates).toBeNull();
    expect(JSON.stringify([pod, patch])).not.toContain('canary');
  });

  it.each`
    cut                     | method     | part
    ${'before the secret'}  | ${'POST'}  | ${/secrets$/}
    ${'before the opening'} | ${'PATCH'} | ${/pods/}
  `('that was cut off $cut is not shown as started, and is completed by the next start', async ({ method, part }) => {
    failFirst(method, part, 503);
    expect(await story.executor.start(withSecret(), secrets)).toMatchObject({ kind: 'unavailable' });
    expect(await story.executor.list()).toEqual([]);
    expect(await story.executor.observe(one)).toBeNull();
    expect(await story.executor.start(withSecret(), secrets)).toEqual({ kind: 'exists' });
    expect((await story.executor.list()).map(({ name }) => name)).toEqual([one]);
    expect(story.server.names().sort()).toEqual([`pods/${one}`, `secrets/${one}-git`]);
  });

  it('that was cut off can be stopped and removed, and leaves nothing', async () => {
    failFirst('PATCH', /pods/, 503);
    await story.executor.start(withSecret(), secrets);
    await story.executor.remove(one);
    expect(story.server.names()).toEqual([]);
  });

  it('is refused, and its pod removed, when the secret is refused or is there of somebody else', async () => {
    failFirst('POST', /secrets$/, 403);
    expect(await story.executor.start(withSecret(), secrets)).toMatchObject({
      kind: 'refused',
      because: expect.not.stringContaining('canary'),
    });
    expect(story.server.names()).toEqual([]);
    story.server.putSecret(`${one}-git`, { 'sluice.dev/owner': 'other' });
    expect(await story.executor.start(withSecret(), secrets)).toMatchObject({
      kind: 'refused',
      because: `the secret ${one}-git is there and not ours`,
    });
    expect(story.server.names()).toEqual([`secrets/${one}-git`]);
  });

  it('replaces the secret of an earlier pod of that name', async () => {
    await story.executor.start(withSecret(), secrets);
    await story.executor.list();
    story.server.drop(one);
    await until('the pod to be gone', async () => (await story.executor.list()).length === 0);
    expect(await story.executor.start(withSecret(), secrets)).toEqual({ kind: 'created' });
    const { uid } = story.server.pod(one)?.metadata ?? {};
    expect(story.server.secret(`${one}-git`)?.metadata.ownerReferences).toMatchObject([{ uid }]);
    expect(story.server.names().sort()).toEqual([`pods/${one}`, `secrets/${one}-git`]);
  });
});

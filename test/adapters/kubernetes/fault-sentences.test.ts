import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { ApiPod } from '../../../src/adapters/kubernetes/api-pod.ts';
import { toObservedPod } from '../../../src/adapters/kubernetes/observe-pod.ts';
import { inMarkdown } from '../../../src/app/perform.ts';
import type { BuildOrder } from '../../../src/model/order.ts';
import type { ObservedPod, StartOutcome } from '../../../src/model/pod.ts';
import { aJob, anImage, anImageJob, sha } from '../../fakes/model-data.ts';
import { runningPod } from '../../fakes/pod-data.ts';
import { type Story, startStory } from '../../fakes/story.ts';
import { tell } from '../../fakes/story-events.ts';
import { grant, pass, shown } from '../../fakes/story-pass.ts';
import { answer, failure } from './fake-api-server.ts';
import { type FakeStory, manifestNamed, podNamed, startFakeStory } from './fake-story.ts';

/** What the API server said of pods: of a cluster of Kubernetes 1.35, or in the words of its sources where that cannot be made to. */
type Recorded = ApiPod['status'] & { readonly deletionTimestamp?: string };
const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures/pod-faults.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, Recorded>>;
const recordedAt = Date.parse('2026-11-30T04:56:00Z');

let fake: FakeStory | null = null;
afterEach(async () => {
  await fake?.end();
  fake = null;
});

function observed(order: BuildOrder, name: string): ObservedPod {
  const status = recorded[name];
  if (status === undefined) throw new Error(`nothing was recorded as ${name}`);
  const { deletionTimestamp, ...rest } = status;
  const like = runningPod(order, 0);
  const names = (statuses: ApiPod['status'], key: 'initContainerStatuses' | 'containerStatuses') =>
    (statuses?.[key] ?? []).map((each) => ({ name: each.name }));
  const pod: ApiPod = {
    metadata: {
      ...{ name: like.name, uid: like.uid, resourceVersion: '1', labels: like.labels, annotations: like.annotations },
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: {
      nodeName: 'node-1',
      initContainers: names(rest, 'initContainerStatuses'),
      containers: [...names(rest, 'containerStatuses'), ...(rest.containerStatuses ? [] : [{ name: 'command' }])],
    },
    status: rest,
  };
  return toObservedPod(pod, recordedAt);
}

/** Every pod of the story becomes like this; null: it is gone once it was seen to run. Goes on until all is concluded and cleared. */
function meet(story: Story, name: string | null): void {
  const met = new Set<string>();
  for (let passes = 0; passes < 400; passes += 1) {
    grant(story);
    pass(story);
    for (const { build } of story.started.filter((each) => !met.has(each.build.id))) {
      if (name === null && !isRunning(story)) continue;
      met.add(build.id);
      meetOne(story, build.id, name);
    }
    if (isConcluded(story) && story.pods.size === 0) return;
    story.now = Math.max(story.now + 10_000, story.server.wakeAt ?? 0);
  }
  throw new Error(`it is never concluded: ${JSON.stringify(told(story))}`);
}

function meetOne(story: Story, id: string, name: string | null): void {
  const order = story.server.orders.get(id);
  if (name === null || order === undefined) story.pods.delete(id);
  else story.pods.set(id, observed(order, name));
}

function isRunning(story: Story): boolean {
  const status = story.record.change?.jobs[0]?.status;
  return status?.kind === 'building' && status.builds[0]?.state.phase === 'running';
}

function isConcluded(story: Story): boolean {
  return !['queued', 'in_progress', undefined].includes(shown(story, jobOf(story)));
}

function jobOf(story: Story): string {
  return story.record.change?.jobs[0]?.job ?? 'unit';
}

function opened(isImage = false): Story {
  const jobs = isImage ? [anImageJob('build-image', [anImage('api')])] : [aJob('unit')];
  const story = startStory({ jobs });
  tell(story, 'pull_request.opened');
  return story;
}

/** What the author sees: the conclusion, and what the check run says of the one build. */
function told(story: Story): { readonly conclusion: string | undefined; readonly says: string | undefined } {
  const report = story.checks.shown(sha('a'), jobOf(story));
  const says = /^\* `[\w-]+`: (.*)$/m.exec(report?.summary ?? '')?.[1];
  return { conclusion: shown(story, jobOf(story)), says };
}

const thrice = ' (attempt 3 of 3)';

describe('the sentence on the check run (intake-faults-attacks.md §6)', () => {
  it.each`
    fault                                            | recording                            | isImage  | conclusion     | attempts | says
    ${'F13, F16: gone from the listing'}             | ${null}                              | ${false} | ${'failure'}   | ${3}     | ${`its pod got deleted unexpectedly${thrice}`}
    ${'F15: drained'}                                | ${'evicted by a drain'}              | ${false} | ${'failure'}   | ${3}     | ${`it was evicted from its node: \`Eviction API: evicting\`${thrice}`}
    ${'F15: a full node'}                            | ${'evicted from a full node'}        | ${false} | ${'failure'}   | ${3}     | ${`its node ran short: \`The node was low on resource: ephemeral-storage. Threshold quantity: 3212802Ki, available: 3024204Ki. Container command was using 9Gi, request is 1Gi, has larger consumption of ephemeral-storage.\`${thrice}`}
    ${'F15: its own limit'}                          | ${'evicted for its own limit'}       | ${false} | ${'failure'}   | ${1}     | ${`it used more storage than its limit: \`Usage of EmptyDir volume "out" exceeds the limit "1Mi".\`: raise ephemeralStorage, or write less`}
    ${'F15: preempted'}                              | ${'made room'}                       | ${false} | ${'failure'}   | ${3}     | ${`it had to make room for another pod: \`default-scheduler: preempting to accommodate a higher priority pod\`${thrice}`}
    ${'F15: its node is unknown'}                    | ${'node unknown'}                    | ${false} | ${'failure'}   | ${3}     | ${`its node was lost: \`Node node-1 which was running pod is unresponsive\`${thrice}`}
    ${'F15: its node does not confirm its end'}      | ${'node silent'}                     | ${false} | ${'failure'}   | ${3}     | ${`its node was lost: \`node-1 does not confirm that the pod has ended\`${thrice}`}
    ${'F16: deleted, and kept by a finalizer'}       | ${'deleted and kept by a finalizer'} | ${false} | ${'failure'}   | ${3}     | ${`its pod got deleted unexpectedly${thrice}`}
    ${'F17: the command runs out of memory'}         | ${'out of memory'}                   | ${false} | ${'failure'}   | ${1}     | ${`command ran out of memory: raise memory, or use less`}
    ${'F17: the builder does'}                       | ${'builder out of memory'}           | ${true}  | ${'failure'}   | ${1}     | ${`build ran out of memory: raise memory, or let the build hold less at once`}
    ${'F17: the daemon beside it does'}              | ${'daemon out of memory'}            | ${true}  | ${'failure'}   | ${1}     | ${`build ran out of memory: raise memory, or let the build hold less at once`}
    ${'F18: no image of ours'}                       | ${'no image of ours'}                | ${false} | ${'failure'}   | ${3}     | ${`the image of the step checkout could not be had: \`Container image "localhost/no-such-steps:1" is not present with pull policy of Never\`${thrice}`}
    ${'F18: no image of the author’s'}               | ${"no image of the author's"}        | ${false} | ${'failure'}   | ${1}     | ${`the image of the job could not be had: \`failed to pull and unpack image "10.77.0.1:1/none:1": failed to resolve image: failed to do request: Head "https://10.77.0.1:1/v2/none/manifests/1": dial tcp 10.77.0.1:1: connect: connection refused\``}
    ${'F18: what is no name of an image'}            | ${'no name of an image'}             | ${false} | ${'failure'}   | ${1}     | ${`the image of the job could not be had: \`Failed to apply default image tag "Not A Name": couldn't parse image name "Not A Name": invalid reference format: repository name (library/Not A Name) must be lowercase\``}
    ${'F19: no node takes it'}                       | ${'no node takes it'}                | ${false} | ${'failure'}   | ${1}     | ${`its pod did not start within 10 minutes: \`Unschedulable: 0/11 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 10 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/11 nodes are available: 11 Preemption is not helpful for scheduling.\``}
    ${'F21: succeeded with an unfinished container'} | ${'succeeded and unfinished'}        | ${false} | ${'failure'}   | ${3}     | ${`its pod ended as succeeded, and its container command had not${thrice}`}
    ${'a deadline of the cluster'}                   | ${'too long'}                        | ${false} | ${'timed_out'} | ${1}     | ${`it took longer than its timeout`}
  `('$fault', ({ recording, isImage, conclusion, attempts, says }) => {
    const story = opened(isImage);
    meet(story, recording);
    expect({ ...told(story), attempts: story.started.length }).toEqual({ conclusion, says, attempts });
    expect(story.checks.violations).toEqual([]);
  });

  /** What a start comes to when the API server answers so; `body` null: there is a pod of that name, made by somebody else. */
  async function startedWith(status: number, body: object | null): Promise<StartOutcome> {
    fake = await startFakeStory();
    const manifest = manifestNamed('b-fake');
    if (body === null) fake.server.put({ ...podNamed('b-fake'), metadata: { ...manifest.metadata } });
    else fake.server.faults.push(({ method }, response) => (method === 'POST' ? answer(response, status, body) : null));
    return inMarkdown(await fake.executor.start(manifest, {}));
  }

  const forbidden = (words: string) => failure(403, 'Forbidden', `pods "b-x" is forbidden: ${words}`);

  it.each`
    fault                                | status | body                                                                                                               | conclusion   | says
    ${'F20: a full quota, for too long'} | ${403} | ${forbidden('exceeded quota: full, requested: pods=1, used: pods=1, limited: pods=1')}                             | ${'failure'} | ${`it could not be started: \`pods "b-x" is forbidden: exceeded quota: full, requested: pods=1, used: pods=1, limited: pods=1\`${thrice}`}
    ${'F20: a size above the limit'}     | ${403} | ${forbidden('maximum memory usage per Container is 64Mi, but limit is 128Mi')}                                     | ${'failure'} | ${`it could not be started: \`pods "b-x" is forbidden: maximum memory usage per Container is 64Mi, but limit is 128Mi\``}
    ${'F20: a rule of the cluster'}      | ${403} | ${forbidden("ValidatingAdmissionPolicy 'p' with binding 'p' denied request: ask the people of acme first")}        | ${'failure'} | ${`it could not be started: \`pods "b-x" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p' denied request: ask the people of acme first\``}
    ${'F20: Pod Security'}               | ${403} | ${forbidden('violates PodSecurity "baseline:latest": non-default capabilities')}                                   | ${'failure'} | ${`it could not be started: \`pods "b-x" is forbidden: violates PodSecurity "baseline:latest": non-default capabilities\``}
    ${'F20: a webhook that is away'}     | ${500} | ${failure(500, 'InternalError', 'Internal error occurred: failed calling webhook "w": context deadline exceeded')} | ${'failure'} | ${`it could not be started: \`Internal error occurred: failed calling webhook "w": context deadline exceeded\`${thrice}`}
    ${'F22: a pod of that name'}         | ${0}   | ${null}                                                                                                            | ${'failure'} | ${`it could not be started: \`there is a pod b-fake already, and it was not written by sluice\``}
  `('$fault', async ({ status, body, conclusion, says }) => {
    const story = opened();
    story.startAnswer = await startedWith(status, body);
    meet(story, 'passed');
    expect(told(story)).toEqual({ conclusion, says });
    expect(story.started).toEqual([]);
  });

  it('F20: while a quota is full the check run says so, and once it is not the build goes on', async () => {
    const story = opened();
    const words = 'exceeded quota: full, requested: pods=1, used: pods=1, limited: pods=1';
    story.startAnswer = await startedWith(403, forbidden(words));
    for (let passes = 0; passes < 4; passes += 1) {
      grant(story);
      pass(story);
      story.now += 1000;
    }
    expect(story.checks.shown(sha('a'), 'unit')).toMatchObject({
      state: { status: 'in_progress' },
      title: 'Could not be started so far',
      summary: expect.stringContaining(
        `* \`unit\`: it could not be started so far: \`pods "b-x" is forbidden: ${words}\``,
      ),
    });
    story.startAnswer = null;
    meet(story, 'passed');
    expect(told(story)).toEqual({ conclusion: 'success', says: undefined });
    expect(story.started).toHaveLength(1);
  });

  it('F14: while the API server is away nothing is concluded, whatever was there before, and the check run goes on', () => {
    const story = opened();
    for (let passes = 0; passes < 3; passes += 1) {
      grant(story);
      pass(story);
    }
    const [order] = story.started;
    if (order === undefined) throw new Error('nothing was started');
    story.pods.clear();
    story.reads.pods = false;
    for (let minutes = 0; minutes < 30; minutes += 1) {
      story.now += 60_000;
      pass(story);
    }
    expect(story.checks.shown(sha('a'), 'unit')).toMatchObject({ state: { status: 'in_progress' }, title: 'Building' });
    story.reads.pods = true;
    story.pods.set(order.build.id, observed(order, 'passed'));
    pass(story);
    expect(shown(story, 'unit')).toBe('success');
  });

  it('F23: where no log can be read it is concluded all the same', () => {
    const story = opened();
    meet(story, 'passed');
    expect(story.checks.shown(sha('a'), 'unit')).toMatchObject({ state: { conclusion: 'success' } });
  });
});

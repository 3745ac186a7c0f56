import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, failure } from './fake-api-server.ts';
import { buildNamed, type FakeStory, podNamed, startFakeStory } from './fake-story.ts';

const one = buildNamed(1);
let story: FakeStory;

beforeEach(async () => {
  story = await startFakeStory();
});
afterEach(() => story.end());

function onNode(name: string, status: object = { phase: 'Running' }): object {
  const pod = podNamed(name, status) as { spec: object };
  return { ...pod, spec: { ...pod.spec, nodeName: 'node-1' } };
}

function writes(): string[] {
  return story.server.calls.filter(({ method }) => method !== 'GET').map(({ method }) => method);
}

describe('a stop', () => {
  it('moves the deadline of a pod on a node to now, once, and deletes nothing', async () => {
    story.server.put(onNode(one));
    await story.executor.stop(one);
    await story.executor.stop(one);
    expect(writes()).toEqual(['PATCH']);
    const pod = story.server.pod(one);
    expect(pod?.spec).toMatchObject({ activeDeadlineSeconds: 1, containers: [{ name: 'main' }] });
    expect((await story.executor.observe(one))?.annotations).toEqual({});
  });

  it('deletes a pod that has no node, of exactly the version that had none', async () => {
    const pod = story.server.put(podNamed(one, { phase: 'Pending' }));
    await story.executor.stop(one);
    expect(await story.executor.observe(one)).toBeNull();
    const deletion = story.server.calls.find(({ method }) => method === 'DELETE');
    const { uid, resourceVersion } = pod.metadata;
    expect(deletion?.body).toEqual({ preconditions: { uid, resourceVersion } });
  });

  it('ends a pod the other way when it got a node in between', async () => {
    story.server.put(podNamed(one, { phase: 'Pending' }));
    story.server.faults.push(({ method }, response) => {
      if (method !== 'DELETE') return null;
      story.server.put(onNode(one));
      return answer(response, 409, failure(409, 'Conflict', 'the resource version has changed'));
    });
    await story.executor.stop(one);
    expect(writes()).toEqual(['DELETE', 'PATCH']);
    expect(story.server.pod(one)?.spec).toMatchObject({ activeDeadlineSeconds: 1 });
  });

  it.each(['Succeeded', 'Failed'])('leaves a pod alone that has %s', async (phase) => {
    story.server.put(onNode(one, { phase }));
    await story.executor.stop(one);
    expect(writes()).toEqual([]);
  });

  it('is an error, and not a success, when the API server does not do it', async () => {
    story.server.put(onNode(one));
    story.server.faults.push(({ method }, response) =>
      method === 'PATCH' ? answer(response, 500, failure(500, 'InternalError', 'etcd is away')) : null,
    );
    await expect(story.executor.stop(one)).rejects.toThrow('etcd is away');
  });

  it('does not touch a pod of another owner', async () => {
    const { metadata, ...pod } = onNode(one) as { metadata: { labels: object } };
    story.server.put({
      ...pod,
      metadata: { ...metadata, labels: { ...metadata.labels, 'sluice.dev/owner': 'other' } },
    });
    await story.executor.stop(one);
    await story.executor.remove(one);
    expect(writes()).toEqual([]);
  });
});

describe('a removal', () => {
  it('of the pod that it saw does not take another of the same name', async () => {
    story.server.put(onNode(one, { phase: 'Failed' }));
    await story.executor.list();
    const uid = story.server.pod(one)?.metadata.uid;
    story.server.faults.push(({ method, body }, response) => {
      if (method !== 'DELETE') return null;
      expect(body).toEqual({ preconditions: { uid } });
      return answer(response, 409, failure(409, 'Conflict', 'the uid is another'));
    });
    await story.executor.remove(one);
    expect(story.server.pod(one)).toBeDefined();
  });

  it('waits until a running pod is gone', async () => {
    story.server.put(onNode(one));
    story.server.faults.push(({ method }, response) => {
      if (method !== 'DELETE') return null;
      const { metadata, ...pod } = onNode(one) as { metadata: object };
      const deletionTimestamp = new Date(Date.now() + 1000).toISOString();
      const ending = story.server.put({
        ...pod,
        metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds: 1 },
      });
      setTimeout(() => story.server.drop(one), 300);
      return answer(response, 200, ending);
    });
    await story.executor.remove(one);
    expect(story.server.pod(one)).toBeUndefined();
    expect(await story.executor.observe(one)).toBeNull();
  });

  it('does not wait for a node that does not answer any more', async () => {
    const { metadata, ...pod } = onNode(one) as { metadata: object };
    const lost = { ...metadata, deletionTimestamp: '2026-01-02T03:04:05Z', deletionGracePeriodSeconds: 30 };
    story.server.put({ ...pod, metadata: lost });
    story.server.faults.push(({ method }, response) =>
      method === 'DELETE' ? answer(response, 200, story.server.pod(one) ?? {}) : null,
    );
    await story.executor.remove(one);
    expect(await story.executor.list()).toMatchObject([{ name: one, reason: 'NodeLost' }]);
  });
});

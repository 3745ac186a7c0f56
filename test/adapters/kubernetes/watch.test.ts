import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, failure } from './fake-api-server.ts';
import { buildNamed, type FakeStory, manifestNamed, podNamed, startFakeStory, until } from './fake-story.ts';

const one = buildNamed(1);
const two = buildNamed(2);
let story: FakeStory;

afterEach(() => story.end());

async function begin(pace: Parameters<typeof startFakeStory>[0] = {}): Promise<FakeStory> {
  story = await startFakeStory(pace);
  return story;
}

async function watched(): Promise<void> {
  await story.executor.list();
  await until('the watch to be open', () => story.server.watches() === 1);
  await sleep(20);
}

function listings(): number {
  return story.server.calls.filter(
    ({ path, query, method }) => method === 'GET' && path.endsWith('/pods') && !query.has('watch'),
  ).length;
}

async function phaseOf(build: typeof one): Promise<string | undefined> {
  return (await story.executor.list()).find(({ name }) => name === build)?.phase;
}

describe('what is known of the pods', () => {
  it('comes from the watch: once it is open nothing more is asked', async () => {
    const { server, executor } = await begin();
    server.put(podNamed(one));
    await watched();
    const before = server.calls.length;
    server.put(podNamed(one, { phase: 'Failed' }));
    await until('the end of the pod', async () => (await phaseOf(one)) === 'failed');
    expect((await executor.observe(one))?.phase).toBe('failed');
    expect(server.calls.length).toBe(before);
  });

  it('is asked for when the watch does not know it, and null only when the API server says so', async () => {
    const { server, executor } = await begin();
    await watched();
    server.put(podNamed(two), 'silently');
    expect((await executor.observe(two))?.name).toBe(two);
    expect(await executor.observe(one)).toBeNull();
    server.faults.push((_call, response) => answer(response, 503, failure(503, 'ServiceUnavailable', 'not now')));
    await expect(executor.observe(one)).rejects.toThrow('not now');
  });

  it.each`
    how          | fault
    ${'away'}    | ${'ECONNRESET'}
    ${'broken'}  | ${500}
    ${'limited'} | ${429}
  `('is nothing, and never empty, while the API server is $how', async ({ fault }) => {
    const { server, executor } = await begin();
    server.put(podNamed(one));
    await watched();
    server.faults.push((_call, response) => {
      if (typeof fault === 'number') return answer(response, fault, failure(fault, 'Fault', 'no list now'));
      response.destroy();
      return true;
    });
    server.endWatches('reset');
    await until('the break to be noticed', () => server.watches() === 0);
    await sleep(50);
    await expect(executor.list()).rejects.toThrow();
    server.faults.length = 0;
    expect((await executor.list()).map(({ name }) => name)).toEqual([one]);
  });

  it('holds a pod that was started and lacks one that was removed, at once and whatever the watch says', async () => {
    const { server, executor } = await begin();
    await watched();
    expect(await executor.start(manifestNamed(one), {})).toEqual({ kind: 'created' });
    expect((await executor.list()).map(({ name }) => name)).toEqual([one]);
    const stale = server.pod(one);
    await executor.remove(one);
    server.tell({ type: 'MODIFIED', object: stale });
    await sleep(50);
    expect(await executor.list()).toEqual([]);
  });

  it('keeps a pod that was started while a listing was on its way', async () => {
    const { server, executor } = await begin();
    let release = (): void => undefined;
    server.faults.push(({ path, query, method }, response) => {
      if (method !== 'GET' || !path.endsWith('/pods') || query.has('watch')) return null;
      release = () => answer(response, 200, { kind: 'List', metadata: { resourceVersion: '1000' }, items: [] });
      return true;
    });
    const listing = executor.list();
    await until('the listing to be asked for', () => listings() >= 1);
    await executor.start(manifestNamed(one), {});
    release();
    expect((await listing).map(({ name }) => name)).toEqual([one]);
    server.faults.length = 0;
  });
});

describe('a pod that is started while somebody asks for it', () => {
  it('is there, although the answer is that it was not', async () => {
    const { server, executor } = await begin();
    await watched();
    let release = (): void => undefined;
    server.faults.push(({ path, method }, response) => {
      if (method !== 'GET' || !path.endsWith(one)) return null;
      release = () => answer(response, 404, failure(404, 'NotFound', 'not found'));
      return true;
    });
    const asked = server.calls.length;
    const observing = executor.observe(one);
    await until('the question', () => server.calls.length > asked);
    expect(await executor.start(manifestNamed(one), {})).toEqual({ kind: 'created' });
    release();
    expect(await observing).toBeNull();
    expect((await executor.list()).map(({ name }) => name)).toEqual([one]);
  });
});

describe('a watch', () => {
  it.each`
    fault                                | happens
    ${'is answered with 410'}            | ${'on connect'}
    ${'tells of 410'}                    | ${'in the stream'}
    ${'is reset'}                        | ${'reset'}
    ${'ends'}                            | ${'end'}
    ${'says something that is not JSON'} | ${'garbage'}
  `('that $fault is followed by a listing and a new watch, and nothing is lost', async ({ happens }) => {
    const { server } = await begin();
    server.put(podNamed(one));
    let refusals = happens === 'on connect' ? 2 : 0;
    server.faults.push(({ query }, response) => {
      if (!query.has('watch') || refusals === 0) return null;
      refusals -= 1;
      return answer(response, 410, failure(410, 'Expired', 'too old resource version'));
    });
    await watched();
    const before = listings();
    server.put(podNamed(one, { phase: 'Failed' }), 'silently');
    if (happens === 'in the stream') server.tell({ type: 'ERROR', object: failure(410, 'Expired', 'too old') });
    if (happens === 'reset' || happens === 'end') server.endWatches(happens);
    if (happens === 'garbage') server.tell([]);
    if (happens === 'on connect') return expect(before).toBeGreaterThanOrEqual(3);
    await until('a new listing', () => listings() > before);
    await until('the change', async () => (await phaseOf(one)) === 'failed');
    await until('a new watch', () => server.watches() === 1);
    return undefined;
  });

  it('pauses longer and longer between attempts while it is refused', async () => {
    const { server, executor } = await begin();
    server.faults.push(({ query }, response) =>
      query.has('watch') ? answer(response, 410, failure(410, 'Expired', 'too old resource version')) : null,
    );
    await executor.list();
    const attempts = () => server.calls.filter(({ query }) => query.has('watch')).length;
    await sleep(2000);
    expect(attempts()).toBeLessThanOrEqual(6);
    await until('another attempt', () => attempts() >= 2);
  });

  it('that falls silent is given up when builds run, and what it kept to itself is found', async () => {
    const { server } = await begin({ silenceMs: 300 });
    server.put(podNamed(one));
    await watched();
    server.put(podNamed(one, { phase: 'Succeeded' }), 'silently');
    await until('the end of the pod', async () => (await phaseOf(one)) === 'succeeded');
  });

  it('that is not even answered is given up', async () => {
    const { server, executor } = await begin({ silenceMs: 300 });
    let unanswered = 0;
    server.faults.push(({ query }) => {
      if (!query.has('watch') || unanswered === 2) return null;
      unanswered += 1;
      return true;
    });
    await executor.list();
    await until('a watch that is answered', () => server.watches() === 1);
    expect(unanswered).toBe(2);
  });

  it('after which a cluster was put back to an earlier state is followed by what is there now', async () => {
    const { server } = await begin({ silenceMs: 300 });
    const pod = server.put(podNamed(one, { phase: 'Failed' }));
    await watched();
    const earlier = { ...pod, metadata: { ...pod.metadata, resourceVersion: '7' }, status: { phase: 'Running' } };
    server.faults.push(({ path, query, method }, response) => {
      if (method !== 'GET' || !path.endsWith('/pods') || query.has('watch')) return null;
      return answer(response, 200, { kind: 'List', metadata: { resourceVersion: '8' }, items: [earlier] });
    });
    server.endWatches('reset');
    await until('the earlier state', async () => (await phaseOf(one)) === 'running');
  });

  it('that does not tell of what we wrote is given up', async () => {
    const { server, executor } = await begin({ echoMs: 100 });
    await watched();
    const before = listings();
    server.put(podNamed(one, { phase: 'Pending' }), 'silently');
    expect(await executor.start(manifestNamed(one), {})).toEqual({ kind: 'exists' });
    await until('a new listing', () => listings() > before);
  });

  it('that lost a deletion is corrected by the next listing', async () => {
    const { server, executor } = await begin({ silenceMs: 200 });
    server.put(podNamed(one));
    await watched();
    server.drop(one, 'silently');
    await until('the pod to be gone', async () => (await executor.list()).length === 0);
  });

  it('lists everything anew after a while even when nothing is wrong', async () => {
    const { server } = await begin({ relistMs: 300 });
    await watched();
    const before = listings();
    const bookmark = { type: 'BOOKMARK', object: { kind: 'Pod', metadata: { resourceVersion: '2000' } } };
    const chatter = setInterval(() => server.tell(bookmark), 20);
    await until('two listings', () => listings() > before + 1);
    clearInterval(chatter);
  });

  it('that tells of an earlier version after a later one is not followed back', async () => {
    const { server, executor } = await begin();
    const earlier = server.put(podNamed(one, { phase: 'Running' }));
    await watched();
    server.put(podNamed(one, { phase: 'Failed' }));
    await until('the end', async () => (await phaseOf(one)) === 'failed');
    server.tell({ type: 'MODIFIED', object: earlier });
    server.put(podNamed(two));
    await until('what came after', async () => (await executor.list()).length === 2);
    expect(await phaseOf(one)).toBe('failed');
  });
});

describe('a watcher', () => {
  it('is told once of each change, of a duplicate ADDED never, and of the deletion', async () => {
    const { server, executor } = await begin();
    await watched();
    const told: string[] = [];
    const end = executor.watch((build) => told.push(build));
    const pod = server.put(podNamed(one));
    await until('the first notice', () => told.length === 1);
    server.tell({ type: 'ADDED', object: pod });
    server.put({ ...pod, status: { ...pod.status, conditions: [{ type: 'Ready', status: 'True' }] } });
    server.tell({ type: 'BOOKMARK', object: { kind: 'Pod', metadata: { resourceVersion: '2000' } } });
    server.put(podNamed(two));
    await until('the second pod', () => told.includes(two));
    expect(told).toEqual([one, two]);
    server.drop(one);
    await until('the deletion', () => told.length === 3);
    expect(told).toEqual([one, two, one]);
    end();
    server.put(podNamed(two, { phase: 'Failed' }));
    await until('the change', async () => (await phaseOf(two)) === 'failed');
    expect(told).toHaveLength(3);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { learnLeast, quantityOf, withLeast } from '../../../src/adapters/kubernetes/least-sizes.ts';
import { podOf, shell } from '../../contract/pod-manifest.ts';
import { answer, failure } from './fake-api-server.ts';
import { buildNamed, type FakeStory, manifestNamed, startFakeStory } from './fake-story.ts';

it.each`
  text      | number
  ${'4'}    | ${4}
  ${'100m'} | ${0.1}
  ${'16Gi'} | ${16 * 2 ** 30}
  ${'1.5G'} | ${1.5e9}
  ${'512k'} | ${512_000}
  ${'1e3'}  | ${null}
  ${'lots'} | ${null}
`('the quantity $text is $number', ({ text, number }) => {
  expect(quantityOf(text)).toBe(number);
});

// As the LimitRanger of Kubernetes 1.3x writes them.
const refused = 'pods "x" is forbidden: ';
it.each<[string, Record<string, string>]>([
  [
    `${refused}minimum ephemeral-storage usage per Container is 16Gi, but request is 1Gi`,
    { 'ephemeral-storage': '16Gi' },
  ],
  [`${refused}minimum memory usage per Container is 100Mi.  No request is specified`, { memory: '100Mi' }],
  [
    `${refused}[minimum cpu usage per Container is 100m, but request is 10m, minimum memory usage per Container is 1.5Gi, but request is 1Gi, minimum memory usage per Container is 2Gi, but request is 1Gi]`,
    { cpu: '100m', memory: '2Gi' },
  ],
  [`${refused}maximum memory usage per Container is 1Gi, but limit is 2Gi`, {}],
  [`${refused}minimum memory usage per Pod is 1Gi, but request is 512Mi`, {}],
  [`${refused}exceeded quota: builds`, {}],
])('of %s is learnt %j', (because, expected) => {
  const least = new Map<string, string>();
  expect(learnLeast(least, because)).toBe(Object.keys(expected).length > 0);
  expect(Object.fromEntries(least)).toEqual(expected);
  expect(learnLeast(least, because)).toBe(false);
});

it('each container asks for that at the least, with a limit not below it, and for no less than before', () => {
  const resources = {
    requests: { cpu: '10m', memory: '4Gi' },
    limits: { cpu: '50m', memory: '4Gi', 'ephemeral-storage': '1Gi' },
  };
  const main = [shell('main', 'true', { resources })];
  const least = new Map([
    ['cpu', '100m'],
    ['memory', '1Gi'],
    ['ephemeral-storage', '16Gi'],
  ]);
  const { spec } = withLeast(podOf({ owner: 'test', name: buildNamed(1), main }), least);
  expect(spec.containers[0]?.resources).toEqual({
    requests: { cpu: '100m', memory: '4Gi', 'ephemeral-storage': '16Gi' },
    limits: { cpu: '100m', memory: '4Gi', 'ephemeral-storage': '16Gi' },
  });
});

describe('a namespace whose LimitRange asks for more', () => {
  let story: FakeStory;
  beforeEach(async () => {
    story = await startFakeStory();
  });
  afterEach(() => story.end());

  it('is given it at the second try, and from then on at the first', async () => {
    const asked: string[] = [];
    story.server.faults.push(({ method, path, body }, response) => {
      if (method !== 'POST' || !path.endsWith('/pods')) return null;
      const { containers } = (body as { spec: { containers: { resources: { requests: { memory?: string } } }[] } })
        .spec;
      const { memory = 'nothing' } = containers[0]?.resources.requests ?? {};
      asked.push(memory);
      const message = `${refused}minimum memory usage per Container is 2Gi, but request is ${memory}`;
      return memory === '2Gi' ? null : answer(response, 403, failure(403, 'Forbidden', message));
    });
    expect(await story.executor.start(manifestNamed(buildNamed(1)), {})).toEqual({ kind: 'created' });
    expect(await story.executor.start(manifestNamed(buildNamed(2)), {})).toEqual({ kind: 'created' });
    expect(asked).toEqual([expect.not.stringMatching('2Gi'), '2Gi', '2Gi']);
  });

  it('that refuses all the same is asked twice and no more', async () => {
    let count = 0;
    const message = `${refused}minimum memory usage per Container is 2Gi, but request is 1Gi`;
    story.server.faults.push(({ method, path }, response) => {
      if (method !== 'POST' || !path.endsWith('/pods')) return null;
      count += 1;
      return answer(response, 403, failure(403, 'Forbidden', message));
    });
    const outcome = await story.executor.start(manifestNamed(buildNamed(1)), {});
    expect(outcome).toEqual({ kind: 'refused', because: message, fault: 'change' });
    expect(count).toBe(2);
  });
});

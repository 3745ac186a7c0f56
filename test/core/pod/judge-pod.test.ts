import { describe, expect, it } from 'vitest';
import { judgePod } from '../../../src/core/pod/judge-pod.ts';
import type { ObservedPod } from '../../../src/model/pod.ts';
import { digest, exited, measured, podOf, running, waiting } from './observed-pod.ts';

const done = exited(0);
const jobImage = { 'sluice.dev/job-image': 'quay.io/acme/tools:1' };

function judge(pod: ObservedPod, logTail = '', buildsImage = true) {
  return judgePod(pod, { buildsImage, logTail });
}

describe('a pod that is going', () => {
  it.each([
    ['nothing of it is known', podOf({ checkout: waiting(null) }, { phase: 'pending' }), 'starting', 0],
    [
      'no node takes it',
      podOf({ checkout: waiting(null) }, { phase: 'pending', reason: 'Unschedulable', message: '0/3 nodes' }),
      'starting',
      0,
    ],
    ['its images come', podOf({ checkout: waiting('ContainerCreating') }, { phase: 'pending' }), 'starting', 0],
    [
      'its first step runs',
      podOf({ checkout: running, build: waiting('PodInitializing') }, { phase: 'running' }),
      'running',
      1500,
    ],
    ['a later step runs', podOf({ checkout: done, build: running }, { phase: 'running' }), 'running', 1000],
    [
      'a step failed and the runtime has not said the end',
      podOf({ checkout: exited(1), build: waiting(null) }, { phase: 'running' }),
      'running',
      1000,
    ],
    ['it has no containers yet', podOf({}, { phase: 'pending' }), 'starting', 0],
  ] as const)('is %s: no verdict', (_title, pod, phase, since) => {
    expect(judge(pod)).toEqual({ kind: 'going', phase, since });
  });
});

describe('a pod that succeeded', () => {
  it('gives the image that was measured, with the first start and the last end', () => {
    const pod = podOf(
      {
        checkout: done,
        build: exited(0, { startedAt: 2000, finishedAt: 3000 }),
        measure: exited(0, { message: measured, finishedAt: 4000 }),
      },
      { phase: 'succeeded' },
    );
    expect(judge(pod)).toEqual({
      kind: 'ended',
      result: 'success',
      because: 'it was built',
      retry: false,
      image: { digest, bytes: 1234, layers: 2 },
      startedAt: 1000,
      finishedAt: 4000,
    });
  });

  it('needs no image where none is built', () => {
    const pod = podOf({ checkout: done, command: done }, { phase: 'succeeded' });
    expect(judge(pod, '', false)).toMatchObject({ result: 'success', image: null });
  });

  it('believes only the last container: what the builder left is not a measurement', () => {
    const pod = podOf({ build: exited(0, { message: measured }), measure: exited(0) }, { phase: 'succeeded' });
    expect(judge(pod)).toMatchObject({ result: 'error', retry: true, image: null });
  });

  it.each([
    ['a container still runs', podOf({ checkout: done, command: running }, { phase: 'succeeded' })],
    ['a container never started', podOf({ checkout: done, command: waiting(null) }, { phase: 'succeeded' })],
    ['a container failed', podOf({ checkout: exited(1), command: done }, { phase: 'succeeded' })],
    ['it had no container at all', podOf({}, { phase: 'succeeded' })],
  ])('is our error when %s', (_title, pod) => {
    expect(judge(pod, '', false)).toMatchObject({ kind: 'ended', result: 'error', retry: true, image: null });
  });

  const good = { digest, bytes: 1, layers: 1 };
  it.each([
    ['nothing', ''],
    ['no JSON', 'sha256:abc'],
    ['half a JSON', measured.slice(0, -1)],
    ['null', 'null'],
    ['a number', '7'],
    ['a list', '[]'],
    ['a bare digest', JSON.stringify(digest)],
    ['no digest', JSON.stringify({ bytes: 1, layers: 1 })],
    ['a short digest', JSON.stringify({ ...good, digest: 'sha256:abc' })],
    ['an upper-case digest', JSON.stringify({ ...good, digest: digest.toUpperCase() })],
    ['a digest with a line end', JSON.stringify({ ...good, digest: `${digest}\n` })],
    ['another algorithm', JSON.stringify({ ...good, digest: `sha512:${'a'.repeat(64)}` })],
    ['a digest in a list', JSON.stringify({ ...good, digest: [digest] })],
    ['negative bytes', JSON.stringify({ ...good, bytes: -1 })],
    ['half a byte', JSON.stringify({ ...good, bytes: 0.5 })],
    ['bytes as text', JSON.stringify({ ...good, bytes: '1' })],
    ['bytes beyond counting', `{"digest":"${digest}","bytes":1e400,"layers":1}`],
    ['no layers', JSON.stringify({ digest, bytes: 1 })],
    ['half a layer', JSON.stringify({ ...good, layers: 1.5 })],
    ['the digest in the prototype', `{"__proto__":${JSON.stringify(good)}}`],
    ['4,097 bytes', measured.padEnd(4097)],
    ['4,097 bytes in fewer characters', JSON.stringify({ ...good, note: 'ü'.repeat(2040) })],
    ['deep nesting', '['.repeat(4000)],
  ])('is our error, and no exception, when %s was measured', (_title, message) => {
    const pod = podOf({ build: done, measure: exited(0, { message }) }, { phase: 'succeeded' });
    expect(judge(pod)).toMatchObject({ result: 'error', retry: true, image: null });
  });

  it('takes an empty image and a message of exactly 4,096 bytes', () => {
    const message = JSON.stringify({ digest, bytes: 0, layers: 0 }).padEnd(4096);
    const pod = podOf({ measure: exited(0, { message }) }, { phase: 'succeeded' });
    expect(judge(pod)).toMatchObject({ result: 'success', image: { bytes: 0, layers: 0 } });
  });
});

describe('an image that cannot be had', () => {
  const pulls = ['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName'];

  it.each(pulls)('is our error for a step or builder and the change’s for its own image (%s)', (reason) => {
    const state = waiting(reason, 'manifest unknown');
    for (const name of ['checkout', 'build', 'measure']) {
      const found = judge(podOf({ [name]: state, later: waiting(null) }, { phase: 'pending' }));
      expect(found).toMatchObject({ kind: 'ended', result: 'error', retry: true, startedAt: null, finishedAt: 0 });
    }
    const found = judge(podOf({ checkout: done, command: state }, { phase: 'running' }), '', false);
    expect(found).toMatchObject({ kind: 'ended', result: 'failure', retry: false, startedAt: 1000, finishedAt: 2000 });
    expect(found).toHaveProperty('because', 'the image of the job could not be had: `manifest unknown`');
  });

  it.each([
    ['the author’s', 'copying quay.io/acme/tools:1: manifest unknown', 'failure'],
    ['the author’s behind a scheme', 'initializing source docker://quay.io/acme/tools:1: denied', 'failure'],
    ['another', 'copying localhost/steps:abc: not in the store', 'error'],
    ['one that only begins like it', 'copying quay.io/acme/tools:12: denied', 'error'],
    ['one that only ends like it', 'copying evil-quay.io/acme/tools:1: denied', 'error'],
  ])('tells whose it is from the words where the runtime names no container: %s', (_title, message, result) => {
    const pod = podOf(
      { checkout: waiting(null), command: waiting(null) },
      { reason: 'ErrImagePull', message, annotations: jobImage },
    );
    expect(judge(pod, '', false)).toMatchObject({ kind: 'ended', result });
  });

  it('is ours where nobody says which image', () => {
    expect(judge(podOf({ command: waiting(null) }, { reason: 'ErrImagePull' }))).toMatchObject({ result: 'error' });
  });
});

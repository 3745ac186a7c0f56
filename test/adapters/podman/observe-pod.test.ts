import { describe, expect, it } from 'vitest';
import type { ListedContainer } from '../../../src/adapters/podman/containers.ts';
import { isPullFailure, type PodFacts, toObservedPod } from '../../../src/adapters/podman/observe-pod.ts';
import type { StartProgress } from '../../../src/adapters/podman/record.ts';
import { toBuildId } from '../../../src/model/build.ts';
import { podOf, shell } from '../../contract/pod-manifest.ts';

const name = toBuildId(`b-observe-${'0'.repeat(24)}`);
const manifest = podOf({ owner: 'me', name, init: [shell('first', '')], main: [shell('main', '')] });
const done = { code: 0, output: '', at: 5_000 };
const broken = { code: 125, output: 'Error: runc: no such file', at: 5_000 };

/** A container as one word: `-` not made, `c` created, `r` running, a number exited with it. */
function listed(container: string, word: string): [string, ListedContainer][] {
  if (word === '-') return [];
  const state = word === 'c' ? 'created' : word === 'r' ? 'running' : 'exited';
  const exitCode = state === 'exited' ? Number(word) : 0;
  const startedAt = state === 'created' ? null : 1_000;
  return [
    [
      `${name}-${container}`,
      { id: container, name: `${name}-${container}`, podId: 'p', state, exitCode, startedAt, finishedAt: 2_000 },
    ],
  ];
}

function observe(first: string, main: string, progress: Partial<StartProgress>, more: Partial<PodFacts> = {}) {
  return toObservedPod({
    now: 10_000,
    record: { manifest, uid: 'u', createdAt: 0 },
    progress: { starter: 'gone', created: done, started: null, ended: null, ...progress },
    listed: new Map([...listed('first', first), ...listed('main', main)]),
    ends: new Map(),
    results: new Map(),
    ...more,
  });
}

const stopped = { reason: 'Stopped', message: null };
const late = { reason: 'DeadlineExceeded', message: 'too long' };

describe('a podman pod', () => {
  it.each`
    first  | main   | progress                                                                                    | phase          | reason                 | because
    ${'-'} | ${'-'} | ${{ starter: 'none', created: null }}                                                       | ${'pending'}   | ${null}                | ${'its starter is about to begin'}
    ${'-'} | ${'-'} | ${{ starter: 'alive', created: null }}                                                      | ${'pending'}   | ${null}                | ${'podman is making it'}
    ${'-'} | ${'-'} | ${{ created: null }}                                                                        | ${'failed'}    | ${'StartError'}        | ${'its starter died while podman was making it'}
    ${'-'} | ${'-'} | ${{ created: { ...broken, output: 'Error: initializing source docker://x: pull' } }}        | ${'failed'}    | ${'ErrImagePull'}      | ${'its image could not be pulled'}
    ${'c'} | ${'c'} | ${{ starter: 'alive' }}                                                                     | ${'pending'}   | ${null}                | ${'nothing has started yet'}
    ${'c'} | ${'c'} | ${{}}                                                                                       | ${'failed'}    | ${'StartError'}        | ${'its starter died before the first container'}
    ${'c'} | ${'c'} | ${{ started: broken }}                                                                      | ${'failed'}    | ${'StartError'}        | ${'the first container could not be started'}
    ${'r'} | ${'c'} | ${{ starter: 'alive' }}                                                                     | ${'running'}   | ${null}                | ${'its init container runs'}
    ${'0'} | ${'c'} | ${{ starter: 'alive' }}                                                                     | ${'running'}   | ${null}                | ${'it is between two containers'}
    ${'0'} | ${'c'} | ${{}}                                                                                       | ${'failed'}    | ${'StartError'}        | ${'its starter died between two containers'}
    ${'0'} | ${'c'} | ${{ started: broken }}                                                                      | ${'failed'}    | ${'StartError'}        | ${'its main container could not be started'}
    ${'3'} | ${'c'} | ${{ starter: 'alive' }}                                                                     | ${'failed'}    | ${null}                | ${'its init container failed'}
    ${'3'} | ${'c'} | ${{ started: broken }}                                                                      | ${'failed'}    | ${null}                | ${'its init container failed, as the starter noted'}
    ${'0'} | ${'r'} | ${{ started: done }}                                                                        | ${'running'}   | ${null}                | ${'its main container runs'}
    ${'0'} | ${'0'} | ${{ started: done }}                                                                        | ${'succeeded'} | ${null}                | ${'everything ended well'}
    ${'0'} | ${'0'} | ${{ starter: 'alive' }}                                                                     | ${'succeeded'} | ${null}                | ${'everything ended well before the starter noted it'}
    ${'0'} | ${'2'} | ${{ started: done }}                                                                        | ${'failed'}    | ${null}                | ${'its main container failed'}
    ${'0'} | ${'r'} | ${{ started: done, ended: stopped }}                                                        | ${'running'}   | ${'Stopped'}           | ${'it is being stopped'}
    ${'0'} | ${'0'} | ${{ started: done, ended: stopped }}                                                        | ${'succeeded'} | ${null}                | ${'it ended well although it was to be stopped'}
    ${'0'} | ${'0'} | ${{ started: done, ended: late }}                                                           | ${'failed'}    | ${'DeadlineExceeded'}  | ${'it ended after its deadline'}
    ${'0'} | ${'c'} | ${{ ended: stopped }}                                                                       | ${'failed'}    | ${'Stopped'}           | ${'it was stopped between two containers'}
    ${'-'} | ${'-'} | ${{ starter: 'none', created: null, ended: { reason: 'ErrImageNeverPull', message: 'x' } }} | ${'failed'}    | ${'ErrImageNeverPull'} | ${'its image is not there'}
  `('is $phase with reason $reason when $because', ({ first, main, progress, phase, reason }) => {
    expect(observe(first, main, progress)).toMatchObject({ phase, reason });
  });

  it('is not waited for when nobody has begun to start it within a minute', () => {
    expect(observe('-', '-', { starter: 'none', created: null }, { now: 61_000 })).toMatchObject({
      phase: 'failed',
      reason: 'StartError',
    });
  });

  it('says of a container that could not be started what podman said', () => {
    const pod = observe('0', 'c', { started: broken });
    expect(pod.message).toBe('runc: no such file');
    expect(pod.containers[1]?.state).toEqual({
      kind: 'terminated',
      exitCode: 128,
      reason: 'StartError',
      message: '',
      startedAt: null,
      finishedAt: 5_000,
    });
  });

  it.each`
    code   | oomKilled | reason
    ${'0'} | ${false}  | ${'Completed'}
    ${'1'} | ${false}  | ${'Error'}
    ${'1'} | ${true}   | ${'OOMKilled'}
  `('says $reason of a container that ended with $code (memory ran out: $oomKilled)', ({ code, oomKilled, reason }) => {
    const ends = new Map([['main', { startedAt: 1_234, finishedAt: 2_345, oomKilled }]]);
    const pod = observe('0', code, { started: done }, { ends, results: new Map([['main', 'told']]) });
    expect(pod.containers[1]?.state).toMatchObject({ reason, message: 'told', startedAt: 1_234, finishedAt: 2_345 });
  });
});

it.each`
  words                                                                    | expected
  ${'initializing source docker://r.test/x:1: pinging container registry'} | ${true}
  ${'short-name "x" did not resolve to an alias: pull'}                    | ${true}
  ${'container b: quantities must match the regular expression'}           | ${false}
`('podman’s words "$words" are about getting an image: $expected', ({ words, expected }) => {
  expect(isPullFailure(words)).toBe(expected);
});

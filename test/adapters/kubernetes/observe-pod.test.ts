import { describe, expect, it } from 'vitest';
import type { ApiPod } from '../../../src/adapters/kubernetes/api-pod.ts';
import { isIncomplete, toObservedPod } from '../../../src/adapters/kubernetes/observe-pod.ts';
import { judgePod } from '../../../src/core/pod/judge-pod.ts';
import type { ObservedPod } from '../../../src/model/pod.ts';

const now = Date.parse('2026-01-02T03:10:00Z');
const facts = { buildsImage: false, logTail: '' };

function pod(status: ApiPod['status'] & object, metadata: Partial<ApiPod['metadata']> = {}): ApiPod {
  const names = { name: 'b-1', uid: 'u', resourceVersion: '1' };
  return {
    metadata: { ...names, ...metadata },
    spec: {
      nodeName: 'node-1',
      initContainers: [{ name: 'checkout' }],
      containers: [{ name: 'command' }],
    },
    status,
  };
}

function see(status: ApiPod['status'] & object, metadata: Partial<ApiPod['metadata']> = {}): ObservedPod {
  return toObservedPod(pod(status, metadata), now);
}

function end(exitCode: number, more: object = {}) {
  return { terminated: { exitCode, startedAt: '2026-01-02T03:04:00Z', finishedAt: '2026-01-02T03:05:00Z', ...more } };
}

const checkout = [{ name: 'checkout', state: end(0) }];

function main(state: object) {
  return { initContainerStatuses: checkout, containerStatuses: [{ name: 'command', state }] };
}

function condition(type: string, status: string, reason: string, message: string) {
  return { conditions: [{ type, status, reason, message }] };
}

describe('a pod of a cluster', () => {
  it.each`
    status                                                                                                                    | phase          | reason                     | message
    ${{ phase: 'Pending' }}                                                                                                   | ${'pending'}   | ${null}                    | ${null}
    ${{ phase: 'Pending', ...condition('PodScheduled', 'False', 'Unschedulable', '0/1 nodes') }}                              | ${'pending'}   | ${'Unschedulable'}         | ${'0/1 nodes'}
    ${{ phase: 'Pending', ...main({ waiting: { reason: 'PodInitializing' } }) }}                                              | ${'running'}   | ${null}                    | ${null}
    ${{ phase: 'Pending', ...main({ waiting: { reason: 'ImagePullBackOff', message: 'no such image' } }) }}                   | ${'running'}   | ${'ImagePullBackOff'}      | ${'no such image'}
    ${{ phase: 'Running', ...main({ running: { startedAt: '2026-01-02T03:04:05Z' } }) }}                                      | ${'running'}   | ${null}                    | ${null}
    ${{ phase: 'Unknown', message: 'node away' }}                                                                             | ${'running'}   | ${'NodeLost'}              | ${'node away'}
    ${{ phase: 'Succeeded', ...main(end(0)) }}                                                                                | ${'succeeded'} | ${null}                    | ${null}
    ${{ phase: 'Failed', ...main(end(3, { reason: 'Error' })) }}                                                              | ${'failed'}    | ${null}                    | ${null}
    ${{ phase: 'Failed', reason: 'Evicted', message: 'low on memory', ...main(end(137)) }}                                    | ${'failed'}    | ${'Evicted'}               | ${'low on memory'}
    ${{ phase: 'Failed', reason: 'DeadlineExceeded', message: 'too long', ...main(end(137)) }}                                | ${'failed'}    | ${'DeadlineExceeded'}      | ${'too long'}
    ${{ phase: 'Failed', ...main(end(143)), ...condition('DisruptionTarget', 'True', 'PreemptionByScheduler', 'make room') }} | ${'failed'}    | ${'PreemptionByScheduler'} | ${'make room'}
    ${{ phase: 'Failed', ...main(end(128, { reason: 'StartError', message: 'no such file' })) }}                              | ${'failed'}    | ${'StartError'}            | ${'no such file'}
  `('$status.phase is $phase with the reason $reason', ({ status, phase, reason, message }) => {
    expect(see(status)).toMatchObject({ phase, reason, message });
  });

  it('that was ended by us says so, and not that it took too long', () => {
    const status = { phase: 'Failed', reason: 'DeadlineExceeded', message: 'too long', ...main(end(143)) };
    const seen = see(status, { annotations: { 'sluice.dev/stopped': 'true', kept: 'yes' } });
    expect(seen).toMatchObject({ phase: 'failed', reason: 'Stopped', message: null, annotations: { kept: 'yes' } });
    expect(seen.annotations).not.toHaveProperty('sluice.dev/stopped');
  });

  it.each`
    exitCode | grace | what
    ${0}     | ${30} | ${'success'}
    ${1}     | ${30} | ${'failure'}
    ${143}   | ${30} | ${'being killed'}
    ${0}     | ${0}  | ${'success, and the node is done with it'}
  `(
    'that was deleted from outside gives no verdict, whatever its containers made of it ($what)',
    ({ exitCode, grace }) => {
      const deleted = { deletionTimestamp: '2026-01-02T03:05:30Z', deletionGracePeriodSeconds: grace };
      const seen = see({ phase: exitCode === 0 ? 'Succeeded' : 'Failed', ...main(end(exitCode)) }, deleted);
      expect(seen).toMatchObject({ phase: 'failed', reason: 'Deleted' });
      expect(judgePod(seen, facts)).toMatchObject({ kind: 'ended', result: 'error', retry: true });
    },
  );

  it.each([0, 1])('that ended with %d by a clock that is behind when it was deleted gives no verdict', (exitCode) => {
    const deleted = { deletionTimestamp: '2026-01-02T03:09:31Z', deletionGracePeriodSeconds: 30 };
    const seen = see({ phase: exitCode === 0 ? 'Succeeded' : 'Failed', ...main(end(exitCode)) }, deleted);
    expect(judgePod(seen, facts)).toMatchObject({ kind: 'ended', result: 'error', retry: true });
  });

  it('whose node does not confirm its end is lost with its node, once its time is over', () => {
    const running = { phase: 'Running', ...main({ running: { startedAt: '2026-01-02T03:04:05Z' } }) };
    const deleted = (deletionTimestamp: string) => ({ deletionTimestamp, deletionGracePeriodSeconds: 30 });
    const lost = see(running, deleted('2026-01-02T03:09:30Z'));
    expect(lost).toMatchObject({ phase: 'running', reason: 'NodeLost' });
    expect(judgePod(lost, facts)).toMatchObject({ kind: 'ended', result: 'error', retry: true });
    expect(see(running, deleted('2026-01-02T03:10:20Z'))).toMatchObject({ phase: 'running', reason: null });
  });

  it('that succeeded with a container that has not ended is no success', () => {
    const seen = see({ phase: 'Succeeded', ...main({ running: { startedAt: '2026-01-02T03:04:05Z' } }) });
    expect(judgePod(seen, facts)).toMatchObject({ kind: 'ended', result: 'error' });
    expect(judgePod(see({ phase: 'Succeeded' }), facts)).toMatchObject({ kind: 'ended', result: 'error' });
  });

  it('gives its containers in the order of the manifest, with times to the millisecond', () => {
    const { containers } = see({ phase: 'Failed', ...main(end(137, { reason: 'OOMKilled', message: 'left' })) });
    expect(containers).toEqual([
      {
        name: 'checkout',
        init: true,
        state: {
          kind: 'terminated',
          exitCode: 0,
          reason: null,
          message: '',
          startedAt: Date.parse('2026-01-02T03:04:00Z'),
          finishedAt: Date.parse('2026-01-02T03:05:00Z'),
        },
      },
      { name: 'command', init: false, state: expect.objectContaining({ reason: 'OOMKilled', message: 'left' }) },
    ]);
  });

  it('knows no start of a container that could not be started', () => {
    const state = end(128, { reason: 'StartError', startedAt: '1970-01-01T00:00:00Z' });
    expect(see({ phase: 'Failed', ...main(state) }).containers[1]?.state).toMatchObject({ startedAt: null });
  });

  it('that waits for its secrets is not shown, and shown after a while', () => {
    const gated = (creationTimestamp: string): ApiPod => {
      const { metadata, spec } = pod({ phase: 'Pending' }, { creationTimestamp });
      return { metadata, spec: { ...spec, schedulingGates: [{ name: 'sluice.dev/secrets' }] } };
    };
    expect(isIncomplete(gated('2026-01-02T03:09:00Z'), now)).toBe(true);
    expect(isIncomplete(gated('2026-01-02T03:04:00Z'), now)).toBe(false);
    expect(isIncomplete(pod({ phase: 'Pending' }, { creationTimestamp: '2026-01-02T03:09:00Z' }), now)).toBe(false);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../../jobs/steps/step-failure.ts';
import { judgePod } from '../../../src/core/pod/judge-pod.ts';
import { stepExits } from '../../../src/core/pod/judge-steps.ts';
import type { ObservedContainer, ObservedPod } from '../../../src/model/pod.ts';
import { exited, podOf, running, waiting } from './observed-pod.ts';

const done = exited(0);

function judge(pod: ObservedPod, logTail = '') {
  return judgePod(pod, { buildsImage: true, logTail });
}

describe('a pod that was ended from outside', () => {
  const cut = { checkout: done, build: exited(137), measure: waiting(null) };

  it.each`
    reason                        | message                                                                                             | result       | retry    | because
    ${'DeadlineExceeded'}         | ${'Pod was active on the node longer than the specified deadline'}                                  | ${'timeout'} | ${false} | ${/longer than its timeout/}
    ${'Evicted'}                  | ${'Container build exceeded its local ephemeral storage limit "60Gi". '}                            | ${'failure'} | ${false} | ${/60Gi/}
    ${'Evicted'}                  | ${'Usage of EmptyDir volume "src" exceeds the limit "5Gi". '}                                       | ${'failure'} | ${false} | ${/5Gi/}
    ${'Evicted'}                  | ${'Pod ephemeral local storage usage exceeds the total limit of containers 20Gi. '}                 | ${'failure'} | ${false} | ${/20Gi/}
    ${'Evicted'}                  | ${'The node was low on resource: ephemeral-storage. Container build was using 9Gi, request is 1Gi'} | ${'error'}   | ${true}  | ${/ran short/}
    ${'Evicted'}                  | ${'The node had condition: [DiskPressure]. '}                                                       | ${'error'}   | ${true}  | ${/DiskPressure/}
    ${'Evicted'}                  | ${null}                                                                                             | ${'error'}   | ${true}  | ${/ran short/}
    ${'NodeLost'}                 | ${'Node n1 which was running pod b is unresponsive'}                                                | ${'error'}   | ${true}  | ${/node was lost/}
    ${'NodeShutdown'}             | ${'Pod was rejected as the node is shutting down.'}                                                 | ${'error'}   | ${true}  | ${/shut down/}
    ${'Terminated'}               | ${'Pod was terminated in response to imminent node shutdown.'}                                      | ${'error'}   | ${true}  | ${/shut down/}
    ${'Preempting'}               | ${'Preempted in order to admit critical pod'}                                                       | ${'error'}   | ${true}  | ${/make room/}
    ${'PreemptionByScheduler'}    | ${null}                                                                                             | ${'error'}   | ${true}  | ${/make room/}
    ${'UnexpectedAdmissionError'} | ${'Allocate failed'}                                                                                | ${'error'}   | ${true}  | ${/Allocate failed/}
    ${'constructor'}              | ${null}                                                                                             | ${'error'}   | ${true}  | ${/constructor/}
  `('is $result after $reason ($message)', ({ reason, message, ...expected }) => {
    const found = judge(podOf(cut, { reason, message }));
    expect(found).toMatchObject({ kind: 'ended', result: expected.result, retry: expected.retry, image: null });
    expect(found).toHaveProperty('because', expect.stringMatching(expected.because));
  });

  it('is lost with its node although Kubernetes goes on saying that it runs', () => {
    const pod = podOf({ checkout: done, build: running }, { phase: 'running', reason: 'NodeLost' });
    expect(judge(pod)).toMatchObject({ kind: 'ended', result: 'error', retry: true });
  });

  it('is judged by its containers when they had ended by themselves and the reason is an unknown one', () => {
    const pod = podOf({ checkout: done, build: exited(2) }, { reason: 'Whatever' });
    expect(judge(pod)).toMatchObject({ result: 'failure', because: 'build ended with exit code 2' });
  });

  it('is our error when it failed and no container did', () => {
    expect(judge(podOf({ checkout: done, build: done }))).toMatchObject({ result: 'error', retry: true });
  });
});

describe('a container that failed', () => {
  const evil = 'bad `link` <script> @octocat';

  it.each`
    name          | exitCode | result       | retry    | because
    ${'checkout'} | ${10}    | ${'error'}   | ${true}  | ${/conflict/}
    ${'checkout'} | ${11}    | ${'error'}   | ${true}  | ${/another tree/}
    ${'checkout'} | ${12}    | ${'error'}   | ${true}  | ${/could not be fetched/}
    ${'checkout'} | ${13}    | ${'failure'} | ${false} | ${/``bad `link` <script> @octocat``$/}
    ${'checkout'} | ${14}    | ${'error'}   | ${false} | ${/impossible/}
    ${'checkout'} | ${15}    | ${'failure'} | ${false} | ${/cannot be built as it is/}
    ${'checkout'} | ${1}     | ${'error'}   | ${true}  | ${/exit code 1/}
    ${'measure'}  | ${16}    | ${'error'}   | ${true}  | ${/our step measure/}
    ${'measure'}  | ${1}     | ${'error'}   | ${true}  | ${/our step measure/}
    ${'build'}    | ${1}     | ${'failure'} | ${false} | ${/^build ended with exit code 1$/}
    ${'build'}    | ${13}    | ${'failure'} | ${false} | ${/^build ended with exit code 13$/}
    ${'build'}    | ${127}   | ${'failure'} | ${false} | ${/^build ended with exit code 127$/}
    ${'build'}    | ${137}   | ${'failure'} | ${false} | ${/exit code 137 .*memory/}
    ${'command'}  | ${2}     | ${'failure'} | ${false} | ${/^command ended with exit code 2$/}
    ${'command'}  | ${12}    | ${'failure'} | ${false} | ${/^command ended with exit code 12$/}
  `('is $result when $name exits with $exitCode', ({ name, exitCode, result, retry, because }) => {
    const found = judge(podOf({ [name]: exited(exitCode), later: waiting(null) }), `fetching\n${evil}\n`);
    expect(found).toMatchObject({ kind: 'ended', result, retry, image: null });
    expect(found).toHaveProperty('because', expect.stringMatching(because));
  });

  it('is told in the words that our step left, else in the last of its log', () => {
    const said = exited(12, { message: 'The commits could not be fetched: 404' });
    expect(judge(podOf({ checkout: said }), 'something else\n')).toHaveProperty(
      'because',
      expect.stringContaining('404'),
    );
    expect(judge(podOf({ checkout: exited(12) }), 'one\ntwo\n\n')).toHaveProperty(
      'because',
      expect.stringMatching(/`two`$/),
    );
  });

  it('is read with the exit codes that the step programs have', () => {
    expect(stepExits).toEqual(exitCodes);
  });

  it('is the first one, whatever came after it', () => {
    const found = judge(podOf({ checkout: exited(12), build: exited(1), measure: exited(15) }));
    expect(found).toHaveProperty('because', expect.stringContaining('fetched'));
  });

  it.each`
    name          | result       | because
    ${'build'}    | ${'failure'} | ${/raise memory, or/}
    ${'command'}  | ${'failure'} | ${/raise memory, or/}
    ${'checkout'} | ${'error'}   | ${/our step checkout ran out of memory/}
  `('is $result and never tried again when $name is out of memory', ({ name, result, because }) => {
    const found = judge(podOf({ [name]: exited(137, { reason: 'OOMKilled' }) }));
    expect(found).toMatchObject({ result, retry: false });
    expect(found).toHaveProperty('because', expect.stringMatching(because));
  });

  const noShell = 'runc create failed: exec: "/bin/sh": stat /bin/sh: no such file or directory';
  it.each`
    name         | words                       | result
    ${'build'}   | ${'cannot create a cgroup'} | ${'error'}
    ${'command'} | ${'cannot create a cgroup'} | ${'error'}
    ${'command'} | ${''}                       | ${'error'}
    ${'build'}   | ${noShell}                  | ${'error'}
    ${'command'} | ${noShell}                  | ${'failure'}
  `('is $result when $name cannot be started: $words', ({ name, words, result }) => {
    const state = exited(128, { reason: 'StartError', message: words, startedAt: null });
    expect(judge(podOf({ [name]: state }))).toMatchObject({ result, retry: result === 'error' });
    const said = exited(128, { reason: 'StartError', startedAt: null });
    expect(judge(podOf({ [name]: said }, { reason: 'StartError', message: words }))).toMatchObject({ result });
  });
});

describe('a build that a registry stopped', () => {
  const kaniko =
    'error building image: unable to complete operation after 0 attempts, last error: Get "https://r/v2/": ';
  it.each([
    `${kaniko}dial tcp 10.0.0.1:443: connect: connection refused`,
    `${kaniko}dial tcp 10.0.0.1:443: i/o timeout`,
    `${kaniko}net/http: TLS handshake timeout`,
    `${kaniko}tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    'error building image: GET https://index.docker.io/v2/library/x: TOOMANYREQUESTS: You have reached your pull rate limit.',
    'error building image: GET https://r/v2/x: unexpected status code 503 Service Unavailable: <html>',
    'error building image: error building stage: failed to get filesystem from image: read tcp 1:2->3:4: read: connection reset by peer',
    'error building image: unexpected status code 429 Too Many Requests',
    '\u001b[31mError: creating build container: initializing source docker://r/x: reading manifest: received unexpected HTTP status: 502 Bad Gateway',
  ])('is our error and tried again: %s', (line) => {
    expect(judge(podOf({ build: exited(1) }), `INFO[0000] RUN x\n${line}\n`)).toMatchObject({
      result: 'error',
      retry: true,
    });
  });

  it.each([
    'curl: (7) Failed to connect: Connection refused\nerror building image: error building stage: failed to execute command: waiting for process to exit: exit status 7',
    'error building image: error building stage: failed to execute command: downloading remote source file: Get "http://x": connect: connection refused',
    'Error: building at STEP "RUN curl https://x": exit status 7: 503 Service Unavailable',
    'error building image: GET https://quay.io/v2/acme/x/manifests/1: MANIFEST_UNKNOWN: manifest unknown',
    'error building image: GET https://r/v2/x/manifests/5: UNAUTHORIZED: authentication required',
    'i/o timeout',
    '',
  ])('is the change’s failure when it was not the registry: %j', (log) => {
    expect(judge(podOf({ build: exited(1) }), log)).toMatchObject({ result: 'failure', retry: false });
  });

  it('is not looked for in the log of a command, which may print anything', () => {
    const found = judge(podOf({ command: exited(1) }), 'error building image: i/o timeout');
    expect(found).toMatchObject({ result: 'failure', retry: false });
  });
});

describe('any pod at all', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('Evicted', 'StartError', 'ErrImagePull', 'OOMKilled'),
  );
  const maybe = fc.option(text, { nil: null });
  const time = fc.nat();
  const state: fc.Arbitrary<ObservedContainer['state']> = fc.oneof(
    fc.record({ kind: fc.constant('waiting' as const), reason: maybe, message: maybe }),
    fc.record({ kind: fc.constant('running' as const), startedAt: time }),
    fc.record({
      kind: fc.constant('terminated' as const),
      exitCode: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })),
      reason: maybe,
      message: text,
      startedAt: fc.option(time, { nil: null }),
      finishedAt: time,
    }),
  );
  const container = fc.record({
    name: fc.constantFrom('checkout', 'build', 'measure', 'command'),
    init: fc.boolean(),
    state,
  });
  const pod = fc.record({
    name: text,
    uid: text,
    labels: fc.dictionary(text, text),
    annotations: fc.dictionary(text, text),
    phase: fc.constantFrom('pending', 'running', 'succeeded', 'failed'),
    reason: maybe,
    message: maybe,
    containers: fc.array(container, { maxLength: 4 }),
  });

  it('gets a verdict without an exception, and success only when every container exited with 0', () => {
    fc.assert(
      fc.property(pod, text, fc.boolean(), (observed, logTail, buildsImage) => {
        const found = judgePod(observed as ObservedPod, { buildsImage, logTail });
        if (found.kind === 'going' || found.result !== 'success') return;
        const { containers, phase } = observed;
        expect(phase).toBe('succeeded');
        expect(containers.length).toBeGreaterThan(0);
        for (const each of containers) expect(each.state).toMatchObject({ kind: 'terminated', exitCode: 0 });
        expect(found.image !== null).toBe(buildsImage);
      }),
      { numRuns: 2000 },
    );
  });
});

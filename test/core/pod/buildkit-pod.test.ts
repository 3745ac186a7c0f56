import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadJobLibrary } from '../../../src/config/job-library.ts';
import { judgePod } from '../../../src/core/pod/judge-pod.ts';
import { renderPod } from '../../../src/core/pod/render-pod.ts';
import { validatePod } from '../../../src/core/pod/validate-pod.ts';
import { whyNotRender } from '../../../src/core/pod/why-not-render.ts';
import type { PodContainer, PodManifest } from '../../../src/model/pod.ts';
import { exited, measured, podOf, running, waiting } from './observed-pod.ts';
import { byBuildkit, imageOrder, pool } from './order-fixture.ts';

const library = await loadJobLibrary(resolve(import.meta.dirname, '../../../jobs'));
const rootful = renderPod(imageOrder(), byBuildkit('user-namespace'), library);
const rootless = renderPod(imageOrder(), byBuildkit('rootless'), library);

const all = ({ spec }: PodManifest): readonly PodContainer[] => [...spec.initContainers, ...spec.containers];

function daemonOf(pod: PodManifest): PodContainer {
  const found = all(pod).find(({ name }) => name === 'buildkitd');
  if (found === undefined) throw new Error('it has no daemon');
  return found;
}

function withDaemon(pod: PodManifest, change: Partial<PodContainer>): PodManifest {
  const replace = (each: PodContainer) => (each.name === 'buildkitd' ? { ...each, ...change } : each);
  return { ...pod, spec: { ...pod.spec, initContainers: pod.spec.initContainers.map(replace) } };
}

function withStep(pod: PodManifest, name: string, change: Partial<PodContainer>): PodManifest {
  const replace = (each: PodContainer) => (each.name === name ? { ...each, ...change } : each);
  const { initContainers, containers } = pod.spec;
  return {
    ...pod,
    spec: { ...pod.spec, initContainers: initContainers.map(replace), containers: containers.map(replace) },
  };
}

describe('the pod in which BuildKit builds', () => {
  it.each([
    ['user-namespace', rootful, false],
    ['rootless', rootless, undefined],
  ] as const)(
    'of the form %s breaks no rule, and its daemon has neither sources nor what is built',
    (_, pod, hostUsers) => {
      expect(validatePod(pod, 'untrusted')).toEqual([]);
      expect(all(pod).map(({ name }) => name)).toEqual(['checkout', 'buildkitd', 'stages', 'build', 'measure']);
      expect(pod.spec.hostUsers).toBe(hostUsers);
      expect(daemonOf(pod).volumeMounts.map(({ name }) => name)).toEqual(['buildkit', 'buildkit-state']);
    },
  );

  it.each([
    ['user-namespace', undefined],
    ['rootless', 1000],
  ] as const)('of the form %s gives its volumes to a group that its daemon can hand on: %s', (form, own) => {
    const order = imageOrder({ project: { private: true } });
    const { fsGroup } = renderPod(order, byBuildkit(form), library).spec.securityContext;
    expect(fsGroup).toBe(own ?? 65532);
    const rights = daemonOf(renderPod(order, byBuildkit(form), library)).securityContext;
    if (own !== undefined) expect(rights.runAsGroup).toBe(fsGroup);
  });

  it('has no volume of BuildKit where kaniko builds', () => {
    const volumes = renderPod(imageOrder(), pool, library).spec.volumes.map(({ name }) => name);
    expect(volumes.filter((name) => name.startsWith('buildkit'))).toEqual([]);
  });

  it('is refused an image that asks for kaniko, and takes one that asks for it', () => {
    const asking = (builder: 'kaniko' | 'buildkit') => imageOrder({ image: { builder } });
    expect(whyNotRender(asking('kaniko'), byBuildkit('rootless'), library)).toContain('are built with buildkit');
    expect(whyNotRender(asking('buildkit'), byBuildkit('rootless'), library)).toBeNull();
  });

  const daemon = daemonOf(rootful);
  it.each<[string, PodManifest, string]>([
    [
      'outside of a user namespace',
      { ...rootful, spec: { ...rootful.spec, hostUsers: true } },
      'root outside of a user',
    ],
    ['before the steps', withDaemon(rootful, { restartPolicy: undefined } as never), 'it runs beside'],
    [
      'with the sources',
      withDaemon(rootful, { volumeMounts: [...daemon.volumeMounts, { name: 'src', mountPath: '/.sluice/src' }] }),
      'it mounts src',
    ],
    ['as our own program', withDaemon(rootful, { command: ['/sluice/step', 'build'] }), 'no daemon'],
    [
      'led elsewhere',
      withDaemon(rootful, { env: [{ name: 'BUILDKIT_HOST', value: 'tcp://x' }] }),
      'BUILDKIT_HOST may not be set',
    ],
    [
      'its rights elsewhere',
      withStep(rootful, 'build', { securityContext: daemon.securityContext }),
      'only a daemon is',
    ],
    [
      'its profile elsewhere',
      withStep(rootful, 'stages', { securityContext: daemon.securityContext }),
      'only a daemon is unconfined',
    ],
    [
      'a client that may write',
      withStep(rootful, 'stages', {
        securityContext: { ...daemon.securityContext, seccompProfile: { type: 'RuntimeDefault' } },
      }),
      'only the builder',
    ],
    ['its place elsewhere', withStep(rootful, 'stages', { restartPolicy: 'Always' }), 'only a daemon runs beside'],
  ])('is refused %s', (_, pod, because) => {
    expect(validatePod(pod, 'untrusted').join('\n')).toContain(because);
  });
});

describe('what a pod of BuildKit came to', () => {
  const done = { checkout: exited(0), buildkitd: exited(1), stages: exited(0), build: exited(0) };
  const facts = { buildsImage: true, logTail: '' };

  it('is what its steps came to, however its daemon ended', () => {
    const pod = podOf({ ...done, measure: exited(0, { message: measured }) }, { phase: 'succeeded' });
    expect(judgePod(pod, facts)).toMatchObject({ kind: 'ended', result: 'success' });
    const open = podOf(
      { ...done, buildkitd: running, measure: exited(0, { message: measured }) },
      { phase: 'succeeded' },
    );
    expect(judgePod(open, facts)).toMatchObject({ kind: 'ended', result: 'success' });
  });

  it.each([
    ['a stage failed', { stages: exited(1) }, '', 'failure', 'build ended with exit code 1'],
    [
      'its daemon had no memory',
      { buildkitd: exited(137, { reason: 'OOMKilled' }), build: exited(1) },
      '',
      'failure',
      'ran out of memory',
    ],
    [
      'its daemon was lost',
      { build: exited(1) },
      'error: failed to receive status: rpc error: code = Unavailable',
      'error',
      'daemon was lost',
    ],
    [
      'a registry was away',
      { build: exited(1) },
      'error: failed to solve: acme.io/x: unexpected status: 503 Service Unavailable',
      'error',
      'a registry could not be used',
    ],
    [
      'a command printed that',
      { build: exited(1) },
      'error: failed to solve: process "/bin/sh -c 503 Service Unavailable" did not complete successfully: exit code: 1',
      'failure',
      'build ended',
    ],
  ] as const)('where %s', (_, states, logTail, result, because) => {
    const pod = podOf({ ...done, ...states, measure: waiting('PodInitializing') });
    const judged = judgePod(pod, { buildsImage: true, logTail });
    expect(judged).toMatchObject({ kind: 'ended', result, because: expect.stringContaining(because) });
  });

  it('is told before its deadline where its daemon does not stay up', () => {
    const states = {
      checkout: exited(0),
      buildkitd: waiting('CrashLoopBackOff', 'back-off 10s'),
      stages: waiting(null),
      build: waiting(null),
    };
    const pod = podOf({ ...states, measure: waiting(null) }, { phase: 'pending' });
    expect(judgePod(pod, facts)).toMatchObject({
      result: 'error',
      because: expect.stringContaining('does not stay up'),
    });
  });
});

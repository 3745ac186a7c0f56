import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadJobLibrary } from '../../../src/config/job-library.ts';
import { judgePod } from '../../../src/core/pod/judge-pod.ts';
import { renderPod } from '../../../src/core/pod/render-pod.ts';
import { validatePod } from '../../../src/core/pod/validate-pod.ts';
import { whyNotRender } from '../../../src/core/pod/why-not-render.ts';
import type { PodManifest } from '../../../src/model/pod.ts';
import { exited, podOf } from './observed-pod.ts';
import { commandOrder, pool, promoted, promoteOrder } from './order-fixture.ts';

const library = await loadJobLibrary(resolve(import.meta.dirname, '../../../jobs'));

describe('the pod of a promotion (images.md §2)', () => {
  const pod = renderPod(promoteOrder(), pool, library);
  const [step] = pod.spec.containers;

  it('is one step of ours and nothing else, with no code of anybody beside it', () => {
    expect(pod.spec.initContainers).toEqual([]);
    expect(pod.spec.containers.map(({ name, image, command }) => [name, image, command])).toEqual([
      ['promote', pool.stepImage, ['/sluice/step', 'promote']],
    ]);
    expect(step?.securityContext).toMatchObject({ runAsNonRoot: true, readOnlyRootFilesystem: true });
  });

  it('holds the credential of registries, which its user can read, and no other secret', () => {
    const secretName = `${pod.metadata.name}-registry-promote`;
    expect(pod.spec.volumes).toEqual([{ name: 'registry-promote', secret: { secretName, defaultMode: 0o440 } }]);
    expect(step?.volumeMounts).toEqual([
      { name: 'registry-promote', mountPath: '/.sluice/registry-promote', readOnly: true },
    ]);
    expect(pod.spec.securityContext).toEqual({ fsGroup: step?.securityContext.runAsGroup });
    const secret = renderPod(promoteOrder({ project: { private: true } }), pool, library);
    expect(secret.spec.volumes.map(({ name }) => name)).toEqual(['registry-promote']);
  });

  it('is told what to put where, and which of its registries have no TLS', () => {
    const told = renderPod(promoteOrder(), { ...pool, insecureRegistries: ['ghcr.io', 'localhost:5000'] }, library);
    expect(JSON.parse(told.spec.containers[0]?.env[0]?.value ?? '')).toEqual({
      images: promoted.images,
      keys: '/.sluice/registry-promote',
      insecure: ['ghcr.io'],
      result: '/dev/termination-log',
    });
  });

  it('has nothing to do of its own where a project names the template: no pod, and why', () => {
    expect(whyNotRender(promoteOrder({}, null), pool, library)).toBe(
      'the job `promote-image` promotes what a change built, which happens by itself once it has landed',
    );
  });

  it.each<[string, (manifest: PodManifest) => PodManifest, RegExp]>([
    [
      'another container beside it',
      ({ spec, ...rest }) => {
        const other = renderPod(commandOrder({ trust: 'trusted' }), pool, library).spec.containers;
        return { ...rest, spec: { ...spec, initContainers: other } };
      },
      /the secret registry-promote is only for promote-image, which has no container/,
    ],
    [
      'code that nobody approved',
      ({ metadata, ...rest }) => {
        const labels = { ...metadata.labels, 'sluice.dev/trust': 'untrusted' };
        return { ...rest, metadata: { ...metadata, labels } };
      },
      /the code is untrusted and its pod has the secret registry-promote/,
    ],
    [
      'the credential in the hands of a step that builds',
      ({ spec, ...rest }) => {
        const [given] = spec.containers;
        const containers = given ? [{ ...given, name: 'build', command: ['/sluice/step', 'build-with-buildah'] }] : [];
        return { ...rest, spec: { ...spec, containers } };
      },
      /a secret is mounted outside our promote step/,
    ],
  ])('breaks a rule with %s', (_, spoil, words) => {
    const spoilt = spoil(pod);
    const trust = spoilt.metadata.labels['sluice.dev/trust'] === 'untrusted' ? 'untrusted' : 'trusted';
    expect(validatePod(pod, 'trusted')).toEqual([]);
    expect(validatePod(spoilt, trust).join('\n')).toMatch(words);
  });

  it.each([
    [18, 'the registry could not be used: `quay.io said 503`'],
    [19, 'the registry did not do what it was asked for: `quay.io said 503`'],
    [14, 'our promotion was asked for something impossible: `quay.io said 503`'],
    [1, 'our step promote ended with exit code 1: `quay.io said 503`'],
  ])('that ends with %i is our matter', (exit, because) => {
    const ended = podOf({ promote: exited(exit, { message: 'quay.io said 503' }) });
    expect(judgePod(ended, { buildsImage: false, logTail: '' })).toMatchObject({ result: 'error', because });
  });
});

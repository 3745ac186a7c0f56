import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadJobLibrary } from '../../../src/config/job-library.ts';
import { labelValue } from '../../../src/core/pod/labels.ts';
import { renderPod } from '../../../src/core/pod/render-pod.ts';
import { validatePod } from '../../../src/core/pod/validate-pod.ts';
import type { PodContainer, PodManifest } from '../../../src/model/pod.ts';
import { commandOrder, imageOrder, type OrderParts, pool } from './order-fixture.ts';

const library = await loadJobLibrary(resolve(import.meta.dirname, '../../../jobs'));
const good = renderPod(imageOrder({ project: { private: true } }), pool, library);

/** Text as an attacker would choose it. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '--privileged',
    '$(id)',
    '`id`',
    '/.sluice/git/token',
    '../../etc',
    '\n- hostPath',
    '__proto__',
    'sluice.dev/trust',
    '',
  ),
);
const names = fc.oneof(hostile, fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/));
const texts = fc.dictionary(names, hostile, { maxKeys: 4 });

const anyParts: fc.Arbitrary<OrderParts> = fc.record({
  image: fc.record({
    name: hostile,
    context: hostile,
    buildArgs: texts,
    labels: texts,
    extraEnv: texts,
  }),
  resolved: fc.record({
    containerFile: hostile,
    target: fc.option(hostile, { nil: null }),
    platform: fc.option(hostile, { nil: null }),
  }),
  parts: fc.record({ subject: hostile, job: hostile, entry: hostile }),
  project: fc.record({ private: fc.boolean() }),
  job: fc.record({ allowPrivilegeEscalation: fc.boolean(), timeoutSeconds: fc.integer() }),
});

function rendered(make: () => PodManifest): PodManifest | null {
  try {
    return make();
  } catch (cause) {
    expect(String(cause)).toMatch(/no pod for|would break a rule/);
    return null;
  }
}

function containers({ spec }: PodManifest): readonly PodContainer[] {
  return [...spec.initContainers, ...spec.containers];
}

function mountsSecret(container: PodContainer): boolean {
  return container.volumeMounts.some(({ name }) => name === 'git-token');
}

describe('whatever a repository’s configuration says', () => {
  it('an image build has no right, mount or secret more than another', () => {
    let seen = 0;
    fc.assert(
      fc.property(anyParts, (parts) => {
        const pod = rendered(() => renderPod(imageOrder(parts), pool, library));
        if (pod === null) return;
        seen += 1;
        expect(validatePod(pod, 'untrusted')).toEqual([]);
        expect(containers(pod).map(({ name }) => name)).toEqual(['checkout', 'own', 'build', 'measure']);
        expect(containers(pod).map(({ image }) => image)).toEqual([
          pool.stepImage,
          pool.stepImage,
          pool.kanikoImage,
          pool.stepImage,
        ]);
        expect(
          containers(pod)
            .filter(mountsSecret)
            .map(({ name }) => name),
        ).toEqual(parts.project?.private ? ['checkout'] : []);
        expect(pod.spec.initContainers[2]?.args?.every((word) => word.startsWith('--'))).toBe(true);
      }),
      { numRuns: 500 },
    );
    expect(seen).toBeGreaterThan(20);
  });

  it('a command has the environment that it asked for in its own container alone', () => {
    fc.assert(
      fc.property(texts, hostile, hostile, fc.boolean(), (env, command, image, isPrivate) => {
        const order = commandOrder({ content: { env, command, image }, project: { private: isPrivate } });
        const pod = rendered(() => renderPod(order, pool, library));
        if (pod === null) return;
        expect(validatePod(pod, 'untrusted')).toEqual([]);
        expect(pod.spec.initContainers[0]?.env.map(({ name }) => name)).toEqual(['SLUICE_STEP']);
        expect(pod.spec.containers.some(mountsSecret)).toBe(false);
        expect(pod.spec.containers[0]?.command).toEqual(['/bin/sh', '-c', command]);
      }),
      { numRuns: 300 },
    );
  });
});

/** Paths of every map and list in the manifest. */
function places(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, each]) =>
    places(each, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return [path, ...inner];
}

describe('the validator', () => {
  const maps = places(good).filter((path) => path.at(-1) !== 'labels' && path.at(-1) !== 'annotations');
  const fields = [
    'hostNetwork',
    'hostPID',
    'hostIPC',
    'hostPath',
    'privileged',
    'serviceAccountName',
    'serviceAccount',
    'procMount',
    'envFrom',
    'valueFrom',
    'imagePullSecrets',
    'ephemeralContainers',
    'subPath',
    'mountPropagation',
    'volumeDevices',
    'ports',
    'hostPort',
    'lifecycle',
    'livenessProbe',
    'windowsOptions',
    'seLinuxOptions',
    'appArmorProfile',
    'sysctls',
    'supplementalGroups',
    'projected',
    'csi',
    'nfs',
    'configMap',
    'nodeName',
    'tolerations',
    'priorityClassName',
    'schedulerName',
    'hostname',
    'dnsConfig',
    'hostAliases',
    'shareProcessNamespace',
    'resourceClaims',
    'ownerReferences',
    'finalizers',
    'namespace',
    'stdin',
    'tty',
  ];

  it('refuses any field that it does not know, wherever it stands', () => {
    const value = fc.oneof(fc.constant(true), fc.string(), fc.object({ maxDepth: 1 }));
    const field = fc.oneof(fc.constantFrom(...fields), fc.stringMatching(/^[a-z][A-Za-z]{3,12}$/));
    fc.assert(
      fc.property(fc.constantFrom(...maps), field, value, (path, name, what) => {
        const copy = structuredClone(good) as unknown as Record<string, unknown>;
        let place = copy;
        for (const key of path) place = place[key] as Record<string, unknown>;
        fc.pre(!Array.isArray(place) && place[name] === undefined);
        place[name] = what;
        const isMap = path.at(-1) === 'nodeSelector';
        if (!isMap)
          expect(validatePod(copy as unknown as PodManifest, 'untrusted'), `${path.join('.')}.${name}`).not.toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws, and passes nothing that is not a pod of ours', () => {
    fc.assert(
      fc.property(fc.anything(), (thing) => {
        expect(validatePod(thing as PodManifest, 'untrusted')).not.toEqual([]);
      }),
    );
  });
});

describe('a label’s value', () => {
  it('is legal, and another one for another text', () => {
    const legal = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
    const text = fc.oneof(fc.string({ maxLength: 300 }), hostile, fc.stringMatching(/^[a-z./-]{1,70}$/));
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(labelValue(one)).toMatch(legal);
        if (one !== other) expect(labelValue(one)).not.toBe(labelValue(other));
        expect(labelValue(labelValue(one)) === labelValue(one)).toBe(legal.test(one) && !/\.h[0-9a-f]{16}$/.test(one));
      }),
    );
  });

  it.each([
    ['main', 'main'],
    ['feature/a', /^feature-a\.h[0-9a-f]{16}$/],
    ['feature-a', 'feature-a'],
    ['', /^x\.h/],
    ['linux/arm64', /^linux-arm64\.h/],
    ['a'.repeat(64), /^a{40}\.h/],
  ])('of %s is readable', (text, expected) => {
    expect(labelValue(text)).toMatch(expected);
  });
});

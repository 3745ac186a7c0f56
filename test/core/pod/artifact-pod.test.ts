import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadJobLibrary } from '../../../src/config/job-library.ts';
import { renderPod } from '../../../src/core/pod/render-pod.ts';
import { validatePod } from '../../../src/core/pod/validate-pod.ts';
import { whyNotRender } from '../../../src/core/pod/why-not-render.ts';
import type { BuildOrder } from '../../../src/model/order.ts';
import type { PodContainer, PodManifest } from '../../../src/model/pod.ts';
import { toDigest } from '../../../src/model/sha.ts';
import { commandOrder, type OrderParts, pool } from './order-fixture.ts';

const library = await loadJobLibrary(resolve(import.meta.dirname, '../../../jobs'));
const digest = toDigest(`sha256:${'a'.repeat(64)}`);
const artifacts = { paths: ['bin'], repository: 'quay.io/acme/artifacts', maxBytes: 1000 };
const upload = { repository: 'quay.io/acme/artifacts', tag: 'change_7_aaaaaaaaaaaa_artifacts-unit', branch: 'main' };
const takes = {
  branch: 'main',
  artifacts: [{ job: 'compile', from: { repository: 'quay.io/acme/artifacts', digest }, bytes: 10 }],
};

const keeping = (parts: OrderParts = {}): BuildOrder => ({
  ...commandOrder({ trust: 'approved', ...parts, content: { artifacts } }),
  upload,
});
const taking = (parts: OrderParts = {}): BuildOrder => ({ ...commandOrder({ trust: 'approved', ...parts }), takes });

const containersOf = ({ spec }: PodManifest): readonly PodContainer[] => [...spec.initContainers, ...spec.containers];
const mountsOf = (pod: PodManifest) =>
  containersOf(pod).map(({ name, volumeMounts }) => [
    name,
    ...volumeMounts.map((mount) => (mount.readOnly ? `${mount.name}:ro` : mount.name)),
  ]);
const inputOf = (pod: PodManifest, name: string): unknown =>
  JSON.parse(containersOf(pod).find((each) => each.name === name)?.env[0]?.value ?? 'null');

describe('the pod of a job that keeps artifacts', () => {
  const pod = renderPod(keeping(), pool, library);

  it('keeps them after its command, by a step of ours that alone has the credential and writes nothing of the checkout', () => {
    expect(mountsOf(pod)).toEqual([
      ['checkout', 'src'],
      ['command', 'src', 'home'],
      ['keep', 'src:ro', 'out', 'registry-keep:ro'],
    ]);
    expect(inputOf(pod, 'keep')).toEqual({
      layout: '/.sluice/out/kept',
      ...{ repository: upload.repository, tag: upload.tag, keys: '/.sluice/registry-keep', insecure: false },
      ...{ folder: '/.sluice/src', paths: ['bin'], maxBytes: 1000, result: '/dev/termination-log' },
    });
    expect(containersOf(pod).at(-1)?.securityContext).toMatchObject({
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    });
  });
});

describe('the pod of a job that gets artifacts', () => {
  const pod = renderPod(taking(), pool, library);

  it('has them brought before its command, which may only read them and is told where they are', () => {
    expect(mountsOf(pod)).toEqual([
      ['checkout', 'src'],
      ['take', 'artifacts', 'registry-take:ro'],
      ['command', 'src', 'home', 'artifacts:ro'],
    ]);
    expect(containersOf(pod).at(-1)?.env).toContainEqual({ name: 'ARTIFACTS', value: '/.sluice/artifacts' });
    expect(inputOf(pod, 'take')).toMatchObject({ artifacts: takes.artifacts, folder: '/.sluice/artifacts' });
  });

  it('may keep its own as well: each step has its own credential', () => {
    const both = renderPod({ ...keeping(), takes }, pool, library);
    expect(mountsOf(both)).toEqual([
      ['checkout', 'src'],
      ['take', 'artifacts', 'registry-take:ro'],
      ['command', 'src', 'home', 'artifacts:ro'],
      ['keep', 'src:ro', 'out', 'registry-keep:ro'],
    ]);
  });

  it('is, without any, the pod that it always was', () => {
    const plain = renderPod(commandOrder({ trust: 'approved' }), pool, library);
    expect(mountsOf(plain)).toEqual([
      ['checkout', 'src'],
      ['command', 'src', 'home'],
    ]);
  });
});

describe('no pod is made', () => {
  it.each<[string, BuildOrder, RegExp]>([
    [
      'keeps what untrusted code made',
      keeping({ trust: 'untrusted' }),
      /keeps artifacts, and nobody approved this code/,
    ],
    [
      'gives untrusted code what others made',
      taking({ trust: 'untrusted' }),
      /never given to code that nobody approved/,
    ],
    ['keeps what has no place', commandOrder({ trust: 'approved', content: { artifacts } }), /the server alone keeps/],
  ])('that %s', (_title, order, words) => {
    expect(whyNotRender(order, pool, library)).toMatch(words);
    expect(() => renderPod(order, pool, library)).toThrow(words);
  });

  type Editable = {
    metadata: { labels: object };
    spec: { initContainers: { name: string; volumeMounts: object[] }[] };
  };
  const edited = (pod: PodManifest, edit: (copy: Editable) => void): PodManifest => {
    const copy = structuredClone(pod) as unknown as Editable;
    edit(copy);
    return copy as unknown as PodManifest;
  };

  it.each(['registry-keep', 'registry-take'])('whose command sees %s, or whose code is untrusted', (volume) => {
    const pod = renderPod({ ...keeping(), takes }, pool, library);
    const mount = { name: volume, mountPath: `/.sluice/${volume}`, readOnly: true };
    const step = volume === 'registry-keep' ? 'keep' : 'take';
    expect(
      validatePod(
        edited(pod, ({ spec }) => spec.initContainers.find(({ name }) => name === 'command')?.volumeMounts.push(mount)),
        'approved',
      ),
    ).toContain(`container command: a secret is mounted outside our ${step} step`);
    const untrusted = edited(pod, ({ metadata }) =>
      Object.assign(metadata.labels, { 'sluice.dev/trust': 'untrusted' }),
    );
    expect(validatePod(untrusted, 'untrusted')).toContain(`the code is untrusted and its pod has the secret ${volume}`);
  });
});

import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadJobLibrary, parseJobTemplate } from '../../../src/config/job-library.ts';
import { renderPod } from '../../../src/core/pod/render-pod.ts';
import { validatePod } from '../../../src/core/pod/validate-pod.ts';
import { whyNotRender } from '../../../src/core/pod/why-not-render.ts';
import type { PodContainer, PodManifest } from '../../../src/model/pod.ts';
import { commandOrder, imageOrder, type OrderParts, pool, uploadOrder } from './order-fixture.ts';

const aRule = { match: 'a', use: { kind: 'reference', reference: 'b' } } as const;

const library = await loadJobLibrary(resolve(import.meta.dirname, '../../../jobs'));
const registryMount = { name: 'registry', mountPath: '/.sluice/registry', readOnly: true };
const registryVolume = { name: 'registry', secret: { secretName: 'x-registry', defaultMode: 0o440 } };

function containersOf({ spec }: PodManifest): readonly PodContainer[] {
  return [...spec.initContainers, ...spec.containers];
}

function mountsOf(pod: PodManifest): readonly (readonly string[])[] {
  return containersOf(pod).map(({ name, volumeMounts }) => [name, ...volumeMounts.map((mount) => mount.name)]);
}

function inputOf(pod: PodManifest): unknown {
  return JSON.parse(pod.spec.containers[0]?.env[0]?.value ?? 'null');
}

describe('the pod of an upload', () => {
  const pod = renderPod(uploadOrder(), pool, library);

  it('fetches, builds and uploads, one after another, the last by our own step as a reader', () => {
    expect(containersOf(pod).map(({ name, image, command }) => [name, image, command?.join(' ')])).toEqual([
      ['checkout', pool.stepImage, '/sluice/step checkout'],
      ['own', pool.stepImage, '/sluice/step own'],
      ['build', pool.kanikoImage, undefined],
      ['upload', pool.stepImage, '/sluice/step upload'],
    ]);
    expect(pod.spec.containers[0]?.securityContext).toEqual(
      renderPod(imageOrder(), pool, library).spec.containers[0]?.securityContext,
    );
  });

  it('has the credential in the uploader alone, in a secret of the Build’s own name', () => {
    expect(mountsOf(pod)).toEqual([
      ['checkout', 'src'],
      ['own', 'src'],
      ['build', 'src', 'out'],
      ['upload', 'out', 'registry'],
    ]);
    expect(pod.spec.volumes.filter(({ secret }) => secret)).toEqual([
      { name: 'registry', secret: { secretName: `${pod.metadata.name}-registry`, defaultMode: 0o440 } },
    ]);
  });

  it('keeps it apart from the token of a private project, which the checkout alone has', () => {
    const both = renderPod(uploadOrder({ project: { private: true } }), pool, library);
    expect(mountsOf(both)).toEqual([
      ['checkout', 'src', 'git-token'],
      ['own', 'src'],
      ['build', 'src', 'out'],
      ['upload', 'out', 'registry'],
    ]);
    expect(both.spec.volumes.filter(({ secret }) => secret).map(({ name }) => name)).toEqual(['git-token', 'registry']);
  });

  it('builds with the very words of a build that pushes nothing', () => {
    const [, , build] = renderPod(uploadOrder(), pool, library).spec.initContainers;
    const [, , measured] = renderPod(imageOrder(), pool, library).spec.initContainers;
    expect(build?.args?.map((word) => word.replaceAll('upload-image', 'image-api'))).toEqual(measured?.args);
    expect(build?.args).toContain('--no-push');
  });

  it('tells the uploader the place and no credential', () => {
    expect(inputOf(pod)).toEqual({
      layout: '/.sluice/out/image',
      repository: 'quay.io/acme/api',
      tag: 'change_12_aaaaaaaaaaaa_latest',
      keys: '/.sluice/registry',
      insecure: false,
      result: '/dev/termination-log',
    });
  });

  it.each([
    ['127.0.0.1:5000/acme/api', true],
    ['127.0.0.1:50001/acme/api', false],
    ['registry.acme.io/127.0.0.1:5000', false],
  ])('speaks without TLS to the hosts that the server names: %s is %s', (repository, insecure) => {
    const made = renderPod(
      uploadOrder({ upload: { repository } }),
      { ...pool, insecureRegistries: ['127.0.0.1:5000'] },
      library,
    );
    expect(inputOf(made)).toMatchObject({ repository, insecure });
  });
});

describe('an order of an upload that no pod can be made of', () => {
  it.each<[string, OrderParts, RegExp]>([
    ['code that nobody approved', { trust: 'untrusted' }, /nobody approved this code.*`template: build-image`/],
    ['an image of no repository', { upload: null, image: { repository: null } }, /names no `repository`/],
    ['no place for it', { upload: null }, /no place to be uploaded to.*rebuild/],
    ['FROM rules that nobody applied', { image: { from: [aRule] } }, /nobody applied them/],
  ])('says why: %s', (_title, parts, words) => {
    const order = uploadOrder(parts);
    expect(whyNotRender(order, pool, library)).toMatch(words);
    expect(() => renderPod(order, pool, library)).toThrow(words);
  });

  it('gives no other template the secret, whatever the order says', () => {
    const { upload } = uploadOrder();
    for (const order of [imageOrder({ trust: 'trusted' }), commandOrder({ trust: 'trusted' })]) {
      const made = renderPod({ ...order, ...(upload ? { upload } : {}) }, pool, library);
      expect(made.spec.volumes.map(({ name }) => name)).not.toContain('registry');
    }
  });
});

describe('the validator', () => {
  const good = renderPod(uploadOrder({ project: { private: true } }), pool, library);
  const trusted = renderPod(commandOrder({ trust: 'trusted' }), pool, library);

  function edited(manifest: PodManifest, edit: (pod: Editable) => void): PodManifest {
    const copy = structuredClone(manifest) as unknown as Editable;
    edit(copy);
    return copy as unknown as PodManifest;
  }

  it('has nothing to say against the pod of an upload', () => {
    expect(validatePod(good, 'approved')).toEqual([]);
  });

  it.each<[string, (pod: Editable) => void, string]>([
    ['in the build', mountIn('initContainers', 2), 'container build: a secret is mounted outside our upload step'],
    [
      'in the checkout',
      mountIn('initContainers', 0),
      'container checkout: a secret is mounted outside our upload step',
    ],
    [
      'in an upload that runs before the build has ended',
      ({ spec }) => spec.initContainers.push({ ...spec.containers[0], name: 'upload' } as never),
      'container upload: a secret is mounted outside our upload step',
    ],
    [
      'in an upload of other words',
      ({ spec }) => Object.assign(spec.containers[0] ?? {}, { command: ['/sluice/step', 'measure'] }),
      'container upload: a secret is mounted outside our upload step',
    ],
    [
      'in an upload with arguments',
      ({ spec }) => Object.assign(spec.containers[0] ?? {}, { args: ['x'] }),
      'container upload: a secret is mounted outside our upload step',
    ],
    [
      'to be written',
      ({ spec }) => Object.assign(spec.containers[0]?.volumeMounts[1] ?? {}, { readOnly: false }),
      'container upload: a secret is mounted writable',
    ],
    [
      'and the token of the clone beside it',
      ({ spec }) =>
        spec.containers[0]?.volumeMounts.push({ ...registryMount, name: 'git-token', mountPath: '/.sluice/git' }),
      'container upload: a secret is mounted outside our checkout step',
    ],
    [
      'by nobody',
      ({ spec }) => spec.containers[0]?.volumeMounts.splice(1, 1),
      'the pod has the secret registry and no container upload that mounts it',
    ],
    [
      'beside a container of another template',
      ({ spec }) => Object.assign(spec.initContainers[2] ?? {}, { name: 'command' }),
      'the secret registry is only for upload-image, which has no container command',
    ],
    [
      'as a plain folder',
      ({ spec }) => Object.assign(spec.volumes, { 3: { name: 'registry', emptyDir: {} } }),
      'volume registry must be a secret and nothing else',
    ],
  ])('refuses the registry’s credential %s', (_title, edit, flaw) => {
    expect(validatePod(edited(good, edit), 'approved')).toContain(flaw);
  });

  it('refuses it in the pod of a command, though that one may be trusted', () => {
    const flaws = validatePod(
      edited(trusted, ({ spec }) => spec.volumes.push(registryVolume as never)),
      'trusted',
    );
    expect(flaws).toContain('the secret registry is only for upload-image, which has no container command');
  });

  it('refuses it in any pod of untrusted code, even where the uploader alone mounts it', () => {
    const made = edited(good, ({ metadata }) => Object.assign(metadata.labels, { 'sluice.dev/trust': 'untrusted' }));
    expect(validatePod(made, 'untrusted')).toEqual(['the code is untrusted and its pod has the secret registry']);
  });
});

type Mount = { name: string; mountPath: string; readOnly?: boolean };
type Editable = {
  metadata: { labels: object };
  spec: {
    initContainers: { name: string; volumeMounts: Mount[] }[];
    containers: { name: string; volumeMounts: Mount[] }[];
    volumes: { name: string }[];
  };
};

function mountIn(kind: 'initContainers' | 'containers', at: number) {
  return ({ spec }: Editable): void => {
    spec[kind][at]?.volumeMounts.push(registryMount);
  };
}

describe('a template that is not upload-image', () => {
  it('cannot name a step upload and have the credential', () => {
    const steps = ['checkout', 'upload'].map(
      (name) =>
        `  - { name: ${name}, image: step, security: step, command: [/sluice/step, ${name}], input: ${name}, mounts: { ${name === 'upload' ? 'registry' : 'src'}: read } }\n`,
    );
    const reading = parseJobTemplate(
      `name: mine\npipelines: [gate]\nsteps:\n${steps.join('')}`,
      'jobs/mine.yaml',
      'mine',
    );
    expect(reading).toMatchObject({
      kind: 'wrong',
      problems: [{ message: 'the step "upload" mounts a secret', hint: expect.stringContaining('`upload-image`') }],
    });
  });
});

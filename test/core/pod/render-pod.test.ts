import { resolve } from 'node:path';
import * as k8s from '@kubernetes/client-node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadJobLibrary } from '../../../src/config/job-library.ts';
import { renderPod } from '../../../src/core/pod/render-pod.ts';
import { validatePod } from '../../../src/core/pod/validate-pod.ts';
import { whyNotRender } from '../../../src/core/pod/why-not-render.ts';
import type { PoolSettings } from '../../../src/model/order.ts';
import type { PodContainer, PodManifest } from '../../../src/model/pod.ts';
import { anOrder, aPool, type OrderParts } from './pod-order.ts';

const library = await loadJobLibrary(resolve(import.meta.dirname, '../../../jobs'));

function render(parts: OrderParts = {}, pool: Partial<PoolSettings> = {}): PodManifest {
  return renderPod(anOrder(parts), { ...aPool, ...pool }, library);
}

function container({ spec }: PodManifest, name: string): PodContainer {
  const found = [...spec.initContainers, ...spec.containers].find((each) => each.name === name);
  if (!found) throw new Error(`no container ${name}`);
  return found;
}

function stepInputOf(found: PodContainer): unknown {
  return JSON.parse(found.env.find(({ name }) => name === 'SLUICE_STEP')?.value ?? 'null');
}

describe('the pod of an image build', () => {
  it('fetches, builds and measures, one after another, each in its image and with its rights', () => {
    const { spec } = render();
    const all = [...spec.initContainers, ...spec.containers];
    expect(all.map(({ name, image, securityContext }) => [name, image, securityContext.runAsUser])).toEqual([
      ['checkout', aPool.stepImage, 65532],
      ['build', aPool.kanikoImage, 0],
      ['measure', aPool.stepImage, 0],
    ]);
    expect(spec.containers).toHaveLength(1);
  });

  it('is named by its Build, and says of which subject, commit, tree and attempt it is', () => {
    const order = anOrder();
    const { metadata } = renderPod(order, aPool, library);
    expect(metadata.name).toBe(order.build.id);
    expect(metadata.labels).toMatchObject({
      'sluice.dev/owner': 'test',
      'sluice.dev/attempt': '1',
      'sluice.dev/trust': 'untrusted',
    });
    expect(metadata.annotations).toMatchObject({
      'sluice.dev/subject': 'presubmit/4711/5',
      'sluice.dev/commit': order.build.parts.commit,
      'sluice.dev/tree': order.checkout.tree,
      'sluice.dev/job': 'build-image',
    });
  });

  it('gives a credential to the checkout of a private project and to nothing else', () => {
    const mounts = (pod: PodManifest) =>
      [...pod.spec.initContainers, ...pod.spec.containers].map((each) => each.volumeMounts.map(({ name }) => name));
    expect(mounts(render())).toEqual([['src'], ['src', 'out'], ['out']]);
    const secret = render({ project: { private: true } });
    expect(mounts(secret)).toEqual([['src', 'git-token'], ['src', 'out'], ['out']]);
    expect(secret.spec.securityContext).toEqual({ fsGroup: 65532 });
    expect(stepInputOf(container(secret, 'checkout'))).toMatchObject({ tokenFile: '/.sluice/git/token' });
    expect(stepInputOf(container(render(), 'checkout'))).toMatchObject({ tokenFile: null });
  });

  it.each([
    ['its context', { image: { context: 'svc/api' } }, '--context=dir:///.sluice/src/svc/api'],
    ['the root as context', {}, '--context=dir:///.sluice/src'],
    [
      'its container file',
      { resolved: { containerFile: 'svc/Containerfile' } },
      '--dockerfile=/.sluice/src/svc/Containerfile',
    ],
    ['its target', { resolved: { target: 'web' } }, '--target=web'],
    ['its platform', { resolved: { platform: 'linux/arm64' } }, '--custom-platform=linux/arm64'],
    ['a build argument', { image: { buildArgs: { VERSION: '1 $(x) `y`' } } }, '--build-arg=VERSION=1 $(x) `y`'],
    [
      'a build argument with a value of ours',
      { image: { buildArgs: { T: '{{ target }}' } }, resolved: { target: 'web' } },
      '--build-arg=T=web',
    ],
    ['a label', { image: { labels: { 'com.acme.team': 'x=y' } } }, '--label=com.acme.team=x=y'],
    ['the source', {}, '--label=org.opencontainers.image.source=https://github.test/acme/api'],
    [
      'its own source',
      { image: { labels: { 'org.opencontainers.image.source': 'https://x' } } },
      '--label=org.opencontainers.image.source=https://x',
    ],
    ['that nothing is pushed', {}, '--no-push'],
  ] as const)('tells the builder %s', (_title, parts: OrderParts, word) => {
    expect(container(render(parts), 'build').args).toContain(word);
  });

  it.each([
    ['a mirror', { registryMaps: ['index.docker.io=mirror.test'] }, '--registry-map=index.docker.io=mirror.test'],
    ['a host without TLS', { insecureRegistries: ['127.0.0.1:5000'] }, '--insecure-registry=127.0.0.1:5000'],
  ])('tells the builder of the server’s %s', (_title, pool, word) => {
    expect(container(render({}, pool), 'build').args).toContain(word);
  });

  it.each`
    trust          | heads               | named
    ${'trusted'}   | ${[]}               | ${true}
    ${'trusted'}   | ${['a'.repeat(40)]} | ${false}
    ${'untrusted'} | ${[]}               | ${false}
    ${'approved'}  | ${[]}               | ${false}
  `(
    'labels the revision only where the landed commit is the built one ($trust, $heads.length heads)',
    ({ trust, heads, named }) => {
      const { args } = container(render({ trust, checkout: { heads } }), 'build');
      const words = (args ?? []).filter((word) => word.includes('image.revision'));
      expect(words).toEqual(named ? [`--label=org.opencontainers.image.revision=${'b'.repeat(40)}`] : []);
    },
  );

  it('gives extraEnv to the builder alone, and goes to a node of the platform', () => {
    const pod = render({ image: { extraEnv: { HTTP_PROXY: 'http://p' } }, resolved: { platform: 'linux/arm64' } });
    expect(container(pod, 'build').env).toEqual([{ name: 'HTTP_PROXY', value: 'http://p' }]);
    expect(container(pod, 'measure').env.map(({ name }) => name)).toEqual(['SLUICE_STEP']);
    expect(pod.spec.nodeSelector).toEqual({ 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64' });
  });

  it('gives what the job asks for to the builder, and a deadline after the job’s own', () => {
    const pod = render({
      job: { resources: { cpu: '3', memory: '7Gi', ephemeralStorage: '30Gi' }, timeoutSeconds: 60 },
    });
    expect(container(pod, 'build').resources.limits).toEqual({ memory: '7Gi', 'ephemeral-storage': '30Gi' });
    expect(container(pod, 'checkout').resources.limits.memory).not.toBe('7Gi');
    expect(pod.spec.activeDeadlineSeconds).toBeGreaterThan(60);
  });

  it('takes from the server what a pod is placed by', () => {
    const pool = { hostUsers: false, runtimeClassName: 'gvisor', nodeSelector: { pool: 'ci' } };
    expect(render({}, pool).spec).toMatchObject(pool);
    expect(render().spec).not.toHaveProperty('hostUsers');
  });

  it('lets setuid programs work where the job allows it, in the build only', () => {
    const pod = render({ job: { allowPrivilegeEscalation: true } });
    const all = ['checkout', 'build', 'measure'].map(
      (name) => container(pod, name).securityContext.allowPrivilegeEscalation,
    );
    expect(all).toEqual([false, true, false]);
  });
});

describe('the pod of a command', () => {
  it('runs it by /bin/sh in the checkout, as nobody, with the job’s environment', () => {
    const pod = render({ command: { command: 'make test; echo $(x)', env: { A: '1' } } });
    const found = container(pod, 'command');
    expect(found).toMatchObject({ image: 'docker.io/library/node:24', workingDir: '/.sluice/src' });
    expect(found.command).toEqual(['/bin/sh', '-c', 'make test; echo $(x)']);
    expect(found.env).toContainEqual({ name: 'A', value: '1' });
    expect(found.securityContext).toMatchObject({ runAsUser: 65532, capabilities: { drop: ['ALL'] } });
  });

  it('keeps the repository, which an image build does not', () => {
    expect(stepInputOf(container(render({ command: {} }), 'checkout'))).toMatchObject({ keepGit: true });
    expect(stepInputOf(container(render(), 'checkout'))).toMatchObject({ keepGit: false });
  });
});

describe('an order that no pod can be made of', () => {
  it.each([
    ['FROM rules', { image: { from: [{ match: 'a', use: 'b' }] } }, /from/],
    ['siblings', { image: { siblings: ['acme/lib'] } }, /siblings/],
    ['another builder', { image: { builder: 'buildkit' } }, /buildkit/],
    ['a variable that steers the builder', { image: { extraEnv: { LD_PRELOAD: '/x.so' } } }, /LD_PRELOAD/],
    ['a value that nobody knows', { image: { labels: { a: '{{ nonsense }}' } } }, /nonsense/],
    [
      'a credential in what nobody approved',
      { command: { env: { T: `ghp_${'a1'.repeat(18)}` } } },
      /looks like a credential/,
    ],
    [
      'a credential in a build argument',
      { image: { buildArgs: { T: '-----BEGIN PRIVATE KEY-----' } } },
      /looks like a credential/,
    ],
    ['a command of none', { job: { content: { template: 'noop' } } }, /needs no pod/],
  ] as const)('says why: %s', (_title, parts: OrderParts, words) => {
    const order = anOrder(parts);
    expect(whyNotRender(order, aPool, library)).toMatch(words);
    expect(() => renderPod(order, aPool, library)).toThrow(words);
  });
});

describe('whatever a repository writes', () => {
  const evil = fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
    fc.constantFrom(
      '$(HOME)',
      '$$',
      '`id`',
      '; rm -rf /',
      '--privileged',
      'feature/ä',
      'x'.repeat(300),
      '../..',
      '{{ sha }}',
      '"',
      '\n',
    ),
  );
  const variable = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,20}$/).map((name) => `X_${name}`);
  const image = fc.constantFrom(
    'busybox',
    'quay.io/a/b:1',
    `localhost:5000/x/y@sha256:${'a'.repeat(64)}`,
    'a--b/c__d:T.1',
  );
  const parts = fc.record({
    subject: evil,
    entry: evil,
    job: evil,
    point: fc.record({ image: evil, target: evil, platform: evil }, { requiredKeys: [] }),
    request: fc.integer({ min: 1, max: 999 }),
    attempt: fc.integer({ min: 1, max: 3 }),
  });
  const order = fc.record({
    parts,
    trust: fc.constantFrom('untrusted', 'approved', 'trusted'),
    project: fc.record({ private: fc.boolean(), owner: evil, name: evil }),
    job: fc.record({ timeoutSeconds: fc.integer({ min: 1, max: 500_000 }), allowPrivilegeEscalation: fc.boolean() }),
  });
  const command = fc.record({ command: fc.record({ image, command: evil, env: fc.dictionary(variable, evil) }) });
  const build = fc.record({
    image: fc.record({
      name: evil,
      context: evil,
      extraEnv: fc.dictionary(variable, evil),
      buildArgs: fc.dictionary(variable, evil),
      labels: fc.dictionary(evil, evil),
    }),
    resolved: fc.record({
      containerFile: evil,
      target: fc.option(evil, { nil: null }),
      platform: fc.constantFrom(null, 'linux/amd64', 'linux/arm64', 'linux/arm/v7'),
    }),
  });
  const pool = fc.record({
    builder: fc.constantFrom('kaniko', 'buildah'),
    hostUsers: fc.constantFrom(null, true, false),
    runtimeClassName: fc.constantFrom(null, 'gvisor'),
  });

  it('gives a pod that breaks no rule, twice the same, or a reason', () => {
    let rendered = 0;
    fc.assert(
      fc.property(order, fc.oneof(command, build), pool, (common, special, settings) => {
        const found = anOrder({ ...common, ...special } as OrderParts);
        const server: PoolSettings = { ...aPool, ...settings };
        if (whyNotRender(found, server, library) !== null) return;
        const pod = renderPod(found, server, library);
        rendered += 1;
        expect(validatePod(pod, found.build.trust)).toEqual([]);
        expect(unknownFields(pod, 'V1Pod')).toEqual([]);
        expect(renderPod(structuredClone(found), server, library)).toEqual(pod);
      }),
      { numRuns: 500 },
    );
    // The other way out must not be the usual one.
    expect(rendered).toBeGreaterThan(200);
  });
});

interface ApiClass {
  getAttributeTypeMap(): readonly { readonly name: string; readonly baseName: string; readonly type: string }[];
}

function apiClass(type: string): ApiClass | null {
  const found: unknown = (k8s as Readonly<Record<string, unknown>>)[type];
  return typeof found === 'function' && 'getAttributeTypeMap' in found ? (found as unknown as ApiClass) : null;
}

/** Everything in which a manifest is not what the client's own model of the Kubernetes API says, each with its path. */
function unknownFields(found: unknown, type: string, path = type): readonly string[] {
  const item = /^Array<(.*)>$/.exec(type)?.[1];
  if (item !== undefined)
    return Array.isArray(found)
      ? found.flatMap((each, at) => unknownFields(each, item, `${path}[${at}]`))
      : [`${path}: not a list`];
  const value = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  const isMap = typeof found === 'object' && found !== null && !Array.isArray(found);
  if (value !== undefined)
    return isMap
      ? Object.entries(found).flatMap(([key, each]) => unknownFields(each, value, `${path}.${key}`))
      : [`${path}: not a map`];
  const model = apiClass(type);
  if (model === null) return typeof found === type ? [] : [`${path}: ${typeof found} instead of ${type}`];
  if (!isMap) return [`${path}: not an object`];
  const fields = new Map(model.getAttributeTypeMap().map((field) => [field.baseName, field.type]));
  return Object.entries(found).flatMap(([key, each]) => {
    const known = fields.get(key);
    return known === undefined ? [`${path}.${key}: unknown field`] : unknownFields(each, known, `${path}.${key}`);
  });
}

describe('the check against the Kubernetes API', () => {
  it('finds unknown fields and wrong types', () => {
    const pod = render();
    expect(unknownFields(pod, 'V1Pod')).toEqual([]);
    expect(unknownFields({ ...pod, spec: { ...pod.spec, imgae: 1, activeDeadlineSeconds: '1' } }, 'V1Pod')).toEqual([
      'V1Pod.spec.activeDeadlineSeconds: string instead of number',
      'V1Pod.spec.imgae: unknown field',
    ]);
  });
});

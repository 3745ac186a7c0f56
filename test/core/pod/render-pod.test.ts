import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadJobLibrary } from '../../../src/config/job-library.ts';
import { renderPod } from '../../../src/core/pod/render-pod.ts';
import { validatePod } from '../../../src/core/pod/validate-pod.ts';
import { whyNotRender } from '../../../src/core/pod/why-not-render.ts';
import type { PoolSettings } from '../../../src/model/order.ts';
import type { PodContainer, PodManifest } from '../../../src/model/pod.ts';
import { base, commandOrder, head, imageOrder, type OrderParts, pool } from './order-fixture.ts';

const aRule = { match: 'a', use: { kind: 'reference', reference: 'b' } } as const;

const library = await loadJobLibrary(resolve(import.meta.dirname, '../../../jobs'));

function render(parts: OrderParts = {}, server: Partial<PoolSettings> = {}): PodManifest {
  return renderPod(imageOrder(parts), { ...pool, ...server }, library);
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
      ['checkout', pool.stepImage, 65532],
      ['own', pool.stepImage, 0],
      ['build', pool.kanikoImage, 0],
      ['measure', pool.stepImage, 0],
    ]);
    expect(spec.containers).toHaveLength(1);
  });

  it('is named by its Build, and says of which subject, commit, tree and attempt it is', () => {
    const order = imageOrder();
    const { metadata } = renderPod(order, pool, library);
    expect(metadata.name).toBe(order.build.id);
    expect(metadata.labels).toMatchObject({
      'sluice.dev/owner': pool.owner,
      'sluice.dev/attempt': '1',
      'sluice.dev/trust': 'untrusted',
    });
    expect(metadata.annotations).toMatchObject({
      'sluice.dev/subject': order.build.parts.subject,
      'sluice.dev/commit': order.build.parts.commit,
      'sluice.dev/tree': order.checkout.tree,
      'sluice.dev/job': 'image-api',
    });
  });

  it('gives a credential to the checkout of a private project and to nothing else', () => {
    const mounts = (pod: PodManifest) =>
      [...pod.spec.initContainers, ...pod.spec.containers].map((each) => each.volumeMounts.map(({ name }) => name));
    expect(mounts(render())).toEqual([['src'], ['src'], ['src', 'out'], ['out']]);
    const secret = render({ project: { private: true } });
    expect(mounts(secret)).toEqual([['src', 'git-token'], ['src'], ['src', 'out'], ['out']]);
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
    ['the source', {}, '--label=org.opencontainers.image.source=https://github.example/acme/api'],
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
    trust          | heads     | named
    ${'trusted'}   | ${[]}     | ${true}
    ${'trusted'}   | ${[head]} | ${false}
    ${'untrusted'} | ${[]}     | ${false}
    ${'approved'}  | ${[]}     | ${false}
  `(
    'labels the revision only where the landed commit is the built one ($trust, $heads.length heads)',
    ({ trust, heads, named }) => {
      const { args } = container(render({ trust, heads }), 'build');
      const words = (args ?? []).filter((word) => word.includes('image.revision'));
      expect(words).toEqual(named ? [`--label=org.opencontainers.image.revision=${base}`] : []);
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
    expect(pod.spec.activeDeadlineSeconds).toBeLessThanOrEqual(60 + 300);
  });

  it('takes from the server what a pod is placed by', () => {
    const server = { hostUsers: false, runtimeClassName: 'gvisor', nodeSelector: { disk: 'ssd' } };
    expect(render({}, server).spec).toMatchObject(server);
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
    const pod = renderPod(
      commandOrder({ content: { template: 'run', command: 'make test; echo $(x)', env: { A: '1' } } }),
      pool,
      library,
    );
    const found = container(pod, 'command');
    expect(found).toMatchObject({ image: 'golang:1.24', workingDir: '/.sluice/src' });
    expect(found.command).toEqual(['/bin/sh', '-c', 'make test; echo $(x)']);
    expect(found.env).toContainEqual({ name: 'A', value: '1' });
    expect(found.securityContext).toMatchObject({ runAsUser: 65532, capabilities: { drop: ['ALL'] } });
  });

  it('keeps the repository, which an image build does not', () => {
    expect(stepInputOf(container(renderPod(commandOrder(), pool, library), 'checkout'))).toMatchObject({
      keepGit: true,
    });
    expect(stepInputOf(container(render(), 'checkout'))).toMatchObject({ keepGit: false });
  });
});

describe('an order that no pod can be made of', () => {
  it.each([
    ['FROM rules that nobody applied', { image: { from: [aRule] } }, /nobody applied them/],
    ['siblings', { image: { siblings: ['acme/lib'] } }, /sibling/],
    ['another builder', { image: { builder: 'buildkit' } }, /buildkit/],
    ['a variable that steers the builder', { image: { extraEnv: { LD_PRELOAD: '/x.so' } } }, /LD_PRELOAD/],
    ['a value that nobody knows', { image: { labels: { a: '{{ nonsense }}' } } }, /nonsense/],
    [
      'a credential in a build argument',
      { image: { buildArgs: { T: '-----BEGIN PRIVATE KEY-----' } } },
      /looks like a credential/,
    ],
    ['a command of none', { job: { content: { template: 'noop' } } }, /needs no pod/],
  ] as const)('says why: %s', (_title, parts: OrderParts, words) => {
    const order = imageOrder(parts);
    expect(whyNotRender(order, pool, library)).toMatch(words);
    expect(() => renderPod(order, pool, library)).toThrow(words);
  });
});

describe('a credential in a command’s environment', () => {
  const env = { T: `ghp_${'a1'.repeat(18)}` };

  it.each(['untrusted', 'approved', 'trusted'] as const)(
    'stops the job only where nobody approved it (%s)',
    (trust) => {
      const order = commandOrder({ content: { template: 'run', env }, trust });
      const words = trust === 'untrusted' ? expect.stringContaining('looks like a credential') : null;
      expect(whyNotRender(order, pool, library)).toEqual(words);
    },
  );
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
  const command = fc.record({
    template: fc.constant('run' as const),
    image,
    command: evil,
    env: fc.dictionary(variable, evil),
  });
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
  const server = fc.record({
    builder: fc.constantFrom('kaniko', 'buildah'),
    hostUsers: fc.constantFrom(null, true, false),
    runtimeClassName: fc.constantFrom(null, 'gvisor'),
  });

  it('gives a pod that breaks no rule, twice the same, or a reason', () => {
    let rendered = 0;
    fc.assert(
      fc.property(order, command, build, fc.boolean(), server, (common, content, special, runs, settings) => {
        const parts = { ...common, ...special } as OrderParts;
        const found = runs ? commandOrder({ ...parts, content }) : imageOrder(parts);
        const given: PoolSettings = { ...pool, ...settings };
        if (whyNotRender(found, given, library) !== null) return;
        const pod = renderPod(found, given, library);
        rendered += 1;
        expect(validatePod(pod, found.build.trust)).toEqual([]);
        expect(renderPod(structuredClone(found), given, library)).toEqual(pod);
      }),
      { numRuns: 500 },
    );
    // The other way out must not be the usual one.
    expect(rendered).toBeGreaterThan(200);
  });
});

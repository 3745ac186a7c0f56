import { describe, expect, it } from 'vitest';
import { earlySecrets, flawOf, translateManifest } from '../../../src/adapters/podman/translate-manifest.ts';
import { toBuildId } from '../../../src/model/build.ts';
import type { PodManifest } from '../../../src/model/pod.ts';
import { podOf, shell } from '../../contract/pod-manifest.ts';

const secret = { name: 'git', secret: { secretName: 'git', defaultMode: 0o440 } };
const git = { name: 'git', mountPath: '/.sluice/git', readOnly: false };
const src = { name: 'src', mountPath: '/.sluice/src' };

function manifest(changes: Partial<Parameters<typeof podOf>[0]> = {}): PodManifest {
  return podOf({
    owner: 'me',
    name: toBuildId(`b-translate-${'0'.repeat(24)}`),
    init: [shell('checkout', 'true', { volumeMounts: [src, git] })],
    main: [shell('build', 'true', { volumeMounts: [src] })],
    volumes: [{ name: 'src', emptyDir: { sizeLimit: '1Gi' } }, secret],
    ...changes,
  });
}

interface Translated {
  readonly metadata: { readonly annotations: object; readonly labels: object };
  readonly spec: {
    readonly volumes: readonly { readonly name: string; readonly hostPath: { readonly path: string } }[];
    readonly initContainers: readonly { readonly volumeMounts: readonly object[] }[];
    readonly containers: readonly { readonly volumeMounts: readonly object[]; readonly imagePullPolicy: string }[];
  };
}

const translate = (pod: PodManifest) => translateManifest(pod, '/f') as Translated;

describe('a manifest for podman', () => {
  it('has each volume as a folder of this very build', () => {
    expect(translate(manifest()).spec.volumes.map(({ name, hostPath }) => [name, hostPath.path])).toEqual([
      ['e-src', '/f/volumes/src'],
      ['s-checkout-git', '/f/secrets/git/checkout'],
      ['r-checkout', '/f/results/checkout'],
      ['r-build', '/f/results/build'],
    ]);
  });

  it('mounts a secret read-only, whatever the mount says, and only where it was mounted', () => {
    const { spec } = translate(manifest());
    expect(spec.initContainers[0]?.volumeMounts).toContainEqual({
      name: 's-checkout-git',
      mountPath: '/.sluice/git',
      readOnly: true,
    });
    expect(JSON.stringify(spec.containers)).not.toContain('git');
  });

  it('mounts a file for the termination message at the path of the manifest', () => {
    expect(translate(manifest()).spec.containers[0]?.volumeMounts).toContainEqual({
      name: 'r-build',
      mountPath: '/.sluice/result',
    });
  });

  it('keeps init containers after their end, and gives podman none of our annotations, which it refuses when long', () => {
    const { metadata } = translate(manifest({ annotations: { 'sluice.dev/subject': 'x'.repeat(64) } }));
    expect(metadata.annotations).toEqual({ 'io.podman.annotations.init.container.type': 'always' });
  });

  it.each`
    image                    | asked        | given
    ${'localhost/busybox:1'} | ${'Always'}  | ${'Never'}
    ${'registry.test/x:1'}   | ${'Always'}  | ${'Always'}
    ${'registry.test/x:1'}   | ${'Never'}   | ${'Never'}
    ${'registry.test/x:1'}   | ${undefined} | ${'IfNotPresent'}
  `('pulls $image, asked for as $asked, by policy $given', ({ image, asked, given }) => {
    const main = [{ ...shell('build', 'true', { image }), imagePullPolicy: asked }];
    expect(translate(manifest({ main, init: [] })).spec.containers[0]?.imagePullPolicy).toBe(given);
  });
});

it.each`
  where                | init                                         | main                                         | early
  ${'init containers'} | ${[shell('a', '', { volumeMounts: [git] })]} | ${[shell('b', '')]}                          | ${['/f/secrets/git/a']}
  ${'main containers'} | ${[shell('a', '')]}                          | ${[shell('b', '', { volumeMounts: [git] })]} | ${[]}
  ${'both'}            | ${[shell('a', '', { volumeMounts: [git] })]} | ${[shell('b', '', { volumeMounts: [git] })]} | ${['/f/secrets/git/a']}
`('of secrets mounted in $where, $early can go when the main containers run', ({ init, main, early }) => {
  expect(earlySecrets(manifest({ init, main }), '/f')).toEqual(early);
});

describe('podman is not given a manifest', () => {
  const settings = { owner: 'me', network: { name: 'n' } };
  const rootless = { ...shell('x', '').securityContext, runAsNonRoot: true };
  it.each`
    flaw                                 | changes                                                              | secrets                    | words
    ${'of another owner'}                | ${{ owner: 'you' }}                                                  | ${{ git: {} }}             | ${/must be "me"/}
    ${'without content for a secret'}    | ${{}}                                                                | ${{}}                      | ${/no content .* git/}
    ${'with a secret file out of place'} | ${{}}                                                                | ${{ git: { '../x': '' } }} | ${/cannot be a file/}
    ${'that must not be root and is'}    | ${{ main: [shell('build', 'true', { securityContext: rootless })] }} | ${{ git: {} }}             | ${/must not run as root/}
    ${'with two containers of a name'}   | ${{ main: [shell('checkout', 'true')] }}                             | ${{ git: {} }}             | ${/two containers are called checkout/}
  `('$flaw', ({ changes, secrets, words }) => {
    expect(flawOf(manifest(changes), secrets, settings, 'amd64')).toMatch(words);
  });

  it('of untrusted code when its network is that of the host', () => {
    const untrusted = manifest({ labels: { 'sluice.dev/trust': 'untrusted' } });
    expect(flawOf(untrusted, { git: {} }, { owner: 'me', network: 'host' }, 'amd64')).toMatch(/network of the host/);
    expect(flawOf(untrusted, { git: {} }, settings, 'amd64')).toBeNull();
  });

  it('unless nothing is wrong with it', () => {
    expect(flawOf(manifest(), { git: { token: 'x' } }, settings, 'amd64')).toBeNull();
  });
});

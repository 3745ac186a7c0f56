import { describe, expect, it } from 'vitest';
import { planBuildah } from '../../../src/core/builders/buildah.ts';
import { kanikoArguments } from '../../../src/core/builders/kaniko.ts';
import type { BuilderOptions } from '../../../src/core/builders/options.ts';

const plain: BuilderOptions = {
  root: '/src',
  context: '.',
  containerFile: 'Dockerfile',
  target: null,
  buildArgs: {},
  labels: {},
  platform: null,
  registryMaps: [],
  insecureRegistries: [],
  layout: '/out/image',
  rewritten: null,
};

/** One option, and what each builder makes of it. */
const options: readonly [string, Partial<BuilderOptions>, string, string | null][] = [
  ['context', { context: 'a b/c' }, '--context=dir:///src/a b/c', '/src/a b/c'],
  ['container file', { containerFile: 'x/My file' }, '--dockerfile=/src/x/My file', '--file=/src/x/My file'],
  [
    'container file with other lines',
    { rewritten: '/out/Containerfile' },
    '--dockerfile=/out/Containerfile',
    '--file=/out/Containerfile',
  ],
  ['target', { target: 'test' }, '--target=test', '--target=test'],
  ['build argument', { buildArgs: { A: 'b=c d' } }, '--build-arg=A=b=c d', '--build-arg=A=b=c d'],
  ['label', { labels: { 'io.x': '"y"' } }, '--label=io.x="y"', '--label=io.x="y"'],
  ['platform', { platform: 'linux/arm64' }, '--custom-platform=linux/arm64', '--platform=linux/arm64'],
  ['mirror', { registryMaps: ['a=b'] }, '--registry-map=a=b', null],
  ['plain host', { insecureRegistries: ['h:5000'] }, '--insecure-registry=h:5000', null],
];

describe('the closed list of options', () => {
  it.each(options)('%s is an argument of kaniko and of buildah', (_, option, kaniko, buildah) => {
    expect(kanikoArguments({ ...plain, ...option })).toContain(kaniko);
    expect(kanikoArguments(plain)).not.toContain(kaniko);
    if (buildah === null) return;
    expect(planBuildah({ ...plain, ...option }).arguments).toContain(buildah);
    expect(planBuildah(plain).arguments).not.toContain(buildah);
  });

  it('has a row here for each of its members', () => {
    const rows = options.flatMap(([, option]) => Object.keys(option));
    const fixed = ['root', 'layout'];
    expect([...new Set([...rows, ...fixed])].sort()).toEqual(Object.keys(plain).sort());
  });

  it('gives the same words whatever the order of the keys', () => {
    const one = { ...plain, buildArgs: { B: '2', A: '1' } };
    const other = { ...plain, buildArgs: { A: '1', B: '2' } };
    expect(kanikoArguments(one)).toEqual(kanikoArguments(other));
    expect(planBuildah(one)).toEqual(planBuildah(other));
  });

  it('builds every stage with both, and pushes with neither', () => {
    expect(kanikoArguments(plain).join(' ')).toMatch(/--no-push/);
    expect(kanikoArguments(plain).join(' ')).not.toMatch(/skip-unused-stages|--destination|--cache/);
    expect(planBuildah(plain).arguments).toContain('--skip-unused-stages=false');
  });
});

describe('buildah’s registries', () => {
  it('are mirrors and plain hosts in its own words', () => {
    const { registries } = planBuildah({
      ...plain,
      registryMaps: ['index.docker.io=mirror:5000', 'quay.io=tls.mirror/quay'],
      insecureRegistries: ['mirror:5000'],
    });
    expect(registries).toBe(`unqualified-search-registries = ["docker.io"]

[[registry]]
prefix = "docker.io"
location = "docker.io"

[[registry.mirror]]
location = "mirror:5000"
insecure = true

[[registry]]
prefix = "quay.io"
location = "quay.io"

[[registry.mirror]]
location = "tls.mirror/quay"
insecure = false

[[registry]]
location = "mirror:5000"
insecure = true
`);
  });

  it('cannot be broken out of by a name', () => {
    const { registries } = planBuildah({ ...plain, insecureRegistries: ['a"\n[[registry]]\nlocation = "b'] });
    expect(registries.match(/^\[\[registry\]\]$/gm)).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import {
  buildctlArguments,
  buildctlStages,
  buildkitdCommand,
  buildkitdConfig,
} from '../../../src/core/builders/buildkit.ts';
import type { BuilderOptions } from '../../../src/core/builders/options.ts';
import { withAllStages } from '../../../src/core/from/all-stages.ts';

const options: BuilderOptions = {
  root: '/src',
  context: 'api',
  containerFile: 'api/Containerfile',
  rewritten: null,
  target: null,
  buildArgs: { B: '2', A: 'one two' },
  labels: { revision: 'abc' },
  platform: null,
  registryMaps: [],
  insecureRegistries: [],
  layout: '/out/image',
};
const places = { socket: '/b/buildkitd.sock', config: '/b/buildkitd.toml', state: '/state' };

describe('what BuildKit is called with', () => {
  it('sends context and container file, and takes a layout: no credential, no cache of others, no syntax of the file', () => {
    expect(buildctlArguments(options, places)).toEqual([
      '--addr=unix:///b/buildkitd.sock',
      'build',
      '--progress=plain',
      '--frontend=dockerfile.v0',
      '--local=context=/src/api',
      '--local=dockerfile=/src/api',
      '--opt=filename=Containerfile',
      '--opt=cmdline=none',
      '--opt=build-arg:A=one two',
      '--opt=build-arg:B=2',
      '--opt=label:revision=abc',
      '--output=type=oci,dest=/out/image,tar=false',
    ]);
  });

  it('builds the rewritten file, a target and another platform where they are asked for', () => {
    const given = { ...options, rewritten: '/out/Containerfile', target: 'server', platform: 'linux/arm64' };
    const words = buildctlArguments(given, places);
    expect(words).toEqual(
      expect.arrayContaining(['--local=dockerfile=/out', '--opt=target=server', '--opt=platform=linux/arm64']),
    );
  });

  it('builds all stages of the other file, whatever the target is, and leaves nothing', () => {
    const words = buildctlStages({ ...options, target: 'server' }, '/b/Containerfile', places);
    expect(words.filter((word) => /dockerfile=|filename=|target|output/.test(word))).toEqual([
      '--local=dockerfile=/b',
      '--opt=filename=Containerfile',
    ]);
  });

  it.each([
    ['user-namespace', 'buildkitd', false],
    ['rootless', 'rootlesskit', true],
  ] as const)('%s begins with %s', (form, first, sandboxless) => {
    const words = buildkitdCommand({ image: 'x', form }, places);
    expect(words[0]).toBe(first);
    expect(words.includes('--oci-worker-no-process-sandbox')).toBe(sandboxless);
    expect(words).toEqual(
      expect.arrayContaining(['--oci-worker-net=host', '--config=/b/buildkitd.toml', '--root=/state']),
    );
  });

  it('has mirrors and plain hosts in its settings', () => {
    const registryMaps = ['index.docker.io=mirror.acme.io/hub', 'quay.io=mirror.acme.io/quay'];
    expect(buildkitdConfig({ registryMaps, insecureRegistries: ['mirror.acme.io'] })).toBe(
      [
        '[registry."docker.io"]',
        'mirrors = ["mirror.acme.io/hub"]',
        '',
        '[registry."quay.io"]',
        'mirrors = ["mirror.acme.io/quay"]',
        '',
        '[registry."mirror.acme.io"]',
        'http = true',
        '',
      ].join('\n'),
    );
    expect(buildkitdConfig({ registryMaps: [], insecureRegistries: [] })).toBe('');
  });
});

describe('a stage that needs all others', () => {
  const file = 'ARG V=1\nFROM a AS one\nRUN x\nFROM b AS Two\nFROM c\n';
  it.each([
    ['all of them', null, [0, 1, 2]],
    ['those up to a target by name, in any case', 'two', [0, 1]],
    ['those up to a target by number', '0', [0]],
    ['all where the target is none of them', 'nine', [0, 1, 2]],
  ])('needs %s', (_, target, stages) => {
    const copies = stages.map((stage) => `COPY --from=${stage} /sluice-needs-all-stages* /`);
    expect(withAllStages(file, target)).toBe(`${file}\nFROM scratch\n${copies.join('\n')}\n`);
  });

  it('counts no FROM of a heredoc, and is not taken in by a last line that goes on', () => {
    const text = withAllStages('FROM a\nRUN <<E\nFROM b\nE\nRUN x \\', null);
    expect(text).toBe(
      'FROM a\nRUN <<E\nFROM b\nE\nRUN x \n\nFROM scratch\nCOPY --from=0 /sluice-needs-all-stages* /\n',
    );
  });
});

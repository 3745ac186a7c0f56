import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadJobLibrary, parseJobTemplate } from '../../src/config/job-library.ts';

const jobs = resolve(import.meta.dirname, '../../jobs');
const good = await readFile(join(jobs, 'run.yaml'), 'utf8');

/** Every mistake as `line: message (hint)`. */
function mistakesOf(text: string, name = 'run'): readonly string[] {
  const reading = parseJobTemplate(text, 'jobs/run.yaml', name);
  if (reading.kind === 'template') return [];
  return reading.problems.map(({ line, message, hint }) => `${line}: ${message}${hint === null ? '' : ` (${hint})`}`);
}

const edit = (from: string, to: string): string => {
  if (!good.includes(from)) throw new Error(`run.yaml has no ${from}`);
  return good.replace(from, to);
};

describe('the job library', () => {
  it('has the templates of this version', async () => {
    const library = await loadJobLibrary(jobs);
    expect([...library.keys()].sort()).toEqual([
      'build-image',
      'canary',
      'noop',
      'promote-image',
      'run',
      'upload-image',
    ]);
    expect(library.get('noop')?.steps).toEqual([]);
    expect(library.get('build-image')?.steps.map(({ name, builder }) => [name, builder])).toEqual([
      ['checkout', null],
      ['own', 'kaniko'],
      ['build', 'kaniko'],
      ['buildkitd', 'buildkit'],
      ['stages', 'buildkit'],
      ['build', 'buildkit'],
      ['build', 'buildah'],
      ['measure', null],
    ]);
  });

  it.each([
    ['git-token', ['build-image/checkout', 'run/checkout', 'upload-image/checkout']],
    ['registry', ['upload-image/upload']],
    ['registry-promote', ['promote-image/promote']],
    ['registry-keep', ['run/keep']],
    ['registry-take', ['run/take']],
  ])('gives the secret %s to %j and to no other step', async (secret, steps) => {
    const library = await loadJobLibrary(jobs);
    const mounting = [...library.values()].flatMap((template) =>
      template.steps
        .filter((step) => step.mounts.some(({ volume }) => volume === secret))
        .map((step) => `${template.name}/${step.name}`),
    );
    expect(mounting.sort()).toEqual(steps);
  });

  it('uploads what it builds just as what it only measures', async () => {
    const library = await loadJobLibrary(jobs);
    const [measuring, uploading] = ['build-image', 'upload-image'].map((name) => library.get(name)?.steps ?? []);
    expect(uploading?.slice(0, -1)).toEqual(measuring?.slice(0, -1));
    expect(uploading?.at(-1)).toMatchObject({ name: 'upload', image: 'step', security: 'reader', env: 'none' });
  });

  it('is refused whole, with every mistake of every file and the line that it stands in', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-library-'));
    try {
      await writeFile(join(folder, 'a.yaml'), 'name: a\npipelines: [presubmit]\nsteps: 3\n');
      await writeFile(join(folder, 'b.yaml'), 'name: b\nsteps: []\n');
      const failure = loadJobLibrary(folder);
      await expect(failure).rejects.toThrow('a.yaml:3:8: expected a list of steps (steps)\n  3 | steps: 3');
      await expect(failure).rejects.toThrow('b.yaml:1:1: `pipelines` is missing here');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('is not empty', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-library-'));
    try {
      await expect(loadJobLibrary(folder)).rejects.toThrow(/no job templates/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('a job template', () => {
  it.each<[string, string, string[]]>([
    [
      'an unknown key',
      edit('resources: job', 'resource: job'),
      ['27: unknown key "resource" (did you mean `resources`?)'],
    ],
    [
      'an unknown volume',
      edit('home: write', 'hostPath: write'),
      [expect.stringContaining('26: unknown key "hostPath"') as unknown as string],
    ],
    [
      'an unknown placeholder',
      edit('{{ job.command }}', '{{ job.secret }}'),
      [expect.stringContaining('24: expected a text without {{ }}') as unknown as string],
    ],
    [
      'a placeholder inside a text',
      edit("'{{ job.command }}'", "'x {{ job.command }}'"),
      [expect.stringContaining('24: expected a text') as unknown as string],
    ],
    [
      'an unknown pipeline',
      edit('gate,', 'gates,'),
      [expect.stringContaining('3: expected `presubmit`, `gate`') as unknown as string],
    ],
    [
      'another name than the file’s',
      edit('name: run', 'name: walk'),
      [
        '2: the file is called run (write run)',
        '19: the step "take" mounts a secret (only the step `take` of the template `run`, in our own image, may)',
        '26: the step "command" mounts a secret (only the step `command` of the template `run` may)',
        '37: the step "keep" mounts a secret (only the step `keep` of the template `run`, in our own image, may)',
      ],
    ],
    [
      'a secret in a step that runs code of the repository',
      edit('home: write', 'git-token: read'),
      ['26: the step "command" mounts a secret (only the step `checkout`, in our own image, may)'],
    ],
    [
      'the credential of a registry in a step that runs code of the repository',
      edit('home: write', 'registry: read'),
      [
        '26: the step "command" mounts a secret (only the step `upload` of the template `upload-image`, in our own image, may)',
      ],
    ],
    [
      'the credential of a registry in the checkout',
      edit('git-token: read', 'registry: read'),
      [
        '10: the step "checkout" mounts a secret (only the step `upload` of the template `upload-image`, in our own image, may)',
      ],
    ],
    [
      'a secret that can be written',
      edit('git-token: read', 'git-token: write'),
      ['10: a secret is mounted to be written (write `read`)'],
    ],
    [
      'a checkout in another image',
      edit('image: step', 'image: job'),
      [
        '10: the step "checkout" mounts a secret (only the step `checkout`, in our own image, may)',
        '7: a step in the image `job` has the rights `step` (allowed: `command`)',
        '9: only a step of ours can read `input` (leave `input` out)',
      ],
    ],
    [
      'a command with the rights of a builder',
      edit('security: command', 'security: builder'),
      ['23: a step in the image `job` has the rights `builder` (allowed: `command`)'],
    ],
    [
      'the repository’s environment in a step of ours',
      edit('    input: checkout\n', '    input: checkout\n    env: job\n'),
      ['10: a step of ours takes no environment from a repository (leave `env` out)'],
    ],
    [
      'another program in our image',
      edit('[/sluice/step, checkout]', '[/bin/sh]'),
      ['8: a step in our own image begins with /sluice/step'],
    ],
    [
      'no checkout',
      edit('name: checkout', 'name: fetch'),
      expect.arrayContaining([expect.stringContaining('the first step is called "fetch"')]) as unknown as string[],
    ],
    [
      'two steps of one name',
      edit('name: command', 'name: checkout'),
      [
        '26: the step "checkout" mounts a secret (only the step `command` of the template `run` may)',
        '21: two steps are called "checkout" (only steps of different builders may share a name)',
      ],
    ],
    [
      'the secrets of jobs in a step of ours',
      edit('git-token: read', 'secrets: read'),
      ['10: the step "checkout" mounts a secret (only the step `command` of the template `run` may)'],
    ],
    [
      'a checkout and nothing else',
      good.slice(0, good.indexOf('  - name: command')),
      ['5: a pod with nothing to do after its checkout (add a step)'],
    ],
    ['no YAML', 'name: [', [expect.stringContaining('1: ') as unknown as string]],
    ['nothing', '', ['1: `name` is missing here', '1: `pipelines` is missing here', '1: `steps` is missing here']],
    ['a list', '- a\n', ['1: expected a map with name, pipelines and steps']],
  ])('with %s is refused where it stands', (_, text, mistakes) => {
    expect(mistakesOf(text)).toEqual(mistakes);
  });

  it('without mistakes is accepted', () => {
    expect(mistakesOf(good)).toEqual([]);
  });
});

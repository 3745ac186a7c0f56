import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type ConfigContext, parseProjectConfig } from '../../src/config/parse-project-config.ts';
import type { ProjectConfig } from '../../src/model/config.ts';
import type { Job } from '../../src/model/job.ts';
import { fixtureNames, fixtures, readFixture } from './read-fixtures.ts';

function configOf(text: string): ProjectConfig {
  return configIn(text, { file: '.sluice.yaml', repositoryName: 'shop' });
}

function configIn(text: string, context: ConfigContext): ProjectConfig {
  const state = parseProjectConfig(text, context);
  if (state.kind !== 'valid') throw new Error(JSON.stringify(state));
  return state.config;
}

const goodFile = (name: string): ProjectConfig => configOf(readFixture('good', `${name}.yaml`));
const outline = (jobs: readonly Job[]): string[] =>
  jobs.map(({ name, pipelines, content }) => {
    const images = 'images' in content ? content.images.map((image) => image.name) : [];
    return `${name} ${content.template} ${pipelines.join('+')}${images.length > 0 ? ` [${images.join(' ')}]` : ''}`;
  });

describe('a good file', () => {
  it.each(fixtureNames('good'))('%s is resolved to what stands beside it, matchers by their source', async (name) => {
    const resolved = fileURLToPath(new URL(`good/${name}.json`, fixtures));
    await expect(`${JSON.stringify(goodFile(name), null, 2)}\n`).toMatchFileSnapshot(resolved);
  });
});

describe('the default jobs', () => {
  it.each([
    {
      file: 'five-lines',
      jobs: [
        'build-image build-image presubmit [api]',
        'upload-image upload-image gate [api]',
        'promote-image promote-image promote [api]',
        'publish upload-image postsubmit+tag+release [api]',
      ],
    },
    {
      file: 'some-images-have-no-repository',
      jobs: [
        'build-image build-image presubmit [api tool]',
        'upload-image upload-image gate [api]',
        'promote-image promote-image promote [api]',
        'publish upload-image postsubmit+tag+release [api]',
      ],
    },
    {
      file: 'rebuild',
      jobs: ['build-image build-image presubmit+gate [api]', 'publish upload-image postsubmit+tag+release [api]'],
    },
    {
      file: 'default-jobs-taken-away-and-replaced',
      jobs: [
        'upload-image upload-image gate [api web]',
        'promote-image promote-image promote [api web]',
        'build-image build-image presubmit+gate [api web]',
      ],
    },
    { file: 'nothing', jobs: [] },
  ])('of $file are $jobs', ({ file, jobs }) => {
    const resolved = outline(goodFile(file).jobs);
    expect(resolved.toSorted()).toEqual(jobs.toSorted());
  });

  it('leave out promote-image when nothing is uploaded in the gate', () => {
    const jobs = configOf(
      'images: [{ name: a, repository: q.io/a/a }]\njobs: { upload-image: null, publish: null }\n',
    ).jobs;
    expect(outline(jobs)).toEqual(['build-image build-image presubmit [a]']);
  });

  it('stay beside a job of the file that touches no image', () => {
    const jobs = configOf('images: [{ name: a }]\njobs: { unit: { image: x, run: y } }\n').jobs;
    expect(outline(jobs)).toEqual(['build-image build-image presubmit [a]', 'unit run presubmit+gate']);
  });

  it('build the root Containerfile when the file names no images', () => {
    const text = 'jobs: { unit: { image: x, run: y } }\n';
    const context = { file: 'f', repositoryName: 'My Shop', containerfile: 'Dockerfile' };
    expect(outline(configIn(text, context).jobs)).toEqual([
      'build-image build-image presubmit [my-shop]',
      'unit run presubmit+gate',
    ]);
    expect(configIn('images: []\n', context).jobs).toEqual([]);
  });
});

describe('the definition of a job', () => {
  const base = 'image: "golang:1.24", run: make';
  const definition = (job: string): string => configOf(`jobs: { unit: { ${job} } }`).jobs[0]?.definition ?? '';
  const imageDefinition = (image: string): string =>
    configOf(`images: [{ name: a, ${image} }]`).jobs[0]?.definition ?? '';

  it.each([
    'run: test, image: "golang:1.24"',
    `${base}, timeout: 2h`,
    `${base}, pool: arm`,
    `${base}, resources: { cpu: 3 }`,
    `${base}, env: { A: b }`,
  ])('changes with %s', (job) => {
    expect(definition(job)).not.toBe(definition(base));
  });

  it.each([
    'run: make, image: "golang:1.24"',
    `${base}, optional: true`,
    `${base}, branches: [main]`,
    `${base}, timeout: 60m`,
    `${base}, trigger: manual`,
  ])('stays with %s', (job) => {
    expect(definition(job)).toBe(definition(base));
  });

  it('counts what was written in the matchers of an image', () => {
    const one = imageDefinition('onlyIf: { paths: [a] }');
    expect(imageDefinition('onlyIf: { paths: [b] }')).not.toBe(one);
    expect(imageDefinition('onlyIf: { paths: ["a"] }')).toBe(one);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkConfig } from '../../src/check-config.ts';
import { renderLocally } from '../../src/plan-locally.ts';
import {
  config,
  files,
  type LocalRepository,
  machineWith,
  makeRepository,
  type OwnTemporary,
  ownTemporary,
} from './local-repository.ts';

let temporary: OwnTemporary;
let repository: LocalRepository;

beforeAll(async () => {
  temporary = await ownTemporary();
  repository = await makeRepository(files);
});
afterAll(() => temporary.remove());

const render = (job: string) => renderLocally(repository.folder, job, machineWith());

describe('the pods of a job', () => {
  it('are those of the working tree, uncommitted changes included, and the same each time', async () => {
    await repository.write({ 'new.txt': 'not committed\n' });
    const [pod] = await render('unit');
    expect(pod).toMatchObject({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { annotations: { 'sluice.dev/job': 'unit' } },
    });
    expect(pod?.spec.initContainers.map(({ name }) => name)).toEqual(['checkout']);
    expect(pod?.spec.containers[0]?.args ?? pod?.spec.containers[0]?.command).toContain('sh ./test.sh');
    expect(await render('unit')).toEqual([pod]);
    await repository.write({ 'new.txt': 'another text\n' });
    expect((await render('unit'))[0]?.metadata.name).not.toBe(pod?.metadata.name);
  });

  it('are one for each image, with kaniko, and name no credential of the clone', async () => {
    await repository.git('remote', 'add', 'origin', 'https://ada:hunter2hunter2@github.example.com/acme/api.git');
    const pods = await render('build-image');
    expect(pods).toHaveLength(1);
    expect(JSON.stringify(pods)).toContain('https://github.example.com/acme/api.git');
    expect(JSON.stringify(pods)).not.toContain('hunter2');
    expect(JSON.stringify(pods)).toContain('localhost/kaniko');
  });

  it('are there for a job of the gate, too', async () => {
    expect(await render('staged')).toHaveLength(1);
  });

  it('are those of the gate for what it uploads: to its place, with the credential in the uploader alone', async () => {
    const [pod, ...others] = await render('upload-image');
    expect(others).toEqual([]);
    const input = JSON.parse(pod?.spec.containers[0]?.env[0]?.value ?? '{}');
    expect(input).toMatchObject({
      repository: expect.stringMatching(/\/api$/),
      tag: expect.stringMatching(/^change_1_[0-9a-f]{12}_/),
    });
    expect(pod?.spec.containers[0]?.volumeMounts.map(({ name }) => name)).toEqual(['out', 'registry']);
  });

  it('are none of what uploads outside of the gate, and the error says what to write instead', async () => {
    await expect(render('publish')).rejects.toThrow(/only the gate uploads, and .*write `template: build-image`/);
  });

  it.each([
    ['unti', 'did you mean unit?'],
    ['nothing-like-it', 'build-image, unit, lint, slow, staged'],
  ])('of %s are none, and the error says %s', async (job, words) => {
    await expect(render(job)).rejects.toThrow(words);
  });

  it('of a mistaken file are none, and the mistake is told with its place', async () => {
    await repository.write({ '.sluice.yaml': 'jobs:\n  unit: { runn: make }\n' });
    await expect(render('unit')).rejects.toThrow(/\.sluice\.yaml:2:\d+: .*runn/);
  });
});

describe('checking a file', () => {
  const notesOf = async (text: string) => (await checkConfig(Buffer.from(text), '/nonexistent/api/.sluice.yaml')).notes;

  it('tells the jobs with their pipelines, and what was left to defaults', async () => {
    expect(await notesOf(config)).toEqual([
      'job upload-image on gate: builds and pushes api',
      'job promote-image on promote: promotes api',
      'job publish on postsubmit, tag, release: builds and pushes api',
      'job build-image on presubmit: builds api',
      'job unit on presubmit: runs in localhost/busybox:1',
      'job lint, optional on presubmit: runs in localhost/busybox:1',
      'job slow, manual on presubmit: runs in localhost/busybox:1',
      'job staged on gate: runs in localhost/busybox:1',
      "promotion: tag (the file names no staging place; with one of the server's (SLUICE_STAGING) it is intermediate)",
      'trust: members (default)',
      'mode: active (default)',
    ]);
  });

  it('tells what a later version acts on, and which image can be pushed nowhere', async () => {
    const notes = await notesOf(
      'images: [{ name: api }]\nversion: { file: VERSION, automation: { cutBranch: true, nextDev: true, keepBranches: 3 } }\ntrust: collaborators\nmode: shadow\nnotify: { on: [failure] }\n',
    );
    expect(notes).toContain('notify: parsed, not acted on yet');
    expect(notes).toContain(
      'version: by itself, a version that main leaves gets its release branch; a pull request proposes the next dev version once one is released, and for main once one became final there; a push to main, where that is the default branch, closes release branches beside the newest 3 of each pattern, but for those with an open pull request; refs/sluice/closed/ keeps them',
    );
    expect(notes.filter((note) => note.includes('not acted on yet'))).toHaveLength(1);
    expect(notes).toContain('image api names no `repository`: it is built on pull requests and can be pushed nowhere');
    expect(notes).toContain('jobs: not named, so `images` alone gives the ones above');
    expect(notes.join()).not.toContain('(default)');
  });

  it('tells all mistakes and then nothing else', async () => {
    const { problems, notes } = await checkConfig(Buffer.from('trsut: members\nmode: loud\n'), '.sluice.yaml');
    expect(problems.map(({ line }) => line)).toEqual([1, 2]);
    expect(notes).toEqual([]);
  });
});

import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { documents } from '../../src/adapters/github/documents.ts';
import { type StandInGitHub, startGitHub } from '../../src/demo/github/server.ts';
import { planLocally } from '../../src/plan-locally.ts';
import {
  config,
  files,
  type LocalRepository,
  machineWith,
  makeRepository,
  type OwnTemporary,
  ownTemporary,
  repositoryAt,
} from './local-repository.ts';

let temporary: OwnTemporary;
let github: StandInGitHub;
let clone: LocalRepository;
let pull: { readonly number: number; readonly headSha: string };

beforeAll(async () => {
  temporary = await ownTemporary();
  const folder = join(tmpdir(), 'sluice-test-main-github');
  await mkdir(folder);
  github = await startGitHub({ folder, now: Date.now, documents });
  await github.createOrganization('acme');
  const { token } = await github.createUser('ada');
  await github.addMember('acme', 'ada', 'admin');
  await github.createRepository('acme/api', { files, private: true });
  clone = repositoryAt(join(tmpdir(), 'sluice-test-main-clone'));
  // The credential lies where a person's lies: in the configuration of their clone.
  const place = await makeRepository({});
  await place.git('clone', '--quiet', `http://ada:${token}@${new URL(github.url).host}/acme/api.git`, clone.folder);
  pull = await github.openPullRequest({ repo: 'acme/api', by: 'ada', files: { 'docs/a.md': 'a\n' } });
});
afterAll(async () => {
  await github.close();
  await temporary.remove();
});

const plan = (number: number) => planLocally(clone.folder, { kind: 'pull-request', number }, machineWith());

it("fetches the head with the person's own git and plans it as the server would", async () => {
  const { decisions, notes } = await plan(pull.number);
  expect(decisions.map(({ job, decision }) => `${job}:${decision}`)).toEqual([
    'build-image:skip',
    'unit:run',
    'lint:skip',
    'slow:skip',
  ]);
  expect(notes[0]).toContain(`Head ${pull.headSha} onto main`);
  expect(notes[0]).toContain('assumed to be trusted');
});

it('tells what merging would build and release', async () => {
  const files = { VERSION: '1.3.0-dev\n', '.sluice.yaml': `${config}version: { release: { initiators: [robot] } }\n` };
  await github.push({ repo: 'acme/api', by: 'ada', branch: 'main', files });
  const docs = await github.openPullRequest({ repo: 'acme/api', by: 'ada', files: { 'docs/b.md': 'b\n' } });
  const bump = await github.openPullRequest({ repo: 'acme/api', by: 'ada', files: { VERSION: '1.3.0\n' } });
  const after = async (number: number) => (await plan(number)).notes.find((note) => note.startsWith('After merge'));
  expect(await after(docs.number)).toBe('After merge (V7): dev images of what changed.');
  expect(await after(bump.number)).toBe('After merge (V6): only VERSION changed, no dev images.');
});

it('leaves the clone as it was: no ref, no object, no FETCH_HEAD', async () => {
  const before = await clone.inside();
  await github.push({ repo: 'acme/api', by: 'ada', branch: 'main', files: { 'other.txt': 'moved\n' } });
  await plan(pull.number);
  expect(await clone.inside()).toEqual(before);
  expect(await temporary.leftBehind()).toEqual([]);
});

it('works in a clone without history', async () => {
  const shallow = repositoryAt(join(tmpdir(), 'sluice-test-main-shallow'));
  const url = await clone.git('remote', 'get-url', 'origin');
  await clone.git('clone', '--quiet', '--depth=1', url, shallow.folder);
  const before = await shallow.inside();
  const planned = await planLocally(shallow.folder, { kind: 'pull-request', number: pull.number }, machineWith());
  expect(planned.decisions.find(({ job }) => job === 'unit')?.decision).toBe('run');
  expect(await shallow.inside()).toEqual(before);
});

it('of a number that is none says that there is none', async () => {
  await expect(plan(4711)).rejects.toMatchObject({
    kind: 'unreachable',
    message: expect.stringContaining('no pull request 4711'),
  });
});

it('in a clone without origin says in words of git what is missing', async () => {
  const alone = await makeRepository(files);
  const planned = planLocally(alone.folder, { kind: 'pull-request', number: 1 }, machineWith());
  await expect(planned).rejects.toMatchObject({ kind: 'unreachable', message: expect.stringMatching(/origin/) });
});

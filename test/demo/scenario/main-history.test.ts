import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type StandInGitHub, startGitHub } from '../../../src/demo/github/server.ts';
import { historyLine, historyOfMain } from '../../../src/demo/scenario/main-history.ts';
import { shopFiles } from '../../../src/demo/scenario/repository-files.ts';

let folder: string;
let github: StandInGitHub;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-history-'));
  github = await startGitHub({ folder });
  await github.createOrganization('acme');
  await github.createUser('ada');
  await github.createRepository('acme/shop', { files: shopFiles('localhost/busybox:1') });
  await github.setPermission('acme/shop', 'ada', 'write');
});

afterEach(async () => {
  await github.close();
  await rm(folder, { recursive: true, force: true });
});

const push = (files: Readonly<Record<string, string>>, message: string) =>
  github.push({ repo: 'acme/shop', by: 'ada', branch: 'main', files, message });

it('finds the one commit of main that was red, though the next one is green again', async () => {
  await push({ 'apples.txt': '8\n' }, 'More apples');
  const red = await push({ 'pears.txt': '8\n' }, 'More pears');
  await push({ 'pears.txt': '4\n' }, 'Fewer pears');
  const history = await historyOfMain({ folder, github }, 'acme/shop');
  expect(history.map(({ subject, isGreen }) => [subject, isGreen])).toEqual([
    ['Initial commit', true],
    ['More apples', true],
    ['More pears', false],
    ['Fewer pears', true],
  ]);
  expect(history.map(historyLine)[2]).toBe(
    `✖ ${red.slice(0, 8)} More pears (16 boxes are on the shelf, which holds 12)`,
  );
});

it('leaves out what came in by a merge: main was never at that commit', async () => {
  const pull = await github.openPullRequest({
    repo: 'acme/shop',
    by: 'ada',
    title: 'Pears',
    files: { 'pears.txt': '8\n' },
  });
  await github.pressMerge('acme/shop', pull.number, 'ada');
  const history = await historyOfMain({ folder, github }, 'acme/shop');
  expect(history).toHaveLength(2);
  expect(history.map(({ sha }) => sha)).not.toContain(pull.headSha);
});

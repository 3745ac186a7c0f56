import { afterEach, beforeEach, expect, it } from 'vitest';
import { createProposals } from '../../../src/adapters/github/proposals.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await setStage();
});

afterEach(async () => {
  await stage.close();
});

const head = 'sluice/next-dev/main/1.3.0-dev';
const wish = { head, base: 'main', title: 'Prepare next dev version 1.3.0-dev', body: 'Because.' };
const repo = 'acme/shop';

it('a pull request of ours is opened once, and found again whatever became of it', async () => {
  const { github, project, app } = stage;
  const proposals = createProposals(app);
  expect(await proposals.find(project, head, 'main')).toBeNull();
  await github.push({ repo, by: 'ada', branch: head, files: { VERSION: '1.3.0-dev\n' } });
  const opened = await proposals.open(project, wish);
  if (opened.kind !== 'open') throw new Error(opened.because);
  const { number } = opened;
  expect(await github.pullRequest(repo, number)).toMatchObject({
    title: wish.title,
    body: 'Because.',
    baseRef: 'main',
  });
  expect(await proposals.find(project, head, 'main')).toEqual({ number, state: 'open' });
  expect(await proposals.find(project, head, 'release-v1.2')).toBeNull();
  expect(await proposals.find(project, `${head}2`, 'main')).toBeNull();
  const again = await proposals.open(project, wish);
  expect(again).toMatchObject({ kind: 'refused', because: expect.stringContaining('already exists') });
  await github.closePullRequest(repo, number, 'ada');
  expect(await proposals.find(project, head, 'main')).toEqual({ number, state: 'closed' });
  await github.reopen(repo, number, 'ada');
  await github.pressMerge(repo, number, 'ada');
  expect(await proposals.find(project, head, 'main')).toEqual({ number, state: 'merged' });
}, 60_000);

it('what the forge lists besides is no proposal, and a forge that gives no answer is not taken for a no', async () => {
  const { project, app, answers } = stage;
  const proposals = createProposals(app);
  const other = { number: 9, state: 'open', merged_at: null, head: { ref: 'topic' }, base: { ref: 'main' } };
  answers.change = (path, body) => (path.includes('/pulls') ? [other] : body);
  expect(await proposals.find(project, head, 'main')).toBeNull();
  answers.change = null;
  stage.github.faults.add({ path: /\/pulls/, count: 99, does: { kind: 'status', status: 502, when: 'before' } });
  await expect(proposals.find(project, head, 'main')).rejects.toThrow();
  await expect(proposals.open(project, wish)).rejects.toThrow();
}, 60_000);

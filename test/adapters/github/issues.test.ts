import { afterEach, beforeEach, expect, it } from 'vitest';
import { createIssues } from '../../../src/adapters/github/issues.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await setStage();
});

afterEach(async () => {
  await stage.close();
});

const mark = '<!-- sluice-nightly 0123456789ab ';
const words = { mark, number: null, title: 'The nightly of main fails', body: `It failed.\n${mark}{} -->` };

it('only what our own bot opened is an issue of a nightly, whatever else a forge lists, and whoever copies its mark', async () => {
  const issues = createIssues(stage.app);
  expect(await issues.find(stage.project, [mark])).toEqual(new Map());
  const number = await issues.write(stage.project, { ...words, isOpen: true });
  const copy = { number: 1_000, state: 'open', body: words.body, user: { id: 666, login: 'mallory' } };
  stage.answers.change = (path, body) => (path.includes('/issues') && Array.isArray(body) ? [copy, ...body] : body);
  const found = await issues.find(stage.project, [mark]);
  expect(found.get(mark)).toEqual({ number, isOpen: true, body: words.body });
}, 60_000);

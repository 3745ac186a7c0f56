import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await setStage();
});

afterEach(async () => {
  const broken = stage.github.violations.filter(({ kind }) => kind !== 'response');
  await stage.close();
  expect(broken).toEqual([]);
});

it('tells when the head of a pull request was last forced, and nothing of what was only pushed onto it', async () => {
  const repo = 'acme/shop';
  const push = (files: Record<string, string>) => stage.github.push({ repo, by: 'ada', branch: 'c', files });
  const { number, headSha } = await stage.github.openPullRequest({ repo, by: 'ada', branch: 'c', files: { a: 'a' } });
  const forcedAt = () => stage.forge.forcedAt(stage.project, number);
  await push({ b: 'b' });
  expect(await forcedAt()).toBeNull();
  stage.time.now += 60_500;
  const back = Math.floor(stage.time.now / 1_000) * 1_000;
  await stage.github.setBranch({ repo, by: 'ada', branch: 'c', sha: headSha });
  expect(await forcedAt()).toBe(back);
  stage.time.now += 60_000;
  await push({ c: 'c' });
  expect(await forcedAt()).toBe(back);
  stage.time.now += 60_000;
  await stage.github.setBranch({ repo, by: 'ada', branch: 'c', sha: headSha });
  expect(await forcedAt()).toBe(Math.floor(stage.time.now / 1_000) * 1_000);
  await expect(stage.forge.forcedAt(stage.project, number + 1_000)).rejects.toThrow();
});

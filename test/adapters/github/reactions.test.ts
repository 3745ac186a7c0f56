import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
let number: number;

beforeEach(async () => {
  stage = await setStage();
  const files = { 'a.txt': 'a\nb\n' };
  number = (
    await stage.github.openPullRequest({ repo: 'acme/shop', by: 'ada', branch: 'c', files, title: 'c', body: '/test' })
  ).number;
});

afterEach(async () => {
  const broken = stage.github.violations.filter(({ kind }) => kind !== 'response');
  await stage.close();
  expect(broken).toEqual([]);
});

const places = {
  comment: () => stage.github.comment('acme/shop', number, 'eve', '/test'),
  review: () => stage.github.review({ repo: 'acme/shop', number, by: 'eve', state: 'COMMENTED', body: '/test' }),
  'review-comment': () =>
    stage.github.reviewComment({ repo: 'acme/shop', number, by: 'eve', path: 'a.txt', line: 1, body: '/test' }),
  body: async () => number,
} as const;

it.each(['comment', 'review', 'review-comment', 'body'] as const)(
  'a reaction to a %s is ours alone and may be repeated',
  async (source) => {
    const comment = { source, id: await places[source]() };
    const other = await stage.anotherApp();
    await other.forge.react(other.project, number, comment, 'eyes');
    expect(await stage.forge.hasReacted(stage.project, number, comment)).toBe(false);
    await stage.forge.react(stage.project, number, comment, '+1');
    await stage.forge.react(stage.project, number, comment, '+1');
    expect(await stage.forge.hasReacted(stage.project, number, comment)).toBe(true);
  },
);

it('a reaction to a comment is seen there once', async () => {
  const comment = { source: 'comment', id: await places.comment() } as const;
  await stage.forge.react(stage.project, number, comment, '+1');
  await stage.forge.react(stage.project, number, comment, '+1');
  const [shown] = await stage.github.comments('acme/shop', number);
  expect(JSON.stringify(shown?.reactions)).toBe('["+1"]');
});

it.each(['comment', 'review'] as const)('a reaction to a %s that is gone throws', async (source) => {
  await expect(stage.forge.react(stage.project, number, { source, id: 999_999 }, '+1')).rejects.toThrow();
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
let number: number;

beforeEach(async () => {
  stage = await setStage();
  const files = { 'a.txt': 'a\nb\n' };
  const opened = await stage.github.openPullRequest({
    repo: 'acme/shop',
    by: 'ada',
    branch: 'c',
    files,
    title: 'c',
    body: '/test unit',
  });
  number = opened.number;
});

afterEach(async () => {
  const broken = stage.github.violations.filter(({ kind }) => kind !== 'response');
  await stage.close();
  expect(broken).toEqual([]);
});

const comments = (since = 0) => stage.forge.comments(stage.project, number, since);
const later = (seconds = 60) => {
  stage.time.now += seconds * 1_000;
};
const review = (by: string, body: string) =>
  stage.github.review({ repo: 'acme/shop', number, by, state: 'COMMENTED', body });

describe('what people wrote', () => {
  it('comes from all four places, oldest first', async () => {
    later();
    const comment = await stage.github.comment('acme/shop', number, 'eve', '/why');
    later();
    const inReview = await review('ada', '/hold');
    later();
    const onLine = await stage.github.reviewComment({
      repo: 'acme/shop',
      number,
      by: 'eve',
      path: 'a.txt',
      line: 1,
      body: '/retest',
    });
    expect(await comments()).toMatchObject([
      {
        source: 'body',
        id: number,
        author: { login: 'ada', kind: 'user' },
        text: '/test unit',
        ours: false,
        edited: false,
      },
      { source: 'comment', id: comment, author: { login: 'eve' }, text: '/why', ours: false, edited: false },
      { source: 'review', id: inReview, author: { login: 'ada' }, text: '/hold', edited: false },
      { source: 'review-comment', id: onLine, author: { login: 'eve' }, text: '/retest', edited: false },
    ]);
  });

  it('is marked when it was edited, wherever it stands', async () => {
    const comment = await stage.github.comment('acme/shop', number, 'eve', 'hello');
    const inReview = await review('eve', 'fine');
    later();
    await stage.github.editComment('acme/shop', comment, '/ok-to-test', 'ada');
    await stage.github.editReview('acme/shop', number, inReview, '/ok-to-test', 'ada');
    await stage.github.editBody('acme/shop', number, '/test all', 'ada');
    const all = await comments();
    expect(all).toHaveLength(3);
    expect(all.every((one) => one.edited)).toBe(true);
  });

  it('is not edited because the pull request changed otherwise', async () => {
    later();
    await stage.github.editTitle('acme/shop', number, 'another title', 'ada');
    await stage.github.label('acme/shop', number, 'bug', 'ada');
    await stage.github.push({ repo: 'acme/shop', by: 'ada', branch: 'c', files: { b: 'b' } });
    expect(await comments()).toMatchObject([{ source: 'body', edited: false }]);
  });

  it('can be asked for from a time on, changes counting', async () => {
    const old = await stage.github.comment('acme/shop', number, 'eve', 'old');
    await review('eve', 'old review');
    later();
    const since = stage.time.now;
    expect(await comments(since)).toEqual([]);
    await stage.github.comment('acme/shop', number, 'eve', 'new');
    await stage.github.editComment('acme/shop', old, 'old, edited', 'eve');
    await review('eve', 'new review');
    expect((await comments(since)).map((one) => one.text)).toEqual(['old, edited', 'new', 'new review']);
    later();
    await stage.github.editBody('acme/shop', number, 'edited body', 'ada');
    expect((await comments(stage.time.now)).map((one) => one.source)).toEqual(['body']);
  });

  it('leaves out reviews without a word', async () => {
    await stage.github.review({ repo: 'acme/shop', number, by: 'eve', state: 'APPROVED' });
    expect((await comments()).map((one) => one.source)).toEqual(['body']);
  });

  it('is read page by page', async () => {
    for (let index = 0; index < 150; index += 1)
      await stage.github.comment('acme/shop', number, 'eve', `comment ${index}`);
    for (let index = 0; index < 101; index += 1) await review('eve', `review ${index}`);
    const all = await comments();
    expect(all.filter((one) => one.source === 'comment')).toHaveLength(150);
    expect(all.filter((one) => one.source === 'review')).toHaveLength(101);
  }, 60_000);

  it('throws when one of the places cannot be read', async () => {
    stage.github.faults.add({ path: /graphql$/, count: 9, does: { kind: 'status', status: 502, when: 'before' } });
    await expect(comments()).rejects.toThrow();
  });

  it('throws for a pull request that is not there', async () => {
    await expect(stage.forge.comments(stage.project, 4_711, 0)).rejects.toThrow();
  });
});

it('knows what our own App wrote from what another App wrote', async () => {
  const other = await stage.anotherApp();
  const ada = { id: 1, login: 'ada', kind: 'user' } as const;
  await stage.forge.reply(stage.project, number, ada, 'ours');
  await other.forge.reply(other.project, number, ada, 'theirs');
  const found = (await comments()).filter((one) => one.source === 'comment');
  expect(found.map((one) => [one.ours, one.author.kind, one.text.split('\n')[1]])).toEqual([
    [true, 'bot', 'ours'],
    [false, 'bot', 'theirs'],
  ]);
});

describe('a reply', () => {
  const ada = { id: 11, login: 'ada', kind: 'user' } as const;
  const eve = { id: 12, login: 'eve', kind: 'user' } as const;
  const reply = (to: typeof ada | typeof eve, text: string) => stage.forge.reply(stage.project, number, to, text);
  const bodies = async () => (await stage.github.comments('acme/shop', number)).map((one) => one.body);

  it('to the same person is edited in place', async () => {
    await reply(ada, 'first');
    await reply(eve, 'for eve');
    await reply(ada, 'second');
    expect(await bodies()).toEqual(['<!-- sluice:reply:11 -->\nsecond', '<!-- sluice:reply:12 -->\nfor eve']);
  });

  it('that says the same is not written again', async () => {
    await reply(ada, 'same');
    stage.sent.length = 0;
    await reply(ada, 'same');
    expect(stage.sent.filter((request) => request.method !== 'GET')).toEqual([]);
  });

  it('is not written into what somebody else signed with our mark', async () => {
    await stage.github.comment('acme/shop', number, 'eve', '<!-- sluice:reply:11 -->\nnot ours');
    await reply(ada, 'ours');
    expect(await bodies()).toEqual(['<!-- sluice:reply:11 -->\nnot ours', '<!-- sluice:reply:11 -->\nours']);
  });

  it('that was written though the answer was lost is found again', async () => {
    stage.github.faults.add({ method: 'POST', path: /comments$/, does: { kind: 'reset', when: 'after' } });
    await expect(reply(ada, 'once')).rejects.toThrow();
    await reply(ada, 'once');
    expect(await bodies()).toHaveLength(1);
  });

  it('is found on a later page', async () => {
    for (let index = 0; index < 105; index += 1) await stage.github.comment('acme/shop', number, 'eve', `c ${index}`);
    await reply(ada, 'first');
    await reply(ada, 'second');
    expect(await bodies()).toHaveLength(106);
  }, 30_000);
});

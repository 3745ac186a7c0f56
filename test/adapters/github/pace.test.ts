import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GitHubApp } from '../../../src/adapters/github/app.ts';
import { createGateForge } from '../../../src/adapters/github/gate-forge.ts';
import { writeCheckRun } from '../../../src/adapters/github/write-check-run.ts';
import { toSha } from '../../../src/model/sha.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
let paced: GitHubApp;
let head: string;

beforeAll(async () => {
  stage = await setStage();
  paced = stage.appAt(stage.github.apiUrl, 'github');
  const files = { a: 'b' };
  head = (await stage.github.openPullRequest({ repo: 'acme/shop', by: 'ada', branch: 'x', files, title: 'x' })).headSha;
});

afterAll(() => stage.close());

const write = (externalId: string) =>
  writeCheckRun(
    paced,
    stage.project,
    {
      commit: toSha(head),
      name: externalId,
      externalId,
      state: { status: 'queued' },
      title: 'Waiting',
      summary: '',
      text: '',
      annotations: [],
      actions: [],
      detailsUrl: null,
      startedAt: null,
      completedAt: null,
    },
    null,
  );

it('lets a second pass between two writes through one installation', async () => {
  const before = performance.now();
  const written = await Promise.all([write('a'), write('b'), write('c')]);
  expect(written.every((one) => one.kind === 'written')).toBe(true);
  expect(performance.now() - before).toBeGreaterThan(1_900);
}, 20_000);

it('lets a landing through before the writes that wait', async () => {
  stage.sent.length = 0;
  const waiting = ['d', 'e', 'f', 'g', 'h'].map(write);
  await Promise.race(waiting);
  const merged = await createGateForge(paced).merge(stage.project, 1, toSha('b'.repeat(40)), 'merge', 'x');
  expect(merged).toMatchObject({ kind: 'moved' });
  expect(
    stage.sent.filter((request) => request.method === 'POST' && /check-runs$/.test(request.path)).length,
  ).toBeLessThan(5);
  await Promise.all(waiting);
}, 20_000);

it.each`
  status | retryAfter
  ${403} | ${30}
  ${429} | ${30}
`(
  'tells a limit ($status) at once instead of waiting for its end',
  async ({ status, retryAfter }) => {
    stage.github.faults.add({
      method: 'POST',
      path: /check-runs$/,
      does: { kind: 'secondary-limit', status, retryAfter },
    });
    stage.sent.length = 0;
    stage.time.now += 60_000;
    expect(await write(`limited-${status}`)).toEqual({ kind: 'limited', retryAfterMs: 30_000 });
    expect(stage.sent.filter((request) => request.method === 'POST')).toHaveLength(1);
  },
  20_000,
);

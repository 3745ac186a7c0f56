import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { writeCheckRun } from '../../src/adapters/github/write-check-run.ts';
import type { WriteCheckRun } from '../../src/adapters/redis/report-writer.ts';
import { createReporter } from '../../src/adapters/redis/reporter.ts';
import type { CheckRunReport } from '../../src/model/check-run.ts';
import { toSha } from '../../src/model/sha.ts';
import { setStage } from '../adapters/github/stage.ts';
import { keepingLog, startTestRedis } from '../harness/redis.ts';
import { startWorld, type World } from '../harness/world.ts';
import { type Recording, recordFetch, type SentCall } from './recorded-fetch.ts';

// Whole worlds take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const repo = 'acme/api';
let world: World;
let recording: Recording;
let opened = 0;

beforeAll(async () => {
  recording = recordFetch();
  world = await startWorld({ sluice: { reporter: { coalesceMs: 20 } } });
  world.executor.always('build-image', { exitCode: 0, log: 'ok\n' });
});
afterAll(async () => {
  await world.stop();
  vi.unstubAllGlobals();
});

function openPulls(count: number) {
  const open = (branch: string) =>
    // With something like a command in its text, the forge is asked before anything is begun.
    world.github.openPullRequest({ repo, by: 'ada', branch, body: '/cc boss', files: { 'README.md': `${branch}\n` } });
  opened += count;
  return Promise.all(Array.from({ length: count }, (_, index) => open(`b${opened - index}`)));
}

/** Calls in the name of the installation, which its limits are about. */
const ofInstallation = ({ authorization }: SentCall) => authorization.startsWith('token ');

describe('S16: a limit that the forge tells', () => {
  it.each([
    ['while check runs are written', 'POST', /check-runs$/, 429],
    ['while pull requests are read', 'GET', /\/pulls\/\d+$/, 403],
    ['while comments are read', 'POST', /graphql$/, 403],
  ] as const)(
    '%s holds back every call of that installation until Retry-After is over',
    async (_when, method, path, status) => {
      const before = recording.calls.length;
      world.github.faults.add({ method, path, skip: 1, does: { kind: 'secondary-limit', status, retryAfter: 2 } });
      const pulls = await openPulls(3);
      for (const { headSha } of pulls)
        expect((await world.concluded(repo, headSha, 'build-image')).conclusion).toBe('success');
      const calls = recording.calls.slice(before);
      const limited = calls.filter((call) => call.status === status && call.method === method);
      expect(limited).toHaveLength(1);
      const from = limited[0]?.answeredAt ?? 0;
      // What was on its way when the answer came could not know of it; its own next step comes some ms later.
      const early = calls.filter((call) => ofInstallation(call) && call.at > from + 20 && call.at < from + 1_990);
      expect(early.map((call) => `${call.method} ${call.path} after ${Math.round(call.at - from)} ms`)).toEqual([]);
      expect(calls.filter((call) => ofInstallation(call) && call.at > from + 1_990).length).toBeGreaterThan(5);
    },
  );
});

it('S16: never more than a hundred calls at once, though every answer is late and twelve pull requests are opened at once', async () => {
  world.github.faults.add({ path: /api/, count: 10_000, does: { kind: 'latency', ms: 30 } });
  const pulls = await openPulls(12);
  for (const { headSha } of pulls) await world.concluded(repo, headSha, 'sluice');
  expect(recording.mostAtOnce()).toBeGreaterThan(5);
  expect(recording.mostAtOnce()).toBeLessThanOrEqual(100);
});

describe('S16: check runs of one installation', () => {
  it('are written at most sixty times a minute, finals first, and never before a Retry-After is over', async () => {
    const stage = await setStage();
    onTestFinished(() => stage.close());
    const server = await startTestRedis();
    onTestFinished(() => server.stop());
    const { headSha } = await stage.github.openPullRequest({ repo: 'acme/shop', by: 'ada', files: { a: 'b' } });
    let writing = 0;
    const write: WriteCheckRun = async (project, report, id) => {
      writing += 1;
      try {
        return await writeCheckRun(stage.app, project, report, id);
      } finally {
        writing -= 1;
      }
    };
    // The limits are those that a server has; only the clock is the test's.
    const reporter = createReporter(server.open(), undefined, write, { log: keepingLog(), now: () => stage.time.now });
    onTestFinished(() => reporter.close());
    const report = (name: string, final: boolean): CheckRunReport => ({
      commit: toSha(headSha),
      name,
      externalId: `${name}/1`,
      state: final ? { status: 'completed', conclusion: 'success' } : { status: 'in_progress' },
      title: name,
      summary: '',
      text: '',
      annotations: [],
      actions: [],
      detailsUrl: null,
      startedAt: null,
      completedAt: final ? stage.time.now : null,
    });
    for (let index = 0; index < 30; index += 1) await reporter.want(stage.project, report(`progress-${index}`, false));
    for (let index = 0; index < 50; index += 1) await reporter.want(stage.project, report(`final-${index}`, true));
    const limit = { kind: 'secondary-limit', status: 429, retryAfter: 90 } as const;
    stage.github.faults.add({ method: 'POST', path: /check-runs$/, skip: 70, does: limit });
    onTestFinished(reporter.listen());
    const begun = stage.time.now;
    while ((await reporter.waiting()) > 0 && stage.time.now - begun < 15 * 60_000) {
      await reporter.recover();
      for (let still = 0; still < 3; still = writing === 0 ? still + 1 : 0) await wait(10);
      stage.time.now += 5_000;
    }
    expect(await reporter.waiting()).toBe(0);

    const writes = stage.github.requests.filter(({ method, path }) => method !== 'GET' && path.includes('/check-runs'));
    expect(writes).toHaveLength(81);
    for (const [index, { at }] of writes.entries())
      if (index >= 60) expect(at - (writes[index - 60]?.at ?? 0)).toBeGreaterThanOrEqual(60_000);
    const limitedAt = writes.findIndex(({ status }) => status === 429);
    expect(limitedAt).toBe(70);
    expect((writes[71]?.at ?? 0) - (writes[70]?.at ?? 0)).toBeGreaterThanOrEqual(90_000);
    const names = (await stage.github.checkRuns('acme/shop', headSha))
      .sort((a, b) => a.id - b.id)
      .map(({ name }) => name);
    expect(names.slice(0, 50).every((name) => name.startsWith('final-'))).toBe(true);
  }, 60_000);
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GateView } from '../../../src/model/gate-view.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
let number: number;
let head: string;

beforeEach(async () => {
  stage = await setStage();
  const files = { a: 'x' };
  const wish = { repo: 'acme/shop', by: 'ada', branch: 'change', files, title: 'Change' };
  const opened = await stage.github.openPullRequest(wish);
  [number, head] = [opened.number, opened.headSha];
  stage.sent.length = 0;
});

afterEach(async () => {
  const broken = stage.github.violations.filter(({ kind }) => kind !== 'response');
  await stage.close();
  expect(broken).toEqual([]);
});

async function view(): Promise<GateView> {
  const found = await stage.gate.gateView(stage.project, number);
  if (found === null) throw new Error('it is not there');
  return found;
}

const report = (name: string, conclusion?: 'success' | 'failure' | 'stale', app = stage.app.appId) =>
  stage.github.reportCheck({ repo: 'acme/shop', app, sha: head, name, ...(conclusion && { conclusion }) });
const fail = (path: RegExp, skip = 0) =>
  stage.github.faults.add({ path, skip, count: 9, does: { kind: 'status', status: 502, when: 'before' } });

describe('checks', () => {
  it('are the latest of every App, ours too, and of every status', async () => {
    const other = await stage.anotherApp();
    await report('unit', 'failure');
    await stage.github.reportCheck({
      ...{ repo: 'acme/shop', app: stage.app.appId, sha: head, name: 'unit' },
      ...{ conclusion: 'success', externalId: 'sluice-gate-1/2' },
    });
    await report('lint', undefined, other.app.appId);
    await stage.github.commitStatus({ repo: 'acme/shop', by: 'ada', sha: head, context: 'cov', state: 'failure' });
    stage.time.now += 1_000;
    await stage.github.commitStatus({ repo: 'acme/shop', by: 'ada', sha: head, context: 'cov', state: 'success' });
    const at = expect.any(Number);
    const own = { kind: 'check-run', at, externalId: 'sluice-gate-1/2' };
    const checks = [...(await view()).checks].sort(
      (a, b) => a.kind.localeCompare(b.kind) || b.name.localeCompare(a.name),
    );
    expect(checks).toEqual([
      { ...own, name: 'unit', app: stage.app.appId, conclusion: 'success' },
      { ...own, name: 'lint', app: other.app.appId, conclusion: null, externalId: '' },
      { name: 'cov', app: null, kind: 'status', conclusion: 'success', at: Math.floor(stage.time.now / 1_000) * 1_000 },
    ]);
  });

  it('have the last conclusion beside a re-run that is under way, however short it stood', async () => {
    await report('unit', 'success');
    await report('unit', 'failure');
    await report('unit');
    const { checks } = await view();
    expect(checks.map(({ name, conclusion }) => [name, conclusion])).toEqual([
      ['unit', null],
      ['unit', 'failure'],
    ]);
  });

  it.each([
    ['success', 'success'],
    ['timed_out', 'timed_out'],
    ['action_required', 'action_required'],
    ['stale', 'stale'],
    ['startup_failure', null],
    ['passed, I swear', null],
  ])('that the forge calls %s are %s', async (word, conclusion) => {
    await report('unit', 'success');
    stage.answers.change = (path, body) =>
      path.includes('/check-runs')
        ? JSON.parse(JSON.stringify(body).replace('"conclusion":"success"', `"conclusion":${JSON.stringify(word)}`))
        : null;
    expect((await view()).checks).toMatchObject([{ name: 'unit', conclusion }]);
  });

  it.each([
    ['error', 'failure'],
    ['failure', 'failure'],
    ['pending', null],
    ['success', 'success'],
  ] as const)('that are a status %s are %s', async (state, conclusion) => {
    await stage.github.commitStatus({ repo: 'acme/shop', by: 'ada', sha: head, context: 'cov', state });
    expect((await view()).checks).toMatchObject([{ name: 'cov', conclusion }]);
  });

  it.each([
    ['https://avatars.githubusercontent.com/in/2740?v=4', 2_740],
    ['https://github.example.org/avatars/in/12', 12],
    ['https://avatars.githubusercontent.com/u/2740?v=4', null],
    ['https://avatars.githubusercontent.com/oa/2740', null],
    ['https://example.org/x/in/2740', null],
    ['in/2740', null],
    [null, null],
  ])('with the picture %s are of App %s', async (avatar_url, app) => {
    await stage.github.commitStatus({ repo: 'acme/shop', by: 'ada', sha: head, context: 'cov', state: 'success' });
    stage.answers.change = (path, body) => {
      if (!/\/status\?/.test(path)) return null;
      const { statuses, ...rest } = body as { statuses: object[] };
      return { ...rest, statuses: statuses.map((status) => ({ ...status, avatar_url })) };
    };
    expect((await view()).checks).toMatchObject([{ name: 'cov', app }]);
  });

  it('come in pages of a hundred: all of them, or a throw', async () => {
    for (let index = 0; index < 101; index += 1) {
      await report(`check-${index}`, 'success');
      const context = `status-${index}`;
      await stage.github.commitStatus({ repo: 'acme/shop', by: 'ada', sha: head, context, state: 'success' });
    }
    expect(new Set((await view()).checks.map(({ name }) => name)).size).toBe(202);
    for (const path of [/\/check-runs$/, /\/status$/]) {
      stage.github.faults.clear();
      fail(path, 1);
      await expect(view()).rejects.toThrow();
    }
  }, 60_000);

  it('that began without a time count as of now', async () => {
    await report('unit');
    stage.answers.change = (path, body) =>
      path.includes('/check-runs')
        ? JSON.parse(JSON.stringify(body).replace(/"started_at":"[^"]*"/, '"started_at":null'))
        : null;
    expect((await view()).checks).toMatchObject([{ conclusion: null, at: stage.time.now }]);
  });
});

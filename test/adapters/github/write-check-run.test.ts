import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathOf, repositoryClient } from '../../../src/adapters/github/repository-client.ts';
import { writeCheckRun } from '../../../src/adapters/github/write-check-run.ts';
import type { CheckRunReport } from '../../../src/model/check-run.ts';
import { type Sha, toSha } from '../../../src/model/sha.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
let commit: Sha;

beforeEach(async () => {
  stage = await setStage();
  const opened = await stage.github.openPullRequest({
    repo: 'acme/shop',
    by: 'ada',
    branch: 'change',
    files: { 'a.txt': 'a\n' },
    title: 'Change',
  });
  commit = toSha(opened.headSha);
  stage.sent.length = 0;
});

afterEach(() => stage.close());

function report(overrides: Partial<CheckRunReport> = {}): CheckRunReport {
  return {
    commit,
    name: 'unit',
    externalId: 'abc/1',
    state: { status: 'queued' },
    title: 'Waiting',
    summary: '3 are ahead',
    text: '',
    annotations: [],
    actions: [],
    detailsUrl: null,
    startedAt: null,
    completedAt: null,
    ...overrides,
  };
}

const done = { state: { status: 'completed', conclusion: 'success' }, title: 'Passed' } as const;
const write = (what: CheckRunReport, knownId: number | null = null) =>
  writeCheckRun(stage.app, stage.project, what, knownId);
const shown = () => stage.github.checkRuns('acme/shop', commit);
const annotations = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ path: 'a.txt', line: 1, endLine: 1, message: `number ${index}` }));
const writes = () => stage.sent.filter((request) => /check-runs/.test(request.path) && request.method !== 'GET');

describe('a report', () => {
  it('becomes a check run, and the next one changes the same', async () => {
    const first = await write(report({ detailsUrl: 'https://sluice.example.org/b/1', startedAt: 1_700_000_000_000 }));
    expect(first).toEqual({ kind: 'written', id: expect.any(Number) });
    const id = first.kind === 'written' ? first.id : 0;
    const cancel = { identifier: 'cancel', label: 'Cancel', description: 'Stop this build' } as const;
    await write(report({ state: { status: 'in_progress' }, title: 'Running', actions: [cancel] }), id);
    expect(await shown()).toMatchObject([{ id, status: 'in_progress', title: 'Running', actions: [cancel] }]);
    expect(await write(report({ ...done, completedAt: 1_700_000_060_000 }), id)).toEqual({ kind: 'written', id });
    expect(await shown()).toMatchObject([
      { id, conclusion: 'success', title: 'Passed', externalId: 'abc/1', actions: [] },
    ]);
    expect(stage.github.violations.filter(({ kind }) => kind === 'request')).toEqual([]);
  });

  it('is found by its external id when nobody remembers it', async () => {
    const first = await write(report());
    expect(await write(report(done))).toEqual(first);
    expect(await shown()).toHaveLength(1);
  });

  it('that ends leaves no other of its external id open, as a create that came late makes one', async () => {
    const first = await write(report());
    const client = repositoryClient(stage.app, stage.project);
    const late = { ...pathOf(stage.project), head_sha: commit, name: 'unit', external_id: 'abc/1' };
    const { data } = await client.rest.checks.create({ ...late, status: 'in_progress' });
    const known = first.kind === 'written' ? first.id : 0;
    expect(await write(report(done), known)).toEqual({ kind: 'written', id: data.id });
    const runs = await stage.forge.checkRuns(stage.project, commit);
    expect(runs.map(({ id, state }) => [id, state.status])).toEqual(
      expect.arrayContaining([
        [known, 'completed'],
        [data.id, 'completed'],
      ]),
    );
  });

  it('makes none any more once its time is over: another may be at it', async () => {
    const late = writeCheckRun(stage.app, stage.project, report(), null, AbortSignal.abort());
    expect(await late).toMatchObject({ kind: 'failed' });
    expect(await shown()).toEqual([]);
  });

  it('of another external id is another check run of the same name', async () => {
    await write(report(done));
    await write(report({ externalId: 'abc/2' }));
    const runs = await stage.forge.checkRuns(stage.project, commit);
    expect(runs.map((run) => run.externalId).sort()).toEqual(['abc/1', 'abc/2']);
  });

  it('never reopens what is completed', async () => {
    const first = await write(report(done));
    const id = first.kind === 'written' ? first.id : 0;
    expect(await write(report({ title: 'Late news' }), id)).toEqual(first);
    expect(await write(report({ title: 'Late news' }))).toEqual(first);
    expect(await shown()).toMatchObject([{ status: 'completed', title: 'Passed' }]);
  });

  it('is written anew when the remembered check run is gone', async () => {
    expect(await write(report(), 987_654)).toMatchObject({ kind: 'written' });
    expect(await shown()).toHaveLength(1);
  });

  it('does not touch a check run of another App with the same external id', async () => {
    const other = await stage.anotherApp();
    await writeCheckRun(other.app, other.project, report(done), null);
    await write(report());
    expect((await shown()).map((run) => run.appId).sort()).toEqual([stage.app.appId, other.app.appId].sort());
  });
});

describe('annotations', () => {
  it.each([
    [50, 1],
    [51, 2],
    [120, 3],
  ])('%i come in %i requests', async (count, requests) => {
    expect(await write(report({ ...done, annotations: annotations(count) }))).toMatchObject({ kind: 'written' });
    expect((await shown())[0]?.annotations).toHaveLength(count);
    expect(writes()).toHaveLength(requests);
  });

  it('are sent once, also when the writing was cut off in the middle and done again', async () => {
    stage.github.faults.add({ method: 'PATCH', path: /check-runs/, does: { kind: 'reset', when: 'before' } });
    expect(await write(report({ ...done, annotations: annotations(120) }))).toMatchObject({ kind: 'failed' });
    const again = await write(report({ ...done, annotations: annotations(120) }));
    await write(report({ ...done, annotations: annotations(120) }), again.kind === 'written' ? again.id : 0);
    const messages = (await shown())[0]?.annotations.map((annotation) => annotation.message) ?? [];
    expect(messages).toEqual(annotations(120).map((annotation) => annotation.message));
  });
});

describe('an answer that leaves open whether it happened', () => {
  it.each([
    { kind: 'status', status: 502, when: 'before' },
    { kind: 'status', status: 502, when: 'after' },
    { kind: 'status', status: 500, when: 'after' },
    { kind: 'reset', when: 'before' },
    { kind: 'reset', when: 'after' },
  ] as const)('on create ($kind $when) fails once, and trying again leaves exactly one check run', async (does) => {
    stage.github.faults.add({ method: 'POST', path: /check-runs$/, does });
    expect(await write(report())).toMatchObject({ kind: 'failed' });
    expect(writes()).toHaveLength(1);
    expect(await write(report())).toMatchObject({ kind: 'written' });
    expect(await shown()).toHaveLength(1);
  });

  it('on change fails once, and trying again gives the same', async () => {
    const first = await write(report());
    const id = first.kind === 'written' ? first.id : 0;
    stage.github.faults.add({ method: 'PATCH', does: { kind: 'status', status: 503, when: 'after' } });
    expect(await write(report(done), id)).toMatchObject({ kind: 'failed' });
    expect(await write(report(done), id)).toEqual(first);
  });
});

describe('limits', () => {
  it.each`
    does                                                        | expected
    ${{ kind: 'secondary-limit', status: 403, retryAfter: 17 }} | ${17_000}
    ${{ kind: 'secondary-limit', status: 429, retryAfter: 61 }} | ${61_000}
    ${{ kind: 'secondary-limit', status: 403 }}                 | ${60_000}
    ${{ kind: 'secondary-limit', status: 429 }}                 | ${60_000}
  `('$does are obeyed: nothing is repeated, and the wait is $expected ms', async ({ does, expected }) => {
    stage.github.faults.add({ method: 'POST', path: /check-runs$/, does });
    expect(await write(report())).toEqual({ kind: 'limited', retryAfterMs: expected });
    expect(writes()).toHaveLength(1);
    stage.time.now += expected - 1_000;
    expect(await write(report())).toMatchObject({ kind: 'limited' });
    expect(writes()).toHaveLength(1);
    stage.time.now += 1_000;
    expect(await write(report())).toMatchObject({ kind: 'written' });
  });

  it('of the hour last until they are reset', async () => {
    stage.github.faults.add({ method: 'GET', path: /check-runs/, does: { kind: 'primary-limit' } });
    const limited = await write(report());
    expect(limited).toMatchObject({ kind: 'limited' });
    expect(limited.kind === 'limited' ? limited.retryAfterMs : 0).toBeGreaterThanOrEqual(1_000);
  });
});

describe('a refusal', () => {
  it('of too long a text does not happen: it is cut with a note', async () => {
    const long = `${'x'.repeat(70_000)}\n`;
    expect(await write(report({ ...done, summary: long, text: long }))).toMatchObject({ kind: 'written' });
    const [run] = await shown();
    expect(run?.summary?.length).toBeLessThanOrEqual(65_535);
    expect(run?.text).toMatch(/… cut here: \d+ more characters\.$/);
  });

  it('is answered once with a shorter report without annotations', async () => {
    stage.github.faults.add({
      method: 'POST',
      path: /check-runs$/,
      does: { kind: 'status', status: 422, when: 'before' },
    });
    const long = { summary: 's'.repeat(40_000), text: 't'.repeat(40_000), annotations: annotations(3) };
    expect(await write(report({ ...done, ...long }))).toMatchObject({ kind: 'written' });
    const [run] = await shown();
    expect(run?.annotations).toEqual([]);
    expect(run?.summary).toMatch(/^3 annotations were not taken by GitHub\./);
    expect(run?.text?.length).toBeLessThanOrEqual(16_000);
  });

  it('that stays is told in the words of GitHub', async () => {
    const nowhere = toSha('f'.repeat(40));
    const written = await write(report({ commit: nowhere }));
    expect(written).toMatchObject({ kind: 'refused', because: expect.stringMatching(/No commit found/i) });
  });

  it('because the App was taken off is told, and nothing is sent', async () => {
    stage.time.now += 2 * 3_600_000;
    await stage.github.uninstall(stage.installation);
    expect(await write(report())).toMatchObject({ kind: 'refused' });
    expect(writes()).toEqual([]);
  });

  it('because the App may not write checks names the permission that lacks', async () => {
    stage.github.faults.add({
      method: 'POST',
      path: /check-runs$/,
      does: { kind: 'status', status: 403, when: 'before' },
    });
    expect(await write(report())).toEqual({ kind: 'refused', because: expect.any(String) });
    expect(writes()).toHaveLength(1);
  });
});

it('renews a token that is refused, once, and then writes', async () => {
  await write(report());
  stage.sent.length = 0;
  stage.github.faults.add({
    method: 'POST',
    path: /check-runs$/,
    does: { kind: 'status', status: 401, when: 'before' },
  });
  expect(await write(report({ externalId: 'abc/2' }))).toMatchObject({ kind: 'written' });
  expect(stage.sent.filter((request) => request.path.endsWith('/access_tokens'))).toHaveLength(1);
});

it('says in the log what was written and why not, without texts of the report', async () => {
  stage.github.faults.add({
    method: 'POST',
    path: /check-runs$/,
    does: { kind: 'status', status: 502, when: 'before' },
  });
  await write(report({ summary: 'a secret summary' }));
  await write(report({ summary: 'a secret summary' }));
  expect(stage.lines.map((line) => line.message)).toEqual(['check run not written', 'check run written']);
  expect(JSON.stringify(stage.lines)).not.toContain('secret');
});

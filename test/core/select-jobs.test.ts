import { describe, expect, it } from 'vitest';
import { type LastResult, type StartRequest, selectImages, selectJob } from '../../src/core/select-jobs.ts';
import type { ChangedFiles } from '../../src/model/matcher.ts';
import { aJob, anImage, anImageJob, matchers } from '../fakes/model-data.ts';

const auto: StartRequest = { kind: 'automatic' };
const named: StartRequest = { kind: 'named', names: ['unit'] };
const other: StartRequest = { kind: 'named', names: ['lint'] };
const retest: StartRequest = { kind: 'retest', optionalToo: true };
const required: StartRequest = { kind: 'retest', optionalToo: false };
const source: ChangedFiles = { known: true, paths: ['src/main.go'] };
const docs: ChangedFiles = { known: true, paths: ['docs/a.md'] };
const unknown: ChangedFiles = { known: false, because: 'the forge answered 502' };
const onlySource = matchers('src/**');

interface Row {
  readonly baseRef?: string;
  readonly changed?: ChangedFiles;
  readonly last?: LastResult;
}

function facts({ baseRef = 'main', changed = source, last = 'none' }: Row) {
  return { baseRef, changed, last };
}

describe('the first line that decides wins (commands.md §1)', () => {
  const release = matchers('release-*');
  it.each`
    row  | line                                       | selection                                      | request     | where                                | expected
    ${1} | ${'base branch not in the job’s branches'} | ${{ branches: release }}                       | ${auto}     | ${{}}                                | ${'skip'}
    ${1} | ${'nothing overrides this: /test'}         | ${{ branches: release }}                       | ${named}    | ${{}}                                | ${'leave'}
    ${1} | ${'nothing overrides this: /retest'}       | ${{ branches: release }}                       | ${retest}   | ${{ last: 'failed' }}                | ${'skip'}
    ${1} | ${'skipBranches'}                          | ${{ skipBranches: matchers('main') }}          | ${named}    | ${{}}                                | ${'leave'}
    ${2} | ${'/test NAME: the named job'}             | ${{}}                                          | ${named}    | ${{}}                                | ${'run'}
    ${2} | ${'whatever its matchers say'}             | ${{ onlyIf: onlySource }}                      | ${named}    | ${{ changed: docs }}                 | ${'run'}
    ${2} | ${'also a manual one'}                     | ${{ trigger: 'manual' }}                       | ${named}    | ${{}}                                | ${'run'}
    ${2} | ${'also one that passed'}                  | ${{}}                                          | ${named}    | ${{ last: 'passed' }}                | ${'run'}
    ${2} | ${'the others no'}                         | ${{}}                                          | ${other}    | ${{ last: 'failed' }}                | ${'leave'}
    ${3} | ${'/retest: last result failed'}           | ${{}}                                          | ${retest}   | ${{ last: 'failed' }}                | ${'run'}
    ${3} | ${'failed, though its matcher misses'}     | ${{ onlyIf: onlySource }}                      | ${retest}   | ${{ last: 'failed', changed: docs }} | ${'run'}
    ${3} | ${'failed manual jobs are included'}       | ${{ trigger: 'manual' }}                       | ${retest}   | ${{ last: 'failed' }}                | ${'run'}
    ${3} | ${'failed optional jobs are included'}     | ${{ optional: true }}                          | ${retest}   | ${{ last: 'failed' }}                | ${'run'}
    ${3} | ${'passed no'}                             | ${{}}                                          | ${retest}   | ${{ last: 'passed' }}                | ${'leave'}
    ${3} | ${'running no'}                            | ${{}}                                          | ${retest}   | ${{ last: 'running' }}               | ${'leave'}
    ${3} | ${'skipped no'}                            | ${{}}                                          | ${retest}   | ${{ last: 'skipped' }}               | ${'leave'}
    ${3} | ${'/retest-required leaves optional jobs'} | ${{ optional: true }}                          | ${required} | ${{ last: 'failed' }}                | ${'leave'}
    ${3} | ${'/retest-required: required failed'}     | ${{}}                                          | ${required} | ${{ last: 'failed' }}                | ${'run'}
    ${4} | ${'manual job'}                            | ${{ trigger: 'manual' }}                       | ${auto}     | ${{}}                                | ${'skip'}
    ${4} | ${'manual job without a result, /retest'}  | ${{ trigger: 'manual' }}                       | ${retest}   | ${{}}                                | ${'skip'}
    ${4} | ${'manual before its matcher'}             | ${{ trigger: 'manual', onlyIf: onlySource }}   | ${auto}     | ${{}}                                | ${'skip'}
    ${5} | ${'path matcher: hit'}                     | ${{ onlyIf: onlySource }}                      | ${auto}     | ${{}}                                | ${'run'}
    ${5} | ${'path matcher: unknown'}                 | ${{ onlyIf: onlySource }}                      | ${auto}     | ${{ changed: unknown }}              | ${'run'}
    ${5} | ${'path matcher: miss'}                    | ${{ onlyIf: onlySource }}                      | ${auto}     | ${{ changed: docs }}                 | ${'skip'}
    ${5} | ${'skipIf: unknown is no reason to skip'}  | ${{ skipIf: matchers('**') }}                  | ${auto}     | ${{ changed: unknown }}              | ${'run'}
    ${5} | ${'skipIf: all files covered'}             | ${{ skipIf: matchers('**') }}                  | ${auto}     | ${{}}                                | ${'skip'}
    ${5} | ${'/retest without any result: goes on'}   | ${{ onlyIf: onlySource }}                      | ${retest}   | ${{ changed: docs }}                 | ${'skip'}
    ${6} | ${'yes'}                                   | ${{}}                                          | ${auto}     | ${{}}                                | ${'run'}
    ${6} | ${'yes on a branch that is listed'}        | ${{ branches: matchers('release-*', 'main') }} | ${auto}     | ${{}}                                | ${'run'}
    ${6} | ${'yes without any result, /retest'}       | ${{}}                                          | ${required} | ${{}}                                | ${'run'}
    ${6} | ${'yes without a matcher, files unknown'}  | ${{}}                                          | ${auto}     | ${{ changed: unknown }}              | ${'run'}
  `('row $row, $line: $expected', ({ row, selection, request, where, expected }) => {
    const decision = selectJob(aJob('unit', { selection }), request, facts(where));
    expect(decision).toMatchObject({ decision: expected, row });
    expect(decision.because).not.toBe('');
  });

  it('matches a branch as a whole: a regular expression for release-1.1 does not take my-release-1.1-x', () => {
    const job = aJob('unit', { selection: { branches: matchers('regex: release-1\\.1') } });
    expect(selectJob(job, auto, facts({ baseRef: 'release-1.1' })).decision).toBe('run');
    expect(selectJob(job, auto, facts({ baseRef: 'my-release-1.1-x' })).decision).toBe('skip');
  });

  it('knows a job by its exact name', () => {
    const request: StartRequest = { kind: 'named', names: ['Unit', 'uni', 'unit ', ''] };
    expect(selectJob(aJob('unit'), request, facts({})).decision).toBe('leave');
  });

  it('leaves everything alone when no name is given', () => {
    expect(selectJob(aJob('unit'), { kind: 'named', names: [] }, facts({})).decision).toBe('leave');
  });
});

describe('a job of several images', () => {
  const api = anImage('api', { onlyIf: matchers('api/**') });
  const web = anImage('web', { onlyIf: matchers('web/**') });
  const tools = anImage('tools');

  it.each`
    paths                       | images          | expected  | row  | built
    ${['api/a.go']}             | ${[api, web]}   | ${'run'}  | ${5} | ${['api']}
    ${['api/a.go', 'web/b.ts']} | ${[api, web]}   | ${'run'}  | ${5} | ${['api', 'web']}
    ${['docs/a.md']}            | ${[api, web]}   | ${'skip'} | ${5} | ${['api', 'web']}
    ${['docs/a.md']}            | ${[api, tools]} | ${'run'}  | ${5} | ${['tools']}
    ${['docs/a.md']}            | ${[tools]}      | ${'run'}  | ${6} | ${['tools']}
  `('$paths of $images.length images: $expected $built', ({ paths, images, expected, row, built }) => {
    const job = anImageJob('build-image', images);
    const changed: ChangedFiles = { known: true, paths };
    expect(selectJob(job, auto, facts({ changed }))).toMatchObject({ decision: expected, row });
    expect(selectImages(job, auto, changed).map(({ name }) => name)).toEqual(built);
  });

  it('builds every image when the files are not known', () => {
    const job = anImageJob('build-image', [api, web]);
    expect(selectJob(job, auto, facts({ changed: unknown }))).toMatchObject({ decision: 'run', row: 5 });
    expect(selectImages(job, auto, unknown)).toHaveLength(2);
  });

  it('builds every image when it was asked for by name', () => {
    const job = anImageJob('build-image', [api, web]);
    expect(selectImages(job, { kind: 'named', names: ['build-image'] }, docs)).toHaveLength(2);
  });

  it('says of each image why it is not concerned', () => {
    const decision = selectJob(anImageJob('build-image', [api, web]), auto, facts({ changed: docs }));
    expect(decision.because).toMatch(/`api`: none of the 1 changed files.*`web`: none of the 1 changed files/);
  });
});

describe('labels of a pull request', () => {
  const job = aJob('e2e', { selection: { labels: matchers('run-*', 'e2e') } });
  it.each<[string, StartRequest, readonly string[] | undefined, string]>([
    ['none of them', auto, ['docs'], 'skip'],
    ['one of them', auto, ['docs', 'e2e'], 'run'],
    ['one by a glob, whatever its case', auto, ['Run-It'], 'run'],
    ['none, and it is named', { kind: 'named', names: ['e2e'] }, [], 'run'],
    ['none, where nobody asks of a pull request', auto, undefined, 'run'],
  ])('%s', (_, request, labels, expected) => {
    const asked = labels === undefined ? facts({}) : { ...facts({}), labels };
    const { decision, because, lacksLabel } = selectJob(job, request, asked);
    expect(decision).toBe(expected);
    expect(lacksLabel === true).toBe(expected === 'skip');
    if (expected === 'skip') expect(because).toContain('`/test e2e`');
  });
});

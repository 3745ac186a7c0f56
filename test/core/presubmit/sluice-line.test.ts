import { describe, expect, it } from 'vitest';
import type { ConfigProblem } from '../../../src/model/config.ts';
import { aConfig, aJob, anImage, anImageJob, matchers, people, sha } from '../../fakes/model-data.ts';
import { type Story, type StoryOptions, startStory } from '../../fakes/story.ts';
import { change, push, say, tell } from '../../fakes/story-events.ts';
import { begin, pass, settle, shown } from '../../fakes/story-pass.ts';

function opened(options: StoryOptions = {}): Story {
  const story = startStory(options);
  tell(story, 'pull_request.opened');
  return story;
}

function own(story: Story) {
  const report = story.pull ? story.checks.shown(story.pull.head, 'sluice') : undefined;
  if (!report) throw new Error('there is no check run sluice');
  return report;
}

function problem(message: string, hint: string | null = null): ConfigProblem {
  return { file: '.sluice.yaml', line: 3, column: 5, path: 'jobs.unit', message, hint };
}

describe('the check run `sluice` says what was planned, or why nothing is (commands.md §6)', () => {
  it('lists every job with its reason', () => {
    const docs = aJob('docs', { selection: { onlyIf: matchers('docs/**', 'a|b') } });
    const story = opened({ jobs: [aJob('unit'), docs] });
    pass(story);
    expect(own(story).summary).toBe(
      [
        'This head may be built: ada has write permission.',
        '',
        '| job | decision | reason |',
        '|---|---|---|',
        '| `unit` | run | it is automatic and has no path matcher |',
        '| `docs` | skip | none of the 1 changed files matches `docs/**`, `a\\|b` |',
      ].join('\n'),
    );
  });

  it.each`
    what                    | options                                 | take
    ${'awaiting approval'}  | ${{ pull: { author: people.mallory } }} | ${() => undefined}
    ${'a draft'}            | ${{ pull: { draft: true } }}            | ${() => undefined}
    ${'a conflict'} | ${{}} | ${(story: Story) => {
  story.conflict = ['a'];
}}
    ${'an error in the file'} | ${{}} | ${(story: Story) => {
  story.head = { kind: 'invalid', problems: [problem('x')] };
}}
    ${'nothing configured'} | ${{ jobs: [] }}                         | ${() => undefined}
  `('$what is action_required: neutral or skipped would satisfy a required check', ({ options, take }) => {
    const story = opened(options);
    take(story);
    pass(story);
    expect(shown(story, 'sluice')).toBe('action_required');
  });

  it('an empty set of jobs is not a pass, and it says what to write when there is nothing to test', () => {
    const story = opened({ jobs: [aJob('stage', { pipelines: ['gate'] })] });
    settle(story);
    expect(own(story).title).toBe('Nothing to build is configured');
    expect(own(story).summary).toContain('`template: noop`');
  });

  it('all jobs skipped by a definite miss is a plan like any other', () => {
    const story = opened({ jobs: [aJob('docs', { selection: { onlyIf: matchers('docs/**') } })] });
    settle(story);
    expect([shown(story, 'docs'), shown(story, 'sluice')]).toEqual(['skipped', 'success']);
  });

  it('says which tags in its file others have, builds it all the same, and is quiet once they are gone', () => {
    const story = opened({ jobs: [aJob('unit')] });
    story.tagsOfOthers = ['quay.io/acme/api:latest belongs to acme/p2 on main, @all'];
    pass(story);
    expect(own(story)).toMatchObject({
      title: 'Its configuration names tags of others',
      state: { status: 'completed', conclusion: 'action_required' },
    });
    expect(own(story).summary).toContain(
      'It is built (1 job to build, 0 skipped), and cannot land like this:\n* `quay.io/acme/api:latest belongs to acme/p2 on main, @all`',
    );
    expect(story.record.change?.jobs).toMatchObject([{ job: 'unit', status: { kind: 'building' } }]);
    story.tagsOfOthers = [];
    push(story, sha('b'));
    settle(story);
    expect(own(story).title).toBe('1 job to build, 0 skipped');
  });

  it('says which jobs only this pull request knows, and which it removes', () => {
    const story = opened({ jobs: [aJob('unit')] });
    story.head = { kind: 'valid', config: aConfig([aJob('mine')]) };
    pass(story);
    expect(own(story).summary).toContain('* `mine` is only known to this pull request: it is shown and not required');
    expect(own(story).summary).toContain('* `unit` is removed by this pull request and still tested');
    expect(story.checks.shown(sha('a'), 'mine')?.summary).toContain('It is not required.');
  });
});

describe('a file with mistakes', () => {
  it('is refused with every mistake, as annotations too', () => {
    const story = opened();
    story.head = { kind: 'invalid', problems: [problem('unknown key "x"', 'did you mean `y`?'), problem('no list')] };
    pass(story);
    expect(own(story)).toMatchObject({
      title: 'Configuration: 2 mistakes',
      annotations: [
        { path: '.sluice.yaml', line: 3, endLine: 3, message: 'unknown key "x" did you mean `y`?' },
        { path: '.sluice.yaml', line: 3, endLine: 3, message: 'no list' },
      ],
    });
    expect(own(story).summary).toMatch(
      /\n\* `\.sluice\.yaml:3:5` `jobs\.unit`: unknown key "x" did you mean \\`y\\`\?\n/,
    );
    expect(story.started).toEqual([]);
  });

  it('cannot put markup or mentions of its own there', () => {
    const story = opened();
    const message = 'unknown key "![x](http://evil/x.png) @acme/owners #1 <img>"';
    story.head = { kind: 'invalid', problems: [problem(message)] };
    pass(story);
    const line = own(story).summary.split('\n').at(-1) ?? '';
    expect(line).not.toMatch(/(?<!\\)[![<]|@\w|#\d|http:\/\//);
  });

  it('that is broken on the base branch too says so', () => {
    const story = opened();
    story.base = { kind: 'invalid', problems: [problem('x')] };
    story.head = { kind: 'invalid', problems: [problem('x')] };
    pass(story);
    expect(own(story).summary).toContain("(the base branch's file is invalid too)");
  });

  it('that is repaired by a push starts everything', () => {
    const story = opened();
    story.head = { kind: 'invalid', problems: [problem('x')] };
    settle(story);
    story.head = null;
    push(story, sha('b'));
    story.fate = () => 0;
    settle(story);
    expect([shown(story, 'unit'), shown(story, 'sluice')]).toEqual(['success', 'success']);
  });
});

describe('a final one is never reopened: what is new is a new check run', () => {
  it('from awaiting approval to the plan, with the record of the approval on the last', () => {
    const story = opened({ pull: { author: people.mallory } });
    settle(story);
    say(story, `/ok-to-test ${sha('a')}`, people.boss);
    begin(story);
    const runs = story.checks.all().filter(({ name }) => name === 'sluice');
    expect(runs.map(({ title }) => title)).toEqual(['Awaiting approval', '1 job to build, 0 skipped']);
    expect(new Set(runs.map(({ externalId }) => externalId)).size).toBe(2);
    expect(runs[1]?.text).toContain('Approved by `boss` (admin) for exactly this head.');
    expect(story.checks.violations).toEqual([]);
  });

  it('the same words again are the same one', () => {
    const story = opened({ pull: { draft: true } });
    for (let i = 0; i < 3; i += 1) {
      change(story, 'pull_request.edited', { title: `title ${i}` });
      settle(story);
    }
    expect(story.checks.all().filter(({ name }) => name === 'sluice')).toHaveLength(1);
  });

  it('an approval of what is planned already is kept on the check run that is there', () => {
    const story = opened();
    settle(story);
    say(story, `/ok-to-test ${sha('a')}`, people.boss);
    settle(story);
    const runs = story.checks.all().filter(({ name }) => name === 'sluice');
    expect(runs).toHaveLength(1);
    expect(runs[0]?.text).toContain('Approved by `boss`');
  });

  it('drafts back and forth: each says what is true then', () => {
    const story = opened();
    settle(story);
    change(story, 'pull_request.converted_to_draft', { draft: true });
    settle(story);
    change(story, 'pull_request.ready_for_review', { draft: false });
    settle(story);
    const runs = story.checks.all().filter(({ name }) => name === 'sluice');
    expect(runs.map(({ title }) => title)).toEqual(['1 job to build, 0 skipped', 'Draft', '1 job to build, 0 skipped']);
    expect(story.checks.violations).toEqual([]);
  });
});

describe('a project that only tries us out (mode: shadow)', () => {
  const shadow: StoryOptions = { config: { mode: 'shadow' } };

  it.each`
    what                    | options                                 | take
    ${'a plan'}             | ${{}}                                   | ${() => undefined}
    ${'awaiting approval'}  | ${{ pull: { author: people.mallory } }} | ${() => undefined}
    ${'a draft'}            | ${{ pull: { draft: true } }}            | ${() => undefined}
    ${'nothing configured'} | ${{ jobs: [] }}                         | ${() => undefined}
  `('$what is neutral: it never blocks', ({ options, take }) => {
    const story = opened({ ...shadow, ...options });
    take(story);
    story.fate = () => 1;
    settle(story);
    expect(
      story.checks.all().filter(({ state }) => state.status !== 'completed' || state.conclusion !== 'neutral'),
    ).toEqual([]);
  });

  it.each`
    what          | fate
    ${'success'}  | ${0}
    ${'failure'}  | ${1}
    ${'an error'} | ${'vanish'}
  `('$what of a job is neutral, with the true title', ({ fate }) => {
    const story = opened(shadow);
    story.fate = () => fate;
    settle(story);
    expect(shown(story, 'unit')).toBe('neutral');
    expect(story.checks.shown(sha('a'), 'unit')?.title).not.toMatch(/neutral/i);
  });

  it('a /test on a draft is neutral too', () => {
    const story = opened({ ...shadow, pull: { draft: true } });
    settle(story);
    say(story, '/test unit');
    story.fate = () => 1;
    settle(story);
    expect(shown(story, 'unit')).toBe('neutral');
  });

  it('what is superseded by a push is neutral as well, and stays so', () => {
    const story = opened({ ...shadow, jobs: [aJob('unit'), anImageJob('build-image', [anImage('api')])] });
    begin(story);
    push(story, sha('b'));
    story.fate = () => 0;
    settle(story);
    expect(story.checks.shown(sha('a'), 'unit')?.state).toEqual({ status: 'completed', conclusion: 'neutral' });
    expect(story.checks.violations).toEqual([]);
  });

  it('holds for the head it was begun with: what was neutral does not begin to block', () => {
    const story = opened(shadow);
    story.fate = () => 1;
    settle(story);
    story.base = { kind: 'valid', config: aConfig([aJob('unit')]) };
    change(story, 'pull_request.closed', { state: 'closed' });
    settle(story);
    change(story, 'pull_request.reopened', { state: 'open' });
    settle(story);
    expect(shown(story, 'unit')).toBe('neutral');
    expect(story.checks.violations).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { aConfig, aJob, matchers, people, rights, sha, unreadable } from '../../fakes/model-data.ts';
import { type Story, startStory } from '../../fakes/story.ts';
import { press, say, tell } from '../../fakes/story-events.ts';
import { begin, finish, lose, pass, settle, shown } from '../../fakes/story-pass.ts';

const jobs = [
  aJob('unit'),
  aJob('lint', { selection: { optional: true } }),
  aJob('docs', { selection: { onlyIf: matchers('docs/**') } }),
  aJob('bench', { selection: { trigger: 'manual' } }),
  aJob('ports', { selection: { branches: matchers('release') } }),
];

/** What each job's builds of each request ended with: 0 passes. */
type Ends = Readonly<Record<string, number>>;

function concluded(ends: Ends = {}): Story {
  const story = startStory({ jobs });
  tell(story, 'pull_request.opened');
  story.fate = ({ build }) => ends[build.parts.job] ?? 0;
  settle(story);
  story.started.length = 0;
  return story;
}

function answers(story: Story, text: string, who: (typeof people)[keyof typeof people] = people.ada): string[] {
  const comment = say(story, text, who);
  begin(story);
  const reaction = story.reactions.get(`comment/${comment.id}`);
  const names = [...new Set(story.started.map(({ build }) => build.parts.job))].sort();
  return [...names, ...(reaction ? [reaction] : [])];
}

describe('/test NAME… (commands.md §3)', () => {
  it.each`
    command                   | expected                           | answer
    ${'/test unit'}           | ${['unit', '+1']}                  | ${undefined}
    ${'/test unit lint'}      | ${['lint', 'unit', '+1']}          | ${undefined}
    ${'/test unit,unit unit'} | ${['unit', '+1']}                  | ${undefined}
    ${'/test bench'}          | ${['bench', '+1']}                 | ${undefined}
    ${'/test docs'}           | ${['docs', '+1']}                  | ${undefined}
    ${'/test ports'}          | ${['eyes']}                        | ${'`ports` was not started: the base branch `main` is none of `release`.'}
    ${'/test unti'}           | ${['eyes']}                        | ${'There is no presubmit job `unti`; did you mean `unit`?'}
    ${'/test nothinglikeit'}  | ${['eyes']}                        | ${'There is no presubmit job `nothinglikeit`'}
    ${'/test UNIT'}           | ${['eyes']}                        | ${'There is no presubmit job `UNIT`; did you mean `unit`?'}
    ${'/test unti lint'}      | ${['lint', '+1']}                  | ${'There is no presubmit job `unti`; did you mean `unit`?'}
    ${'/test ports bench'}    | ${['bench', '+1']}                 | ${'`ports` was not started: the base branch `main` is none of `release`.'}
    ${'/test all'}            | ${['lint', 'unit', '+1']}          | ${undefined}
    ${'/test all bench'}      | ${['bench', 'lint', 'unit', '+1']} | ${undefined}
    ${'/test all unit nope'}  | ${['lint', 'unit', '+1']}          | ${'There is no presubmit job `nope`'}
  `('$command starts $expected', ({ command, expected, answer }) => {
    const story = concluded();
    expect(answers(story, command)).toEqual(expected);
    expect(story.replies.get('ada')).toBe(answer);
  });

  it('stops a build of the same job that goes on, and starts a new one under the next number', () => {
    const story = startStory();
    tell(story, 'pull_request.opened');
    begin(story);
    say(story, '/test unit');
    story.fate = ({ build }) => (build.parts.request === 2 ? 0 : null);
    settle(story);
    expect(
      story.checks
        .all()
        .filter(({ name }) => name === 'unit')
        .map(({ state }) => state),
    ).toEqual([
      { status: 'completed', conclusion: 'cancelled' },
      { status: 'completed', conclusion: 'success' },
    ]);
    expect(story.checks.violations).toEqual([]);
  });

  it('twenty times while nothing of it has started is one request: it keeps its place', () => {
    const story = concluded();
    say(story, '/test bench\n'.repeat(20));
    pass(story);
    say(story, '/test bench');
    story.fate = () => 0;
    settle(story);
    expect(story.checks.all().filter(({ name }) => name === 'bench')).toHaveLength(2);
    expect(story.started).toHaveLength(1);
    expect([...story.reactions.values()]).toEqual(['+1', '+1']);
  });

  it('of one comment, every command stands for itself', () => {
    const story = concluded();
    expect(answers(story, '/test nope\n/test bench\n/promote\n/test lint')).toEqual(['bench', 'lint', '+1']);
    expect(story.replies.get('ada')).toBe(
      'There is no presubmit job `nope`\n\nNothing was promoted: this has not landed yet; what lands is promoted by itself.',
    );
  });
});

describe('/test ? and bare /test list what can be started, for anyone', () => {
  it.each(['/test ?', '/test', '/TEST'])('%s', (command) => {
    const story = concluded();
    expect(answers(story, command, people.mallory)).toEqual(['+1']);
    expect(story.replies.get('mallory')).toBe(
      [
        'What `/test NAME` can start here:',
        '',
        '| job | kind | started by `/test all` |',
        '|---|---|---|',
        '| `unit` | required | yes |',
        '| `lint` | optional | yes |',
        '| `docs` | required | no: none of the 1 changed files matches `docs/**` |',
        '| `bench` | manual | no: it is manual: comment `/test bench` to start it |',
        '| `ports` | required | no: the base branch `main` is none of `release` |',
      ].join('\n'),
    );
  });

  it('says so where nothing is configured', () => {
    const story = startStory({ jobs: [] });
    tell(story, 'pull_request.opened');
    answers(story, '/test ?');
    expect(story.replies.get('ada')).toBe('No presubmit job is configured here.');
  });
});

describe('/retest and /retest-required', () => {
  it.each`
    command               | ends                    | expected
    ${'/retest'}          | ${{ unit: 1 }}          | ${['unit', '+1']}
    ${'/retest'}          | ${{ unit: 1, lint: 1 }} | ${['lint', 'unit', '+1']}
    ${'/retest'}          | ${{}}                   | ${['eyes']}
    ${'/retest-required'} | ${{ unit: 1, lint: 1 }} | ${['unit', '+1']}
    ${'/retest-required'} | ${{ lint: 1 }}          | ${['eyes']}
  `('$command after $ends starts $expected', ({ command, ends, expected }) => {
    expect(answers(concluded(ends), command)).toEqual(expected);
  });

  it('says of every job why it was not started when none was', () => {
    const story = concluded();
    answers(story, '/retest');
    expect(story.replies.get('ada')).toBe(
      [
        'Nothing was to be started:',
        '* `unit`: it passed on this head',
        '* `lint`: it passed on this head',
        '* `docs`: it was skipped on this head',
        '* `bench`: it was skipped on this head',
        '* `ports`: the base branch `main` is none of `release`',
      ].join('\n'),
    );
  });

  it.each`
    result       | ending
    ${'failure'} | ${(story: Story) => finish(story, 'bench', 1)}
    ${'aborted'} | ${(story: Story) => say(story, '/cancel bench')}
    ${'timeout'} | ${(story: Story) => {
  story.now += 3_700_000;
}}
    ${'error'} | ${(story: Story) => {
  story.fate = () => 'vanish';
}}
  `('a manual job whose latest result is $result is included', ({ ending }) => {
    const story = concluded();
    story.fate = () => null;
    say(story, '/test bench');
    begin(story);
    ending(story);
    settle(story);
    story.fate = () => 0;
    story.started.length = 0;
    say(story, '/retest');
    settle(story);
    expect(story.started.map(({ build }) => build.parts.job)).toEqual(['bench']);
    expect(shown(story, 'bench')).toBe('success');
  });

  it('never a job that goes on', () => {
    const story = startStory({ jobs });
    tell(story, 'pull_request.opened');
    begin(story);
    story.started.length = 0;
    expect(answers(story, '/retest')).toEqual(['eyes']);
  });

  it('a build whose pod is lost counts as failed: it is tried again', () => {
    const story = startStory();
    tell(story, 'pull_request.opened');
    begin(story);
    lose(story, 'unit');
    say(story, '/retest');
    story.fate = () => 0;
    settle(story);
    expect(shown(story, 'unit')).toBe('success');
    expect(story.started).toHaveLength(2);
  });

  it('a pass of another definition of the job is no result', () => {
    const story = concluded();
    const changed = jobs.map((job) => (job.name === 'unit' ? aJob('unit', { definition: 'another' }) : job));
    story.base = { kind: 'valid', config: aConfig(changed) };
    expect(answers(story, '/retest')).toEqual(['unit', '+1']);
  });

  it('a later failure replaces an earlier pass', () => {
    const story = concluded();
    story.fate = () => 1;
    say(story, '/test unit');
    settle(story);
    expect(shown(story, 'unit')).toBe('failure');
    expect(story.checks.violations).toEqual([]);
  });
});

describe('who may start builds', () => {
  const commands = ['/test unit', '/test all', '/retest', '/retest-required'];

  it.each(commands)('%s: a stranger is told why not, with nothing started', (command) => {
    const story = concluded({ unit: 1 });
    expect(answers(story, command, people.mallory)).toEqual(['eyes']);
    expect(story.replies.get('mallory')).toBe('Nothing was started: mallory has only read permission here.');
  });

  it.each(commands)('%s: anybody may once this head is approved', (command) => {
    const story = concluded({ unit: 1 });
    say(story, `/ok-to-test ${sha('a')}`, people.boss);
    settle(story);
    expect(answers(story, command, people.mallory)).toContain('+1');
  });

  it.each(commands)('%s: nobody starts a head that may not run; the answer holds the line to copy', (command) => {
    const story = startStory({ jobs, pull: { author: people.mallory } });
    tell(story, 'pull_request.opened');
    settle(story);
    expect(answers(story, command, people.boss)).toEqual(['eyes']);
    expect(story.replies.get('boss')).toBe(
      `Nothing was started: this head is not approved (mallory has only read permission here). Somebody with write permission can approve it:\n\`\`\`text\n/ok-to-test ${sha('a')}\n\`\`\``,
    );
  });

  it.each(commands)('%s: rights that cannot be read give an answer, not silence', (command) => {
    const story = concluded({ unit: 1 });
    story.rights.set(people.boss.id, unreadable);
    expect(answers(story, command, people.boss)).toEqual(['eyes']);
    expect(story.replies.get('boss')).toBe(
      'Nothing was started: the rights of boss could not be read: the forge answered 502.',
    );
  });

  it('asks what the sender may do now, not what he might before', () => {
    const story = concluded();
    story.rights.set(people.boss.id, rights('none'));
    expect(answers(story, '/test unit', people.boss)).toEqual(['eyes']);
  });
});

describe('a start by command', () => {
  it('first creates its check run, queued, before there is a pod', () => {
    const story = concluded();
    say(story, '/test bench');
    pass(story);
    expect(shown(story, 'bench')).toBe('queued');
    expect(story.started).toEqual([]);
  });

  it('says who asked', () => {
    const story = concluded();
    press(story, people.boss, { check: 'bench' });
    pass(story);
    expect(story.checks.shown(sha('a'), 'bench')?.summary).toContain('Started because boss asked for it by name.');
  });

  it('/test all on a draft concludes what does not apply too, so that a required check never hangs', () => {
    const story = startStory({ jobs, pull: { draft: true } });
    tell(story, 'pull_request.opened');
    answers(story, '/test all');
    expect(['unit', 'lint', 'docs', 'bench', 'ports'].map((name) => shown(story, name))).toEqual([
      'in_progress',
      'in_progress',
      'skipped',
      'skipped',
      'skipped',
    ]);
  });
});

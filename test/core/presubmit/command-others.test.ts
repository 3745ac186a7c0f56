import { describe, expect, it } from 'vitest';
import { toSha } from '../../../src/model/sha.ts';
import { aJob, people, rights, sha, unreadable } from '../../fakes/model-data.ts';
import { type Story, startStory } from '../../fakes/story.ts';
import { say, tell } from '../../fakes/story-events.ts';
import { begin, finish, pass, settle, shown } from '../../fakes/story-pass.ts';

const jobs = [aJob('unit'), aJob('lint'), aJob('e2e', { needs: [{ job: 'unit', soft: false }] })];

function going(): Story {
  const story = startStory({ jobs });
  tell(story, 'pull_request.opened');
  begin(story);
  return story;
}

function answered(
  story: Story,
  text: string,
  who: (typeof people)[keyof typeof people] = people.ada,
): string | undefined {
  const comment = say(story, text, who);
  pass(story);
  const reaction = story.reactions.get(`comment/${comment.id}`);
  return `${reaction}: ${story.replies.get(who.login) ?? ''}`;
}

describe('/cancel [NAME…] stops builds, concluded as cancelled by that person (commands.md §3)', () => {
  it.each`
    command                | answer                                                                | cancelled
    ${'/cancel'}           | ${'+1: '}                                                             | ${['unit', 'lint', 'e2e']}
    ${'/cancel lint'}      | ${'+1: '}                                                             | ${['lint']}
    ${'/cancel e2e'}       | ${'+1: '}                                                             | ${['e2e']}
    ${'/cancel lint nope'} | ${'+1: `nope` is not running (there is no such job on this head).'}   | ${['lint']}
    ${'/cancel nope'}      | ${'eyes: `nope` is not running (there is no such job on this head).'} | ${[]}
  `('$command', ({ command, answer, cancelled }) => {
    const story = going();
    expect(answered(story, command, people.boss)).toBe(answer);
    story.fate = () => 0;
    settle(story);
    const stopped = jobs.map(({ name }) => name).filter((name) => shown(story, name) === 'cancelled');
    expect(stopped).toEqual(cancelled);
    for (const name of cancelled) expect(story.checks.shown(sha('a'), name)?.summary).toContain('Cancelled by boss.');
    expect(story.checks.violations).toEqual([]);
  });

  it('says so when nothing goes on', () => {
    const story = going();
    story.fate = () => 0;
    settle(story);
    expect(answered(story, '/cancel')).toBe('eyes: Nothing is running on this head.');
    expect(answered(story, '/cancel lint')).toContain('`lint` is not running (it has ended).');
  });

  it('is not taken back by the next look: what a person stopped stays stopped', () => {
    const story = going();
    answered(story, '/cancel unit');
    tell(story, 'resync');
    settle(story);
    expect(shown(story, 'unit')).toBe('cancelled');
    expect(story.started.filter(({ build }) => build.parts.job === 'unit')).toHaveLength(1);
  });

  it('skips what needs a job that was stopped', () => {
    const story = going();
    answered(story, '/cancel unit');
    settle(story);
    expect(shown(story, 'e2e')).toBe('skipped');
    expect(story.checks.shown(sha('a'), 'e2e')?.summary).toBe('It needs unit, which ended with aborted.');
  });

  it.each`
    who               | had               | answer
    ${people.mallory} | ${rights('read')} | ${'eyes: Nothing was cancelled: mallory has only read permission here.'}
    ${people.boss}    | ${unreadable}     | ${'eyes: Nothing was cancelled: the rights of boss could not be read: the forge answered 502.'}
  `('$who.login with $had stops nothing', ({ who, had, answer }) => {
    const story = going();
    story.rights.set(who.id, had);
    expect(answered(story, '/cancel', who)).toBe(answer);
    expect(shown(story, 'unit')).toBe('in_progress');
  });
});

describe('/ok-to-test FULLSHA approves exactly this head (commands.md §3, intake A2)', () => {
  const line = `To approve the present head:\n\`\`\`text\n/ok-to-test ${sha('a')}\n\`\`\``;
  const short = (length: number) => sha('a').slice(0, length);

  function awaiting(): Story {
    const story = startStory({ pull: { author: people.mallory } });
    tell(story, 'pull_request.opened');
    settle(story);
    return story;
  }

  it.each`
    argument                  | answer
    ${''}                     | ${`the commit must be named, so that you approve what you looked at. ${line}`}
    ${short(7)}               | ${`\`aaaaaaa\` is not a full commit SHA (short ones can be forged). ${line}`}
    ${short(39)}              | ${`\`${short(39)}\` is not a full commit SHA (short ones can be forged). ${line}`}
    ${`${sha('a')}a`}         | ${`\`${sha('a')}a\` is not a full commit SHA (short ones can be forged). ${line}`}
    ${sha('a').toUpperCase()} | ${`\`${sha('a').toUpperCase()}\` is not a full commit SHA (short ones can be forged). ${line}`}
    ${'HEAD'}                 | ${`\`HEAD\` is not a full commit SHA (short ones can be forged). ${line}`}
    ${sha('b')}               | ${`\`${sha('b')}\` is not the present head. ${line}`}
  `('with "$argument" nothing is approved, and the reply holds the right line', ({ argument, answer }) => {
    const story = awaiting();
    expect(answered(story, `/ok-to-test ${argument}`, people.boss)).toBe(`eyes: Nothing was approved: ${answer}`);
    settle(story);
    expect(story.started).toEqual([]);
    expect(story.record.approvals).toEqual([]);
  });

  it('of a longer kind of id the beginning is not enough either', () => {
    const long = toSha('a'.repeat(64));
    const story = startStory({ pull: { author: people.mallory, head: long } });
    tell(story, 'pull_request.opened');
    expect(answered(story, `/ok-to-test ${sha('a')}`, people.boss)).toContain('is not the present head');
    expect(story.record.approvals).toEqual([]);
    expect(answered(story, `/ok-to-test ${long}`, people.boss)).toMatch(/^\+1/);
  });

  it('with the present head: automatic jobs start, and the check run keeps who approved what', () => {
    const story = awaiting();
    expect(answered(story, `/ok-to-test ${sha('a')}`, people.boss)).toBe('+1: ');
    story.fate = () => 0;
    settle(story);
    expect(shown(story, 'unit')).toBe('success');
    const own = story.checks.shown(sha('a'), 'sluice');
    expect(own?.text).toContain('Approved by `boss` (admin) for exactly this head.');
    expect(own?.state).toEqual({ status: 'completed', conclusion: 'success' });
  });

  it.each`
    who               | had                 | answer
    ${people.mallory} | ${rights('read')}   | ${'mallory has only read permission here; approving needs write permission.'}
    ${people.mallory} | ${rights('triage')} | ${'mallory has only triage permission here; approving needs write permission.'}
    ${people.mallory} | ${rights('none')}   | ${'mallory has no permission here; approving needs write permission.'}
    ${people.boss}    | ${unreadable}       | ${'the rights of boss could not be read: the forge answered 502; approving needs write permission.'}
  `('$who.login with $had approves nothing', ({ who, had, answer }) => {
    const story = awaiting();
    story.rights.set(who.id, had);
    expect(answered(story, `/ok-to-test ${sha('a')}`, who)).toBe(`eyes: Nothing was approved: ${answer}`);
    expect(story.record.approvals).toEqual([]);
  });

  it('counts for the commands that follow it in the same comment', () => {
    const story = awaiting();
    const answer = answered(story, `/ok-to-test ${sha('a')}\n/test unit`, people.boss);
    expect(answer).toBe('+1: ');
    expect(shown(story, 'unit')).toBe('queued');
  });

  it('twice by the same person is one approval', () => {
    const story = awaiting();
    answered(story, `/ok-to-test ${sha('a')}\n/ok-to-test ${sha('a')}`, people.boss);
    answered(story, `/ok-to-test ${sha('a')}`, people.boss);
    expect(story.record.approvals).toHaveLength(1);
  });
});

describe('/why [NAME] gives the reasons, to anyone', () => {
  it('of everything', () => {
    const story = startStory({ jobs: [...jobs, aJob('bench', { selection: { trigger: 'manual' } })] });
    tell(story, 'pull_request.opened');
    begin(story);
    finish(story, 'lint', 1);
    pass(story);
    expect(answered(story, '/why', people.mallory)).toBe(
      [
        '+1: This head may run: ada has write permission.',
        '* `unit` is being built: it is automatic and has no path matcher.',
        '* `lint` ended with failure; it was started because it is automatic and has no path matcher.',
        '* `e2e` is waiting for the jobs it needs: it is automatic and has no path matcher.',
        '* `bench` was skipped: it is manual: comment `/test bench` to start it.',
        '',
        'Nobody has asked for its landing: somebody who may merge does so by `/gate`.',
      ].join('\n'),
    );
  });

  it('of one job, also one that is not there', () => {
    const story = going();
    expect(answered(story, '/why lint')).toContain('* `lint` is being built: it is automatic');
    expect(answered(story, '/why nope')).toContain('* `nope`: nothing was decided for it on this head.');
  });

  it('of a job that a person stopped', () => {
    const story = going();
    answered(story, '/cancel lint', people.boss);
    expect(answered(story, '/why lint')).toContain('* `lint` ended with aborted: cancelled by boss.');
  });

  it('of a head that may not run', () => {
    const story = startStory({ pull: { author: people.mallory } });
    tell(story, 'pull_request.opened');
    expect(answered(story, '/why', people.mallory)).toMatch(
      /^\+1: Nothing is started by itself: mallory has only read permission here\.\n\nNobody has asked/,
    );
  });
});

import { describe, expect, it } from 'vitest';
import { changeMark } from '../../../src/core/gate/entry/change-mark.ts';
import type { CheckRunReport, CheckStatus } from '../../../src/model/check-run.ts';
import type { GateCommand } from '../../../src/model/forge-event.ts';
import type { Person } from '../../../src/model/person.ts';
import { commentKey } from '../../../src/model/pull-request.ts';
import type { QueueLane } from '../../../src/model/queue.ts';
import { aJob, people, rights, sha, unreadable } from '../../fakes/model-data.ts';
import { type Story, startStory } from '../../fakes/story.ts';
import { enqueueByOperator, press, push, say, tell } from '../../fakes/story-events.ts';
import { begin, pass } from '../../fakes/story-pass.ts';

const later = 5_000;

/** A pull request whose head has been known for some seconds. */
function known(): Story {
  const story = startStory({ jobs: [aJob('unit')] });
  story.rights.set(people.boss.id, rights('admin'));
  tell(story, 'pull_request.opened');
  begin(story);
  story.now += later;
  return story;
}

/** What the queue was told by this pass, but for hints. */
function told(story: Story): readonly GateCommand[] {
  return pass(story).effects.flatMap((effect) =>
    effect.kind === 'tell' && effect.event.detail.kind === 'gate' && effect.event.detail.command !== 'hint'
      ? [effect.event.detail]
      : [],
  );
}

const words = (story: Story): readonly string[] =>
  told(story).map(({ command, words: rest }) => `${command} ${rest}`.trim());

describe('a command for the queue reaches it only from who may give it (commands.md §3)', () => {
  it.each<{ command: string; who: Person; heard: readonly string[]; answer: RegExp }>([
    { command: '/gate', who: people.ada, heard: ['gate'], answer: /^$/ },
    { command: `/gate ${sha('a')}`, who: people.ada, heard: ['gate'], answer: /^$/ },
    { command: `/gate ${sha('b')}`, who: people.ada, heard: [], answer: /is not the present head[\s\S]*\/gate a{40}/ },
    { command: '/gate abc123', who: people.ada, heard: [], answer: /is not a full commit SHA/ },
    { command: '/gate', who: people.mia, heard: [], answer: /mia has only read permission here; it needs write/ },
    { command: '/gate', who: people.mallory, heard: [], answer: /mallory has only read permission here/ },
    { command: '/dequeue', who: people.ada, heard: ['dequeue'], answer: /^$/ },
    { command: '/dequeue', who: people.mia, heard: [], answer: /Nothing was taken out of the queue: mia/ },
    { command: '/hold until Monday', who: people.ada, heard: ['hold until Monday'], answer: /^$/ },
    { command: '/hold', who: people.mallory, heard: [], answer: /Nothing was held: mallory/ },
    { command: '/unhold', who: people.ada, heard: ['unhold'], answer: /^$/ },
    { command: '/priority hotfix', who: people.ada, heard: ['priority hotfix'], answer: /^$/ },
    { command: '/priority fast', who: people.ada, heard: [], answer: /is no lane; write `\/priority hotfix`/ },
    { command: '/priority hotfix', who: people.mia, heard: [], answer: /Nothing was moved: mia/ },
    { command: '/override "ci / x"', who: people.boss, heard: ['override ci / x'], answer: /^$/ },
    { command: '/override "ci / x"', who: people.ada, heard: [], answer: /Nothing was overridden: ada has only write/ },
    { command: '/override', who: people.boss, heard: [], answer: /name the check/ },
  ])('$command by $who.login: $heard', ({ command, who, heard, answer }) => {
    const story = known();
    say(story, command, who);
    expect(words(story)).toEqual(heard);
    expect(story.replies.get(who.login) ?? '').toMatch(answer);
  });

  it('not while their rights cannot be read', () => {
    const story = known();
    story.rights.set(people.ada.id, unreadable);
    say(story, '/gate', people.ada);
    expect(words(story)).toEqual([]);
    expect(story.replies.get('ada')).toContain('could not be read (the forge answered 502). Please try again');
  });

  it('the author may take out what is his, with no permission at all', () => {
    const story = known();
    if (story.pull) story.pull = { ...story.pull, author: people.mallory };
    say(story, '/dequeue', people.mallory);
    expect(words(story)).toEqual(['dequeue']);
  });

  it('the button on the check run is the same command', () => {
    const story = known();
    press(story, people.ada, { button: 'action', identifier: 'dequeue', check: 'sluice/gate/main' });
    expect(words(story)).toEqual(['dequeue']);
  });

  it.each`
    who           | check                   | heard       | answer
    ${people.ada} | ${'sluice/gate/main'}   | ${['gate']} | ${/^$/}
    ${people.mia} | ${'sluice/gate/main'}   | ${[]}       | ${/mia has only read permission here; it needs write/}
    ${people.ada} | ${'sluice/gate/stable'} | ${[]}       | ${/this change goes to `main` now\. Comment `\/gate a{40}`/}
  `('Re-run of $check by $who.login asks for that head: $heard', ({ who, check, heard, answer }) => {
    const story = known();
    press(story, who, { check });
    const commands = told(story);
    expect(commands.map(({ command }) => command)).toEqual(heard);
    for (const { head } of commands) expect(head).toBe(sha('a'));
    expect(story.replies.get(who.login) ?? '').toMatch(answer);
  });
});

describe('a bare /gate counts for the head that was known when it was said (gate.md §2, scenario 26)', () => {
  it('not for one that came after it, however late the command is heard', () => {
    const story = known();
    const saidAt = story.now;
    story.now += 60_000;
    push(story, sha('b'));
    pass(story);
    story.now += 86_400_000;
    say(story, '/gate', people.ada, { createdAt: saidAt });
    expect(words(story)).toEqual([]);
    expect(story.replies.get('ada')).toContain(`/gate ${sha('b')}`);
  });

  it('not for one that is first seen together with it', () => {
    const story = known();
    push(story, sha('b'));
    say(story, '/gate', people.ada);
    expect(words(story)).toEqual([]);
  });

  it.each(['/gate', '/override ci'])(
    '%s not where the head was forced away and back meanwhile, and no event told of it; once more said it counts',
    (command) => {
      const story = known();
      const saidAt = story.now;
      story.forcedAt = saidAt + 2_000;
      story.now += later;
      say(story, command, people.boss, { createdAt: saidAt });
      expect(words(story)).toEqual([]);
      expect(story.replies.get('boss')).toMatch(/the head came after that was said|before the present head came/);
      story.now += later;
      say(story, command, people.boss);
      expect(words(story)).toEqual([command.slice(1)]);
    },
  );

  it('for one that was forced before it was seen', () => {
    const story = known();
    story.forcedAt = story.now - later - 1;
    say(story, '/gate', people.ada);
    expect(words(story)).toEqual(['gate']);
  });

  it('not where the App did not see the pull request when it was said: it may have had another head meanwhile', () => {
    const story = known();
    const { pull } = story;
    story.pull = null;
    tell(story);
    pass(story);
    story.now += later;
    const saidAt = story.now;
    story.now += later;
    story.pull = pull;
    say(story, '/gate', people.ada, { createdAt: saidAt });
    expect(words(story)).toEqual([]);
    expect(story.replies.get('ada')).toContain('the App did not see the pull request then');
    story.now += later;
    say(story, '/gate', people.ada);
    expect(words(story)).toEqual(['gate']);
  });

  it('said again for the head that is known by then, it does', () => {
    const story = known();
    push(story, sha('b'));
    pass(story);
    story.now += later;
    say(story, '/gate', people.ada);
    expect(told(story)).toMatchObject([{ command: 'gate', head: sha('b'), by: people.ada, permission: 'write' }]);
  });
});

describe('an override is void after a push (commands.md §3)', () => {
  it('however late it is heard, and whoever said it is told', () => {
    const story = known();
    const saidAt = story.now;
    story.now += 60_000;
    push(story, sha('b'));
    pass(story);
    story.now += 86_400_000;
    say(story, '/override ci', people.boss, { createdAt: saidAt });
    expect(words(story)).toEqual([]);
    expect(story.replies.get('boss')).toMatch(/before the present head came.*please say it again/);
  });

  it('also where the push is first seen together with it', () => {
    const story = known();
    push(story, sha('b'));
    say(story, '/override ci', people.boss);
    expect(words(story)).toEqual([]);
  });

  it('not where what was asked for before keeps that the head was there already', () => {
    const story = known();
    keepRequest(story, 'normal', story.now - 60_000);
    say(story, '/override ci', people.boss, { createdAt: story.now - 30_000 });
    tell(story, 'resync');
    expect(words(story)).toContain('override ci');
  });
});

it('the queue is told of what is heard once somebody asked, an operator beside the pull request too', () => {
  const story = known();
  const hints = (): number =>
    pass(story).effects.filter((effect) => effect.kind === 'tell' && effect.event.name === 'gate.hint').length;
  tell(story, 'pull_request_review.submitted');
  expect(hints()).toBe(0);
  enqueueByOperator(story, { id: 0, login: 'root', kind: 'user' });
  expect(words(story)).toEqual([]);
  tell(story, 'pull_request_review.submitted');
  expect(hints()).toBe(1);
});

it('the same word is told under the same name, so that it is taken once', () => {
  const story = known();
  say(story, '/gate', people.ada);
  const names = (perform: boolean): readonly string[] =>
    pass(story, { perform }).effects.flatMap((effect) => (effect.kind === 'tell' ? [effect.event.delivery] : []));
  const first = names(false);
  expect(first.length).toBeGreaterThan(0);
  // The process died before it could tell: the outbox has it still.
  expect(names(true)).toEqual(expect.arrayContaining([...first]));
});

/** Our own check run on the head keeps a request, and the record of it is lost. */
function keepRequest(story: Story, lane: QueueLane, at = 1_234_000, overriddenAt: readonly number[] = []): void {
  const request = { head: sha('a'), by: people.ada, permission: 'write', at };
  const overrides = overriddenAt.map((each) => ({ check: 'ci', head: sha('a'), by: people.boss, at: each }));
  const text = `${changeMark({ request, lane, entry: at, overrides })}\n`;
  story.checks.want(gateCheck('First in the queue', at, text, { status: 'in_progress' }));
}

function gateCheck(title: string, at: number, text: string, state: CheckStatus): CheckRunReport {
  return {
    commit: sha('a'),
    name: 'sluice/gate/main',
    externalId: `sluice-gate-0/${at}`,
    state,
    title,
    summary: '',
    text,
    annotations: [],
    actions: [],
    detailsUrl: null,
    startedAt: null,
    completedAt: null,
  };
}

it('after a lost state, the request that our own check run keeps is made again under its own time', () => {
  const story = startStory({ jobs: [aJob('unit')] });
  keepRequest(story, 'hotfix');
  tell(story, 'resync');
  expect(told(story)).toMatchObject([
    { command: 'gate', head: sha('a'), by: people.ada, at: 1_234_000 },
    { command: 'priority', words: 'hotfix' },
  ]);
});

it.each<[string, readonly (readonly [string, number])[], readonly string[]]>([
  ['a word that took it out, and was answered, is said again', [['/dequeue', 2_000_000]], ['gate', 'dequeue']],
  ['one from before that request is not', [['/dequeue', 1_000_000]], ['gate']],
  [
    'one that a later request overtook is not',
    [
      ['/dequeue', 2_000_000],
      ['/gate', 3_000_000],
    ],
    ['gate'],
  ],
  [
    'one that a later request of the same second overtook is not',
    [
      ['/dequeue', 2_000_000],
      ['/gate', 2_000_000],
    ],
    ['gate'],
  ],
])('after a lost state, %s', (_, comments, expected) => {
  const story = startStory({ jobs: [aJob('unit')] });
  keepRequest(story, 'normal');
  for (const [text, createdAt] of comments)
    story.reactions.set(commentKey(say(story, text, people.ada, { createdAt })), '+1');
  expect(told(story).map(({ command }) => command)).toEqual(expected);
});

it.each<[string, number, readonly number[], number, readonly string[]]>([
  ['that the check run of its request does not keep is said again', 2_000_000, [], 3_000_000, ['gate', 'override']],
  ['that it keeps is not, but made again as it is kept', 2_000_000, [3_000_000], 3_000_000, ['gate', 'override']],
  ['of which only an earlier one is kept is', 2_000_000, [2_500_000], 3_000_000, ['gate', 'override', 'override']],
])('after a lost state, an answered override %s', (_, askedAt, kept, saidAt, expected) => {
  const story = startStory({ jobs: [aJob('unit')] });
  story.rights.set(people.boss.id, rights('admin'));
  keepRequest(story, 'normal', askedAt, kept);
  const comment = say(story, '/override ci', people.boss, { createdAt: saidAt });
  story.reactions.set(commentKey(comment), '+1');
  const heard = told(story);
  expect(heard.map(({ command }) => command)).toEqual(expected);
  for (const { head } of heard) expect(head).toBe(sha('a'));
  expect(story.replies.get('boss')).toBeUndefined();
});

it.each<[string, readonly number[], number | null, boolean]>([
  ['is asked for again: it may have been for another head', [], null, true],
  ['is asked for again where the head was there by then', [], 500_000, true],
  ['is left alone where the head came later', [], 1_500_000, false],
  ['is left alone where it is kept', [1_000_000], null, false],
])('after a lost state, an answered override from before the request %s', (_, kept, headSince, isAsked) => {
  const story = startStory({ jobs: [aJob('unit')] });
  story.rights.set(people.boss.id, rights('admin'));
  keepRequest(story, 'normal', 2_000_000, kept);
  if (headSince !== null) {
    const sluice = { ...gateCheck('', 0, '', { status: 'in_progress' }), name: 'sluice', externalId: 'sluice-0/1' };
    story.checks.want({ ...sluice, startedAt: headSince });
  }
  story.reactions.set(commentKey(say(story, '/override ci', people.boss, { createdAt: 1_000_000 })), '+1');
  expect(told(story).map(({ command }) => command)).toEqual(kept.length > 0 ? ['gate', 'override'] : ['gate']);
  expect(story.replies.get('boss') ?? '').toMatch(isAsked ? /found again after a loss.*please say it again/ : /^$/);
});

it('an override that was lost is not said again for somebody who may not any more, who is told', () => {
  const story = startStory({ jobs: [aJob('unit')] });
  keepRequest(story, 'normal');
  story.rights.set(people.boss.id, rights('write'));
  story.reactions.set(commentKey(say(story, '/override ci', people.boss, { createdAt: 2_000_000 })), '+1');
  expect(told(story).map(({ command }) => command)).toEqual(['gate']);
  expect(story.replies.get('boss')).toMatch(/Nothing was overridden: boss has only write/);
});

it('a resync makes the request again that our own check run shows as going on: an old backup of the queue has forgotten it', () => {
  const story = known();
  keepRequest(story, 'hotfix');
  expect(told(story)).toEqual([]);
  tell(story, 'resync');
  expect(told(story)).toMatchObject([
    { command: 'gate', head: sha('a'), at: 1_234_000 },
    { command: 'priority', words: 'hotfix' },
  ]);
});

it('with it goes the word that took it out since: a queue that lost the one lost the other', () => {
  const story = known();
  const askedAt = story.now - 3_000;
  keepRequest(story, 'normal', askedAt);
  say(story, '/dequeue', people.ada, { createdAt: story.now });
  expect(told(story)).toMatchObject([{ command: 'dequeue' }]);
  const said = story.now;
  story.now += 60_000;
  tell(story, 'resync');
  expect(told(story)).toMatchObject([
    { command: 'gate', at: askedAt },
    { command: 'dequeue', at: said, by: people.ada },
  ]);
  // Asked for later, it is in it again.
  story.checks.want(gateCheck('Withdrawn', askedAt, '', { status: 'completed', conclusion: 'neutral' }));
  keepRequest(story, 'normal', said + 30_000);
  story.now += 60_000;
  tell(story, 'resync');
  expect(told(story)).toMatchObject([{ command: 'gate', at: said + 30_000 }]);
});

it('a request that ended is not made again where a later one for this head goes on, whatever an old backup says', () => {
  const story = known();
  say(story, '/gate', people.ada, { createdAt: story.now + 1_000 });
  keepRequest(story, 'normal', story.now + 2_000);
  say(story, '/gate', people.ada, { createdAt: story.now + 2_000 });
  expect(told(story)).toMatchObject([{ command: 'gate', at: story.now + 2_000 }]);
  expect([...story.reactions.values()]).toEqual(['+1', '+1']);
});

it('a request whose own check run has ended is not made again, whatever an old backup says', () => {
  const story = known();
  const at = story.now + 1_000;
  story.checks.want(gateCheck('Already contained', at, '', { status: 'completed', conclusion: 'neutral' }));
  say(story, '/gate', people.ada, { createdAt: at });
  say(story, '/gate', people.ada, { createdAt: at + 1_000 });
  expect(told(story)).toMatchObject([{ command: 'gate', at: at + 1_000 }]);
});

it('words of one second are told with their order, those of one comment too', () => {
  const story = known();
  const createdAt = story.now + 1_000;
  say(story, '/gate', people.ada, { createdAt });
  say(story, '/dequeue\n/gate', people.ada, { createdAt });
  const words = told(story);
  expect(words.map(({ command }) => command)).toEqual(['gate', 'dequeue', 'gate']);
  const orders = words.map(({ order = 0 }) => order);
  expect(new Set(orders).size).toBe(3);
  expect(orders).toEqual([...orders].sort((one, other) => one - other));
});

it('a queue is told of what is heard only once a landing was asked for', () => {
  const story = known();
  const hints = (): number =>
    pass(story).effects.filter((effect) => effect.kind === 'tell' && effect.event.name === 'gate.hint').length;
  tell(story, 'pull_request.labeled');
  expect(hints()).toBe(0);
  say(story, '/gate', people.ada);
  pass(story);
  tell(story, 'pull_request.labeled');
  expect(hints()).toBe(1);
});

it('after a lost state, a landing that was told to nobody is left to the queue to tell', () => {
  const story = startStory({ jobs: [aJob('unit')] });
  keepRequest(story, 'normal');
  if (story.pull) story.pull = { ...story.pull, state: 'merged' };
  tell(story, 'resync');
  expect(told(story)).toMatchObject([{ command: 'gate', head: sha('a'), at: 1_234_000 }]);
});

const over: CheckStatus = { status: 'completed', conclusion: 'failure' };
const open: CheckStatus = { status: 'in_progress' };

it.each<[string, readonly (readonly [string, string, CheckStatus])[], readonly string[]]>([
  ['has ended where it was for another branch', [['sluice/gate/stable', '', over]], []],
  ['has ended with the last of its check runs', [['sluice/gate/stable', '.1', over]], []],
  [
    'goes on where only the first of its check runs has ended',
    [
      ['sluice/gate/stable', '', over],
      ['sluice/gate/stable', '.1', open],
    ],
    ['gate'],
  ],
  ['is asked where nothing shows it', [['sluice/gate/stable', '0', over]], ['gate']],
])('a request that an old backup forgot, before its head went to another base, %s', (_, runs, expected) => {
  const story = known();
  const at = Math.floor(story.now / 1_000) * 1_000;
  for (const [name, more, state] of runs) {
    const externalId = `sluice-gate-${runs.length}${more}/${at}${more}`;
    story.checks.want({ ...gateCheck('Rejected', at, '', state), name, externalId });
  }
  story.now = at + later;
  say(story, `/gate ${sha('a')}`, people.ada, { createdAt: at });
  expect(words(story)).toEqual(expected);
});

import type { Draws } from '../chance.ts';
import type { Family, Knobs } from '../knobs.ts';
import type { Action, PeopleAct, Who } from '../story.ts';
import { laterConfigs } from './configs.ts';

const good = [
  'code',
  'code',
  'code',
  'docs',
  'hot',
  'fix',
  ...laterConfigs.slice(0, 3).map((name) => `config ${name}`),
];
/** Where jobs read folders. */
const goodInLanes = [
  'code',
  'code',
  'right',
  'right',
  'right',
  'sides',
  'docs',
  'lock',
  'fix',
  'config lanes more',
  'config lanes',
];
/** Where files are renamed, into a folder that a job reads or out of it: what is built together seldom has that job before. */
const renaming = ['odd', 'odd', 'odd', 'tool', 'right', 'right', 'right', 'docs', 'moves'];
/** Hardly any of these are in the way of each other. */
const apart = ['code', 'code', 'code', 'code', 'code', 'docs', 'docs', 'fix', 'hot'];
const doubtful = [
  'bad',
  'bad',
  'ugly',
  'one',
  'two',
  'two',
  'slow',
  'broken docs',
  'nothing',
  'hot',
  ...laterConfigs.map((name) => `config ${name}`),
];

const acts: readonly PeopleAct[] = [
  'push',
  'push',
  'push back',
  'close',
  'reopen',
  'draft',
  'ready',
  'retarget',
  'comment',
  'comment',
  'comment',
  'comment',
  'comment',
  'comment',
  'comment',
  'comment',
  'review',
  'review',
  'review',
  'press',
  'permission',
  'ci',
  'operate',
  'operate',
];

const words: Readonly<Partial<Record<PeopleAct, readonly string[]>>> = {
  push: ['code', 'code', 'fix', 'hot', 'bad', 'force code', 'force fix'],
  retarget: ['main', 'release-`@ops`'],
  comment: [
    '/gate',
    '/gate HEAD',
    '/gate HEAD',
    '/gate OLD',
    '/dequeue',
    '/dequeue',
    '/hold',
    '/unhold',
    '/unhold',
    '/priority hotfix',
    '/priority normal',
    '/priority bulk',
    '/override ci',
    '/why',
    '/test unit',
    'EDITED /gate',
    'REVIEW /gate HEAD',
  ],
  review: ['approved', 'approved', 'approved old', 'changes-requested', 'dismissed'],
  press: ['dequeue gate', 'rerun gate', 'rerun sluice'],
  permission: ['none', 'read', 'write', 'admin'],
  ci: ['success', 'success', 'failure', 'null'],
  operate: ['freeze', 'thaw', 'thaw', 'enqueue', 'dequeue'],
};

const befalls: readonly (readonly [Family, Action['what'], readonly string[]])[] = [
  ['directPush', 'direct push', ['code', 'code', 'hot', 'bad', 'fix', 'config one', 'config chain', 'config broken']],
  ['branchReset', 'reset branch', ['1', '1', '2']],
  ['handMerge', 'hand merge', ['']],
  ['foreignLedger', 'foreign ledger', ['']],
  ['lockedBranch', 'lock branch', ['']],
];

function approverOf(author: Who): Who {
  return author === 'boss' ? 'ada' : 'boss';
}

interface Opened {
  readonly at: number;
  readonly repository: number;
  readonly pull: number;
  readonly who: Who;
}

/** Each is good by itself; of what the first changes are in worlds in which two break a job together. */
const hiddenWords = ['hidden left', 'hidden right', 'code', 'code'];

function open(draws: Draws, knobs: Knobs, index: number): Opened & { readonly word: string } {
  const isTogether = knobs.queues?.bestFirst?.together === true;
  const at = Math.floor(draws.unit() * knobs.faultyMs * (isTogether ? 0.1 : 0.4)) + 1000;
  const repository = draws.between(0, knobs.repositories);
  const who = draws.pick<Who>(['ada', 'ada', 'ada', 'boss', 'mallory']);
  const inLanes = knobs.queues?.renames ? renaming : goodInLanes;
  const fine = knobs.queues?.lanes ? inLanes : isTogether ? apart : good;
  const word = draws.pick(draws.happens(knobs.queues?.goodChanges ?? 1) ? fine : doubtful);
  const branch = draws.between(0, knobs.queues?.branches ?? 1);
  const hidden = knobs.queues?.hidden ? hiddenWords[index] : undefined;
  const needs = draws.happens(0.15) ? ` needs ${draws.between(1, knobs.pulls + 1)}` : '';
  if (hidden !== undefined) return { at, repository: 0, pull: index + 1, who, word: `${hidden} onto 0` };
  return { at, repository, pull: index + 1, who, word: `${word} onto ${branch}${needs}` };
}

/** A change is opened, approved and asked for; some people forget one of it, and ask again when they see that nothing comes. */
function life(draws: Draws, knobs: Knobs, index: number): Action[] {
  const opened = open(draws, knobs, index);
  const { repository, pull, who } = opened;
  const act = (after: number, what: PeopleAct, by: Who, word: string): Action => {
    const at = Math.min(knobs.faultyMs - 1000, opened.at + after);
    return { at, what, repository, pull, who: by, word, family: null };
  };
  const approver = approverOf(who);
  return [
    { ...opened, what: 'open', family: null },
    ...(draws.happens(0.93) ? [act(draws.between(1_000, 60_000), 'review', approver, 'approved')] : []),
    ...(draws.happens(0.93)
      ? [act(draws.between(5_000, 90_000), 'comment', 'boss', draws.pick(['/gate', '/gate HEAD', '/gate HEAD']))]
      : []),
    ...(draws.happens(0.5) ? [act(draws.between(60_000, 240_000), 'comment', 'boss', '/gate HEAD')] : []),
  ];
}

function later(draws: Draws, knobs: Knobs, opened: readonly Action[]): Action[] {
  return Array.from({ length: knobs.actions }, (): Action => {
    const pull = draws.pick(opened);
    const what = draws.pick(acts);
    const at = pull.at + Math.floor(draws.unit() * (knobs.faultyMs - pull.at));
    const isOwn = what === 'push' || what === 'push back' || what === 'ready' || what === 'draft';
    const who = draws.pick<Who>(['ada', 'ada', 'boss', 'boss', 'boss', 'mia', 'mallory']);
    const word = draws.pick(words[what] ?? ['']);
    const by = isOwn ? pull.who : who;
    return { at, what, repository: pull.repository, pull: pull.pull, who: by, word, family: null };
  });
}

/** While nothing lands people change their minds of the order, or come back to what was tested already. */
function turnings(draws: Draws, knobs: Knobs, opened: readonly Action[]): Action[] {
  const act = (on: Action, what: PeopleAct, word: string, at: number): Action => {
    const { repository, pull } = on;
    return { at: Math.min(at, knobs.faultyMs - 1000), what, repository, pull, who: 'boss', word, family: null };
  };
  const turned = Array.from({ length: draws.between(2, 8) }, () => {
    const on = draws.pick(opened);
    const at = Math.floor(knobs.faultyMs * (0.45 + draws.unit() * 0.4));
    if (draws.happens(0.5)) return [act(on, 'comment', draws.pick(['/priority hotfix', '/priority bulk']), at)];
    const again = at + draws.between(15_000, 60_000);
    return [act(on, 'comment', '/dequeue', at), act(on, 'comment', '/gate HEAD', again)];
  });
  const first = draws.pick(opened);
  const frozen = [act(first, 'operate', 'freeze', Math.floor(knobs.faultyMs * 0.1))];
  return [...frozen, ...turned.flat(), act(first, 'operate', 'thaw', Math.floor(knobs.faultyMs * 0.95))];
}

/** While they are tested some are taken back by their authors. */
function regrets(draws: Draws, knobs: Knobs, asked: readonly Action[]): Action[] {
  return asked
    .filter(() => draws.happens(0.4))
    .map((on): Action => {
      const at = Math.min(on.at + draws.between(15_000, 150_000), knobs.faultyMs - 1000);
      return { ...on, at, what: draws.pick<PeopleAct>(['close', 'draft', 'push']), word: 'code' };
    });
}

/** While changes of the same files are tested somebody renames those, past the gate, and back. */
function moves(draws: Draws, knobs: Knobs): Action[] {
  return Array.from({ length: draws.between(3, 7) }, (): Action => {
    const at = Math.floor(knobs.faultyMs * (0.08 + draws.unit() * 0.5));
    return { at, what: 'direct push', repository: 0, pull: 1, who: 'boss', word: 'moves onto 0', family: null };
  });
}

export function queuePeople(draws: Draws, knobs: Knobs): Action[] {
  const lives = Array.from({ length: knobs.pulls }, (_, index) => life(draws, knobs, index)).flat();
  const opened = lives.filter(({ what }) => what === 'open');
  const { reuse, bestFirst } = knobs.queues ?? {};
  // What lands while others run is not frozen.
  const turned = reuse && bestFirst?.together !== true ? turnings(draws, knobs, opened) : [];
  const asked = lives.filter(({ what, word }) => what === 'comment' && word.startsWith('/gate'));
  const taken = knobs.queues?.bestFirst?.regrets ? regrets(draws, knobs, asked) : [];
  const moved = knobs.queues?.renames ? moves(draws, knobs) : [];
  return [...lives, ...later(draws, knobs, opened), ...turned, ...taken, ...moved];
}

/** What befalls branches and their ledgers. */
export function queueMisfortunes(draws: Draws, knobs: Knobs): Action[] {
  return befalls.flatMap(([family, what, choices]) => {
    const count = knobs.rates[family] > 0 ? draws.between(1, 3) : 0;
    return Array.from({ length: count }, (): Action => {
      const at = Math.floor(draws.unit() * knobs.faultyMs * 0.95) + 500;
      const repository = draws.between(0, knobs.repositories);
      const branch = draws.between(0, knobs.queues?.branches ?? 1);
      const word = `${draws.pick(choices)} onto ${branch}`;
      return { at, what, repository, pull: draws.between(1, knobs.pulls + 1), who: 'boss', word, family };
    });
  });
}

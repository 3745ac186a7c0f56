import { createChance, type Draws } from './chance.ts';
import { imageMisfortunes } from './gate/registry-troubles.ts';
import { queueMisfortunes, queuePeople } from './gate/story.ts';
import type { Family, Knobs } from './knobs.ts';
import { usableConfigs } from './projects.ts';
import { pushPeople } from './push/story.ts';
import { type VersionAct, versionChanges, versionPeople } from './version/story.ts';

/** One thing that somebody does, or that befalls the world. */
export interface Action {
  /** ms since the world began. */
  readonly at: number;
  readonly what: PeopleAct | FaultAct;
  readonly repository: number;
  readonly pull: number;
  readonly who: Who;
  /** A word that says more: the command, the job, the permission … */
  readonly word: string;
  /** The family of faults that it belongs to; null: an ordinary act. */
  readonly family: Family | null;
}

export const whos = ['ada', 'mia', 'mallory', 'boss', 'robot'] as const;
export type Who = (typeof whos)[number];

export type PeopleAct =
  | 'open'
  | 'push'
  | 'push back'
  | 'close'
  | 'reopen'
  | 'merge'
  | 'draft'
  | 'ready'
  | 'retarget'
  | 'comment'
  | 'press'
  | 'permission'
  | 'base push'
  | 'review'
  | 'ci'
  | 'operate'
  | 'direct push'
  | 'reset branch'
  | 'force push'
  | 'hand merge'
  | VersionAct;

export type FaultAct =
  | 'suspend'
  | 'return'
  | 'crash redis'
  | 'flush'
  | 'restore'
  | 'refuse'
  | 'redis away'
  | 'forge away'
  | 'cluster away'
  | 'pause'
  | 'kill'
  | 'evict'
  | 'delete pod'
  | 'lose node'
  | 'foreign ledger'
  | 'lock branch'
  | 'registry away'
  | 'move tag'
  | 'lose digest';

const acts: readonly PeopleAct[] = [
  'push',
  'push',
  'push',
  'push back',
  'close',
  'reopen',
  'merge',
  'draft',
  'ready',
  'ready',
  'retarget',
  'comment',
  'comment',
  'comment',
  'comment',
  'comment',
  'comment',
  'press',
  'press',
  'press',
  'permission',
  'base push',
];

const words: Readonly<Partial<Record<PeopleAct, readonly string[]>>> = {
  open: ['code', 'code', 'web', 'docs', 'hot', 'draft', 'all', 'broken', 'early'],
  push: ['code', 'code', 'web', 'docs', 'hot', 'broken', ...usableConfigs],
  retarget: ['main', 'release-`@ops`'],
  comment: [
    '/test unit',
    '/test unit bench',
    '/test all',
    '/test ?',
    '/test nope',
    '/retest',
    '/retest-required',
    '/cancel',
    '/cancel unit',
    '/ok-to-test HEAD',
    '/ok-to-test HEAD',
    '/ok-to-test HEAD',
    '/ok-to-test SHORT',
    '/ok-to-test OLD',
    '/why',
    '/promote v1',
    'looks good',
    'EDITED /test unit',
    'REVIEW /retest',
  ],
  press: [
    'rerun unit',
    'rerun build',
    'rerun sluice',
    'rerun-all',
    'approve',
    'approve',
    'cancel unit',
    'old rerun unit',
  ],
  permission: ['none', 'none', 'read', 'read', 'write'],
  'base push': ['code', 'hot', 'broken', ...usableConfigs],
};

const befalls: readonly (readonly [Family, FaultAct])[] = [
  ['suspend', 'suspend'],
  ['redisCrash', 'crash redis'],
  ['redisFlush', 'flush'],
  ['redisRestore', 'restore'],
  ['redisRefuses', 'refuse'],
  ['redisAway', 'redis away'],
  ['forgeAway', 'forge away'],
  ['clusterAway', 'cluster away'],
  ['pause', 'pause'],
  ['crash', 'kill'],
  ['podEvicted', 'evict'],
  ['podDeleted', 'delete pod'],
  ['nodeLost', 'lose node'],
];

function people(draws: Draws, knobs: Knobs): Action[] {
  const who = (): Who => draws.pick(['ada', 'ada', 'ada', 'boss', 'boss', 'mallory', 'mallory', 'mia', 'robot']);
  const opened = Array.from({ length: knobs.pulls }, (_, index): Action => {
    const at = Math.floor(draws.unit() * knobs.faultyMs * 0.5) + 1000;
    const word = draws.pick(words.open ?? []);
    const repository = draws.between(0, knobs.repositories);
    return { at: word === 'early' ? 0 : at, what: 'open', repository, pull: index + 1, who: who(), word, family: null };
  });
  const later = Array.from({ length: knobs.actions }, (): Action => {
    const pull = draws.pick(opened);
    const what = draws.pick(acts);
    const at = pull.at + Math.floor(draws.unit() * (knobs.faultyMs - pull.at));
    const isOwn = what === 'push' || what === 'push back' || what === 'ready' || what === 'draft';
    const word = draws.pick(words[what] ?? ['']);
    return {
      at,
      what,
      repository: pull.repository,
      pull: pull.pull,
      who: isOwn ? pull.who : who(),
      word,
      family: null,
    };
  });
  return [...opened, ...later];
}

function misfortunes(draws: Draws, knobs: Knobs): Action[] {
  return befalls.flatMap(([family, what]) => {
    const rate = knobs.rates[family];
    const often =
      family.startsWith('pod') || family === 'nodeLost' || family === 'crash' ? (rate > 0 ? 3 : 0) : rate > 0 ? 1 : 0;
    const count = often === 0 ? 0 : draws.between(1, often + 1);
    return Array.from({ length: count }, (): Action => {
      const at = Math.floor(draws.unit() * knobs.faultyMs * 0.95) + 500;
      const repository = draws.between(0, knobs.repositories);
      return { at, what, repository, pull: 0, who: 'boss', word: String(draws.between(0, 1000)), family };
    });
  });
}

/** Everything that people do and that befalls the world of these knobs, in order. */
export function storyOf(knobs: Knobs): readonly Action[] {
  const chance = createChance(knobs.seed);
  const acts = (knobs.queues ? queuePeople : people)(chance.stream('people'), knobs);
  const gate = knobs.queues ? queueMisfortunes(chance.stream('queue misfortunes'), knobs) : [];
  const images = knobs.queues?.images ? imageMisfortunes(chance.stream('image misfortunes'), knobs) : [];
  const pushes = knobs.queues?.images?.pushes ? pushPeople(chance.stream('push people'), knobs) : [];
  const versions = knobs.queues?.images?.pushes?.versions ? versionPeople(chance.stream('version people'), knobs) : [];
  const all = [
    ...versionChanges(chance.stream('version changes'), knobs, acts),
    ...pushes,
    ...versions,
    ...misfortunes(chance.stream('misfortunes'), knobs),
    ...gate,
    ...images,
  ];
  return all.sort((a, b) => a.at - b.at);
}

function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const two = (count: number): string => String(count).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** For people who read what happened. */
export function describeAction(action: Action): string {
  const { at, what, repository, pull, who, word, family } = action;
  if (family !== null) return `${clock(at)} ${what} (${family}) ${word}`;
  return `${clock(at)} ${who}: ${what} ${word} #${pull} of r${repository}`.trimEnd();
}

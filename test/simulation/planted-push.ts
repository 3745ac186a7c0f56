import type { Family } from './knobs.ts';
import type { Mutant, Shows } from './mutant.ts';

const always: Shows = () => true;

function on(...names: readonly Family[]): Shows {
  return ({ rates }) => names.some((name) => rates[name] > 0);
}

function within(name: string, what: string, shows: Shows, file: string, from: string, to: string): Mutant {
  return { name, what, kind: 'pushes', shows, planted: {}, patches: [{ file, from, to }] };
}

/** Faults of what becomes of pushes, which worlds where people push must catch. */
export const pushMutants: readonly Mutant[] = [
  within(
    'final-reopened',
    'a commit that is pushed again goes on under the check runs of the first time',
    always,
    'core/push/take-pushes.ts',
    'const request = Math.max(requestOfPush(facts, after, judged.own, isAgain), last + 1);',
    'const request = Math.min(requestOfPush(facts, after, judged.own, isAgain), last + 1, 1);',
  ),
  within(
    'late-word',
    'a push that is told after a sweep found its branch is judged by nobody',
    on('webhookFails', 'webhookLate', 'crash'),
    'app/push/since-told.ts',
    'if (record.isUntold !== true) return sinceRound(record, inbox, reading);',
    'if (record.isUntold !== false) return record;',
  ),
  within(
    'lost-open',
    'what a lost state began of overtaken pushes is left open',
    on('redisFlush', 'redisRestore'),
    'core/push/plan-pushes.ts',
    'orphans.filter(({ externalId }) => !told.has(externalId));',
    'orphans.filter(({ externalId }) => !told.has(externalId) && externalId.length < 0);',
  ),
  within(
    'unread-is-seen',
    'a push that could not be read counts as judged',
    on('lostRequest', 'lostAnswer', 'forgeAway', 'slowAnswer'),
    'core/push/take-pushes.ts',
    "const { runs } = given;\n  if (judged.kind === 'unread') return { ...given, waits: 'later' };",
    "const { runs } = given;\n  if (judged.kind === 'unread') return { ...given, seen: after };",
  ),
  within(
    'told-once',
    'a push is forgotten before the forge has the end of all that is said of it',
    on('lostRequest', 'lostAnswer', 'crash'),
    'core/push/report-run.ts',
    'return run.endedAt !== null && untold.length === 0;',
    'return run.endedAt !== null;',
  ),
  within(
    'below-nothing',
    'what was pushed on a landing is recorded beneath it',
    always,
    'app/push/observe-pushes.ts',
    'below = sequence;',
    'below = sequence - sequence;',
  ),
  {
    ...within(
      'issue-stays',
      'the issue of a nightly stays open when it has passed',
      (_knobs, story) =>
        story.some(({ word }) => /\bbad\b/.test(word)) && story.some(({ word }) => /\bfix\b/.test(word)),
      'core/periodic/tell-issue.ts',
      'return isOpen && green !== null ?',
      'return isOpen && green === null ?',
    ),
    kind: 'nightlies',
  },
  {
    ...within(
      'deaf-clock',
      'nothing starts when its time comes',
      always,
      'core/periodic/judge-due.ts',
      "return { kind: 'start' };",
      "return { kind: 'wait' };",
    ),
    kind: 'nightlies',
  },
  {
    ...within(
      'left-beneath',
      'what a lost state began of nightlies on commits before is left open',
      on('redisFlush', 'redisRestore'),
      'app/periodic/requests-seen.ts',
      'nightliesOf(project, branch, jobs).filter(isAsked)',
      'nightliesOf(project, branch, jobs).filter(isAsked).slice(0, 0)',
    ),
    kind: 'nightlies',
  },
];

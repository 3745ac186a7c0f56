import type { Draws } from '../chance.ts';
import type { Knobs } from '../knobs.ts';
import type { Action, PeopleAct, Who } from '../story.ts';

const contents = [
  'code',
  'code',
  'code',
  'docs',
  'hot',
  'bad',
  'fix',
  'nothing',
  'code, docs',
  'docs, code, fix',
  'config one',
  'config chain',
  'config mixed',
  'config broken',
];

const acts: readonly PeopleAct[] = [
  'direct push',
  'direct push',
  'direct push',
  'direct push',
  'direct push',
  'reset branch',
  'force push',
  'hand merge',
];

function wordOf(draws: Draws, what: PeopleAct): string {
  if (what === 'reset branch') return draws.pick(['1', '1', '2']);
  return what === 'hand merge' ? '' : draws.pick(contents);
}

/** What people do to branches without the gate. */
export function pushPeople(draws: Draws, knobs: Knobs): Action[] {
  const { queues, faultyMs, repositories, pulls } = knobs;
  return Array.from({ length: queues?.images?.pushes?.pushed ?? 0 }, (): Action => {
    const what = draws.pick(acts);
    const branch = draws.between(0, queues?.branches ?? 1);
    const who = draws.pick<Who>(['ada', 'boss', 'boss', 'robot']);
    const at = Math.floor(draws.unit() * faultyMs * 0.9) + 1000;
    const repository = draws.between(0, repositories);
    const word = `${wordOf(draws, what)} onto ${branch}`;
    return { at, what, repository, pull: draws.between(1, pulls + 1), who, word, family: null };
  });
}

import type { Mutant, Patch, Shows } from './mutant.ts';

type Change = readonly [file: string, from: string, to: string];

const several: Shows = ({ pulls }) => pulls >= 4;
const locking: Shows = (knobs, story) => several(knobs, story) && story.some(({ word }) => word.startsWith('lock '));
const moving: Shows = (knobs, story) => several(knobs, story) && knobs.rates.directPush > 0;

function within(name: string, what: string, shows: Shows, ...changes: readonly Change[]): Mutant {
  const patches: readonly Patch[] = changes.map(([file, from, to]) => ({ file: `core/gate/${file}`, from, to }));
  return { name, what, kind: 'lanes', shows, planted: {}, patches };
}

/** Faults of landing what was tested on another tree (scheduling.md §5 "Base moved by a disjoint landing"). */
export const laneMutants: readonly Mutant[] = [
  within('lanes-uncompared', 'what passed lands on any tree, whatever its jobs read there', moving, [
    'lanes/why-other.ts',
    'if (because !== null) return because;',
    '',
  ]),
  within('lanes-barrier', 'lock files and the configuration count as read by nobody', locking, [
    'lanes/barriers.ts',
    'return names.has(',
    'return false && names.has(',
  ]),
  within('lanes-blame', 'who failed where the branch was before is rejected though that was red', moving, [
    'best-first/follow.ts',
    'if (failed === null && isToFailThere(following, item)) {',
    'if (failed === null && !isToFailThere) {',
  ]),
];

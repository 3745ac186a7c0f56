import { type Step, type WalkedCandidate, type WalkedItem, walkQueue } from '../../../src/core/gate/walk-queue.ts';
import { type BranchKey, branchKeyOf, type Parents } from '../../../src/model/queue.ts';
import { sha } from '../../fakes/model-data.ts';

export const trunk = branchKeyOf(1, 'main');
export const tips: Parents = { [trunk]: sha('0') };

/** How an item's candidate ends on any ground: `test` builds still, `finish` has failed and builds still. */
export type Fate = 'none' | 'unmade' | 'conflict' | 'contained' | 'forbidden' | 'test' | 'passed' | 'finish' | 'failed';

/** An item of a walk in few words; `on` says what is different on exactly this ground (numbers ahead, joined by `+`). */
export interface Place {
  readonly fate: Fate;
  readonly on?: Readonly<Record<string, Fate>>;
  readonly leaves?: string;
  readonly waits?: string;
  readonly needs?: readonly number[];
  readonly branch?: BranchKey;
}

/** The commit of an item on a ground: others on any other. */
export function commitOn(number: number, parents: Parents): string {
  const ground = Object.entries(parents)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, commit]) => `${key}=${commit}`);
  return `${number}(${ground.join(' ')})`;
}

function candidateOf(fate: Fate, commit: string): WalkedCandidate | null {
  if (fate === 'none') return null;
  if (fate === 'unmade' || fate === 'conflict' || fate === 'contained' || fate === 'forbidden')
    return { kind: fate, commit: null, verdict: 'pending', ended: true };
  const verdict = fate === 'passed' ? 'passed' : fate === 'test' ? 'pending' : 'failed';
  return { kind: 'made', commit: commit as never, verdict, ended: fate !== 'finish' && fate !== 'test' };
}

/** The items, numbered from 1. */
export function itemsOf(places: readonly Place[]): readonly WalkedItem[] {
  return places.map((place, index) => {
    const number = index + 1;
    const { fate, on = {}, leaves, waits = null, needs = [], branch = trunk } = place;
    return {
      id: `q#${number}`,
      branch,
      leaves: leaves === undefined ? null : { kind: 'withdrawn', because: leaves },
      waits,
      needs: needs.map((need) => `q#${need}`),
      candidateOn: (parents, ahead) => {
        const ground = ahead.map((id) => id.slice(2)).join('+');
        return candidateOf(on[ground] ?? fate, commitOn(number, parents));
      },
    };
  });
}

export function walk(places: readonly Place[], window = 20, from: Parents = tips): readonly Step[] {
  return walkQueue(itemsOf(places), from, window);
}

/** Each step as `decision` or `decision on 1+2`. */
export function shown(steps: readonly Step[]): string {
  return steps
    .map(({ ahead, decision }) => {
      const ground = ahead.map((id) => id.slice(2)).join('+');
      return ground === '' ? decision.kind : `${decision.kind} on ${ground}`;
    })
    .join(', ');
}

import { type Move, policyOf, startBatch } from '../field.ts';

interface State {
  /** Halves of what failed, the next first. */
  readonly groups: readonly (readonly number[])[];
  readonly running: readonly number[] | null;
  readonly count: number;
}

const mostInBatch = 16;

/** Batches of all that wait, halved when they fail. */
export const bors = policyOf<State>({
  name: 'bors',
  about: `all that wait in one build, at most ${mostInBatch}; what fails is halved`,
  begin: () => ({ groups: [], running: null, count: 0 }),
  decide: (state, { waiting, builds }) => {
    const { groups, running, count } = state;
    const key = `${count}`;
    if (running === null) {
      const [group = waiting.slice(0, mostInBatch).map(({ number }) => number), ...rest] = groups;
      if (group.length === 0) return { state, moves: [] };
      const next = { groups: rest, running: group, count: count + 1 };
      return { state: next, moves: [startBatch(`${next.count}`, group)] };
    }
    const result = builds.get(key)?.state;
    if (result !== 'passed' && result !== 'failed') return { state, moves: [] };
    const drop: Move = { kind: 'drop', key };
    const idle = { ...state, running: null };
    if (result === 'passed') return { state: idle, moves: [drop, { kind: 'land', changes: running }] };
    const [only, ...others] = running;
    if (only !== undefined && others.length === 0)
      return { state: idle, moves: [drop, { kind: 'reject', change: only }] };
    const half = Math.ceil(running.length / 2);
    return {
      state: { ...idle, groups: [running.slice(0, half), running.slice(half), ...groups] },
      moves: [drop],
    };
  },
});

import { type Field, type Move, policyOf, startBatch } from '../field.ts';

interface State {
  readonly batch: string | null;
  readonly single: string | null;
  readonly count: number;
}

const mostInBatch = 5;

/** Whatever lands ends the other: no build is left on another tip. */
function landing(state: State, changes: readonly number[]): { state: State; moves: Move[] } {
  const drops = [state.batch, state.single].flatMap((key): Move[] => (key === null ? [] : [{ kind: 'drop', key }]));
  return { state: { ...state, batch: null, single: null }, moves: [...drops, { kind: 'land', changes }] };
}

/** What the batch gave is used or forgotten; null: it is under way, or there is none. */
function takeBatch(state: State, field: Field): { state: State; moves: Move[] } | null {
  const batch = state.batch === null ? undefined : field.builds.get(state.batch);
  if (!batch || (batch.state !== 'passed' && batch.state !== 'failed')) return null;
  const pool = new Set(field.waiting.map(({ number }) => number));
  if (batch.state === 'passed' && batch.members.every((number) => pool.has(number)))
    return landing(state, batch.members);
  return { state: { ...state, batch: null }, moves: [{ kind: 'drop', key: batch.key }] };
}

function takeSingle(state: State, field: Field): { state: State; moves: Move[] } | null {
  const single = state.single === null ? undefined : field.builds.get(state.single);
  const [change] = single?.members ?? [];
  if (!single || change === undefined) return null;
  if (single.state === 'passed' && state.batch === null) return landing(state, [change]);
  if (single.state !== 'failed') return null;
  return {
    state: { ...state, single: null },
    moves: [
      { kind: 'drop', key: single.key },
      { kind: 'reject', change },
    ],
  };
}

/** One batch and one single change are tested beside each other on the tip; whichever lands ends the other. */
export const tide = policyOf<State>({
  name: 'tide',
  about: `a batch of at most ${mostInBatch} and a single change beside each other on the tip`,
  begin: () => ({ batch: null, single: null, count: 0 }),
  decide: (state, field) => {
    const taken = takeBatch(state, field) ?? takeSingle(state, field);
    if (taken) return taken;
    const pool = field.waiting.map(({ number }) => number);
    const key = `${state.count + 1}`;
    const count = state.count + 1;
    if (state.batch === null && pool.length > 1)
      return { state: { ...state, batch: key, count }, moves: [startBatch(key, pool.slice(0, mostInBatch))] };
    if (state.single === null && pool.length > 0)
      return { state: { ...state, single: key, count }, moves: [startBatch(key, pool.slice(0, 1))] };
    return { state, moves: [] };
  },
});

import { type Field, leftOf, type Move, policyOf, type SimBuild, sameNumbers, startBehind } from '../field.ts';

interface State {
  readonly window: number;
  readonly count: number;
}

const start = 20;
const floor = 3;

function buildOf({ builds }: Field, number: number): SimBuild | undefined {
  return [...builds.values()].find(({ members }) => members.at(-1) === number);
}

/** What the head's own build says is final. */
function settleHead(state: State, field: Field): { state: State; moves: readonly Move[] } | null {
  const [head] = field.waiting;
  const build = head && buildOf(field, head.number);
  const isValid = head && build && sameNumbers(leftOf(build, field) ?? [], [head.number]);
  if (!isValid || (build.state !== 'passed' && build.state !== 'failed')) return null;
  const drop: Move = { kind: 'drop', key: build.key };
  if (build.state === 'passed')
    return {
      state: { ...state, window: state.window + 1 },
      moves: [drop, { kind: 'land', changes: [head.number] }],
    };
  const window = Math.max(floor, Math.floor(state.window / 2));
  return { state: { ...state, window }, moves: [drop, { kind: 'reject', change: head.number }] };
}

/** A window of changes, each tested on all ahead of it that do not fail. */
export const zuul = policyOf<State>({
  name: 'zuul',
  about: 'a window that grows by one with each landing and is halved by each rejection, each on those ahead',
  begin: () => ({ window: start, count: 0 }),
  decide: (state, field) => {
    const settled = settleHead(state, field);
    if (settled) return settled;
    const moves: Move[] = [];
    let { count } = state;
    let ahead: readonly number[] = [];
    for (const { number } of field.waiting.slice(0, state.window)) {
      const build = buildOf(field, number);
      const isSame = build !== undefined && sameNumbers(leftOf(build, field) ?? [], [...ahead, number]);
      if (build && !isSame) moves.push({ kind: 'drop', key: build.key });
      if (!isSame) {
        count += 1;
        moves.push(startBehind(`${count}`, ahead, number));
      }
      if (!isSame || build.state !== 'failed') ahead = [...ahead, number];
    }
    return { state: { ...state, count }, moves };
  },
});

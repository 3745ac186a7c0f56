import { type Field, leftOf, type Move, policyOf, type SimBuild, sameNumbers, startBatch } from '../field.ts';

interface Group {
  readonly members: readonly number[];
  /** Of its build; null: it has none. */
  readonly key: string | null;
}

interface State {
  /** Each is tested on all ahead of it. */
  readonly chain: readonly Group[];
  /** What failed as a group, halved, each half on the tip alone. */
  readonly halves: readonly Group[];
  readonly count: number;
}

interface Answer {
  readonly state: State;
  readonly moves: readonly Move[];
}

const perGroup = 4;
const longestChain = 20;
const halvesAtOnce = 2;

function resultOf({ builds }: Field, { key }: Group): SimBuild['state'] | null {
  return key === null ? null : (builds.get(key)?.state ?? null);
}

function isOver(field: Field, group: Group): boolean {
  const result = resultOf(field, group);
  return result === 'passed' || result === 'failed';
}

function dropOf({ key }: Group): readonly Move[] {
  return key === null ? [] : [{ kind: 'drop', key }];
}

/** A group that passed, and behind which nothing is unknown, lands with all that it was tested on: they passed with it. */
function landSome(state: State, field: Field): Answer | null {
  const { chain } = state;
  const first = chain.findIndex((group) => !isOver(field, group));
  const known = first === -1 ? chain : chain.slice(0, first);
  const last = known.findLastIndex((group) => resultOf(field, group) === 'passed');
  if (last === -1) return null;
  const landing = chain.slice(0, last + 1);
  const changes = landing.flatMap(({ members }) => members);
  return {
    state: { ...state, chain: chain.slice(last + 1) },
    moves: [...landing.flatMap(dropOf), { kind: 'land', changes }],
  };
}

function halved({ members }: Group): readonly Group[] {
  const half = Math.ceil(members.length / 2);
  return [members.slice(0, half), members.slice(half)].map((part) => ({ members: part, key: null }));
}

/** The head failed, and so did the one behind it, if there is one: it is at fault. */
function failHead(state: State, field: Field): Answer | null {
  const [head, next, ...rest] = state.chain;
  if (!head || resultOf(field, head) !== 'failed' || (next && !isOver(field, next))) return null;
  const chain = next ? [next, ...rest] : [];
  const [only] = head.members;
  if (only !== undefined && head.members.length === 1)
    return { state: { ...state, chain }, moves: [...dropOf(head), { kind: 'reject', change: only }] };
  return { state: { ...state, chain, halves: [...state.halves, ...halved(head)] }, moves: dropOf(head) };
}

/** A half that passes queues again as a group of its own; one that fails is halved, or is at fault. */
function settleHalf(state: State, field: Field): Answer | null {
  const half = state.halves.find((group) => isOver(field, group));
  if (!half) return null;
  const others = state.halves.filter((group) => group !== half);
  const [only] = half.members;
  if (resultOf(field, half) === 'passed') {
    const chain = [...state.chain, { members: half.members, key: null }];
    return { state: { ...state, halves: others, chain }, moves: dropOf(half) };
  }
  if (only !== undefined && half.members.length === 1)
    return { state: { ...state, halves: others }, moves: [...dropOf(half), { kind: 'reject', change: only }] };
  return { state: { ...state, halves: [...halved(half), ...others] }, moves: dropOf(half) };
}

function withNewcomers(state: State, { waiting }: Field): State {
  const known = new Set([...state.chain, ...state.halves].flatMap(({ members }) => members));
  const fresh = waiting.map(({ number }) => number).filter((number) => !known.has(number));
  const chain = [...state.chain];
  for (let at = 0; at < fresh.length && chain.length < longestChain; at += perGroup)
    chain.push({ members: fresh.slice(at, at + perGroup), key: null });
  return { ...state, chain };
}

/** Builds what has no build on the ground that it would land on. */
function buildAll(state: State, field: Field): Answer {
  const moves: Move[] = [];
  let { count } = state;
  let ahead: readonly number[] = [];
  const begin = (group: Group, ground: readonly number[]): Group => {
    count += 1;
    const members = [...ground, ...group.members];
    moves.push(...dropOf(group), { ...startBatch(`${count}`, group.members), members } as Move);
    return { ...group, key: `${count}` };
  };
  const chain = state.chain.map((group) => {
    const build = group.key === null ? undefined : field.builds.get(group.key);
    const isSame = build && sameNumbers(leftOf(build, field) ?? [], [...ahead, ...group.members]);
    const kept = isSame ? group : begin(group, ahead);
    ahead = [...ahead, ...group.members];
    return kept;
  });
  const halves = state.halves.map((group, at) => (at < halvesAtOnce && group.key === null ? begin(group, []) : group));
  return { state: { chain, halves, count }, moves };
}

/** Groups in a chain; a failure is believed when the group behind it fails too, and is halved beside the chain. */
export const trunk = policyOf<State>({
  name: 'trunk',
  about: `groups of at most ${perGroup} in a chain; one that fails waits for what the next one says, and is halved beside it`,
  begin: () => ({ chain: [], halves: [], count: 0 }),
  decide: (state, field) => {
    // What was tested on another ground says nothing: it is built anew before anything is read from it.
    const built = buildAll(withNewcomers(state, field), field);
    if (built.moves.length > 0) return built;
    return landSome(built.state, field) ?? failHead(built.state, field) ?? settleHalf(built.state, field) ?? built;
  },
});

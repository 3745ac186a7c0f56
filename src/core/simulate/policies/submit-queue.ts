import { type NumberedChange, sharesModule } from '../arrival.ts';
import { type Field, type Move, type Policy, policyOf, type SimBuild } from '../field.ts';

/** A guess of what becomes of everything that a change depends on. */
interface Path {
  readonly change: number;
  readonly included: readonly number[];
  readonly excluded: readonly number[];
  readonly score: number;
}

/** What a build assumed; `excluded` were waiting when it was asked for and are not in it. */
interface Guess extends Omit<Path, 'score'> {
  readonly key: string;
}

interface State {
  readonly guesses: readonly Guess[];
  readonly count: number;
  readonly known: Known;
}

/** What was worked out of changes, by number, so that it is not at every event. */
interface Known {
  /** Those ahead of it that share a module and waited when it was seen first. */
  readonly sharing: Map<number, readonly NumberedChange[]>;
  readonly paths: Map<number, KnownPaths>;
}

/** The paths of a change as long as it depends on these. */
interface KnownPaths {
  readonly needs: readonly NumberedChange[];
  readonly paths: readonly NamedPath[];
}

interface NamedPath extends Path {
  readonly name: string;
}

interface Grounds {
  readonly field: Field;
  readonly isWaiting: ReadonlySet<number>;
  readonly hasLanded: ReadonlySet<number>;
}

function isPossible({ included, excluded }: Guess, { field, hasLanded }: Grounds): boolean {
  return !included.some(field.isRejected) && !excluded.some((number) => hasLanded.has(number));
}

function isCertain({ included, excluded }: Guess, { isWaiting }: Grounds): boolean {
  return ![...included, ...excluded].some((number) => isWaiting.has(number));
}

/** All guesses that are at least so likely, of one change. */
function pathsOf(change: NumberedChange, needs: readonly NumberedChange[], least: number): readonly Path[] {
  const paths: Path[] = [];
  const extend = (at: number, score: number, included: readonly number[], excluded: readonly number[]): void => {
    if (score < least) return;
    const need = needs[at];
    if (!need) {
      paths.push({ change: change.number, included, excluded, score });
      return;
    }
    extend(at + 1, score * need.prior, [...included, need.number], excluded);
    extend(at + 1, score * (1 - need.prior), included, [...excluded, need.number]);
  };
  extend(0, 1, [], []);
  return paths;
}

function pathName(
  { change, included, excluded }: Omit<Path, 'score'>,
  { isWaiting }: Pick<Grounds, 'isWaiting'>,
): string {
  const open = (numbers: readonly number[]): string => numbers.filter((number) => isWaiting.has(number)).join('+');
  return `${change}|${open(included)}|${open(excluded)}`;
}

function settle(state: State, grounds: Grounds): { state: State; moves: readonly Move[] } | null {
  const { field } = grounds;
  for (const guess of state.guesses) {
    const result = field.builds.get(guess.key)?.state;
    if ((result !== 'passed' && result !== 'failed') || !isPossible(guess, grounds) || !isCertain(guess, grounds))
      continue;
    const own = state.guesses.filter(({ change }) => change === guess.change);
    const drops = own.map(({ key }): Move => ({ kind: 'drop', key }));
    const { change } = guess;
    const end: Move = result === 'passed' ? { kind: 'land', changes: [change] } : { kind: 'reject', change };
    const guesses = state.guesses.filter((other) => other.change !== change);
    return { state: { ...state, guesses }, moves: [...drops, end] };
  }
  return null;
}

function dropImpossible(state: State, grounds: Grounds): { state: State; moves: readonly Move[] } | null {
  const wrong = state.guesses.filter((guess) => !isPossible(guess, grounds));
  if (wrong.length === 0) return null;
  const guesses = state.guesses.filter((guess) => !wrong.includes(guess));
  return { state: { ...state, guesses }, moves: wrong.map(({ key }) => ({ kind: 'drop', key })) };
}

/** Those ahead that a change depends on. Who waits is sorted by arrival, so that nobody comes between them later. */
function needsOf({ sharing }: Known, change: NumberedChange, at: number, { field, isWaiting }: Grounds) {
  const known = sharing.get(change.number) ?? field.waiting.slice(0, at).filter((ahead) => sharesModule(ahead, change));
  const needs = known.every(({ number }) => isWaiting.has(number))
    ? known
    : known.filter(({ number }) => isWaiting.has(number));
  sharing.set(change.number, needs);
  return needs;
}

function namedPaths({ paths }: Known, change: NumberedChange, needs: readonly NumberedChange[], least: number) {
  const known = paths.get(change.number);
  if (known?.needs === needs) return known.paths;
  const isWaiting = new Set(needs.map(({ number }) => number));
  const found = pathsOf(change, needs, least).map((path) => ({ ...path, name: pathName(path, { isWaiting }) }));
  paths.set(change.number, { needs, paths: found });
  return found;
}

/** The likeliest guesses that no build stands for, as many as there are free slots. */
function newPaths(state: State, grounds: Grounds, free: number, least: number): readonly Path[] {
  const { field } = grounds;
  if (free <= 0) return [];
  const names = new Set(state.guesses.map((guess) => pathName(guess, grounds)));
  return field.waiting
    .slice(0, 2 * field.slots + 40)
    .flatMap((change, at) =>
      namedPaths(state.known, change, needsOf(state.known, change, at, grounds), least).filter(
        ({ name }) => !names.has(name),
      ),
    )
    .sort((one, other) => other.score - one.score || one.change - other.change)
    .slice(0, free);
}

function isUnderWay({ state }: SimBuild): boolean {
  return state === 'waiting' || state === 'running';
}

/** Uber's SubmitQueue: a change depends on earlier ones that share a module, and the likeliest outcomes are built first. */
export function submitQueue(name: string, least: number): Policy {
  return policyOf<State>({
    name,
    about: `best-first speculation: what is at least ${least} likely is built, the likeliest first`,
    begin: () => ({ guesses: [], count: 0, known: { sharing: new Map(), paths: new Map() } }),
    decide: (state, field) => {
      const isWaiting = new Set(field.waiting.map(({ number }) => number));
      const grounds = { field, isWaiting, hasLanded: new Set(field.landed) };
      const settled = settle(state, grounds) ?? dropImpossible(state, grounds);
      if (settled) return settled;
      const free = field.slots - [...field.builds.values()].filter(isUnderWay).length;
      const chosen = newPaths(state, grounds, free, least).map((path, at) => ({ path, key: `${state.count + at}` }));
      const guesses = chosen.map(({ path: { change, included, excluded }, key }) => ({
        change,
        included,
        excluded,
        key,
      }));
      const starts = chosen.map(({ path: { change, included }, key }): Move => {
        return { kind: 'start', key, members: [...included, change], tests: [change], urgency: change };
      });
      const next = { ...state, guesses: [...state.guesses, ...guesses], count: state.count + chosen.length };
      return { state: next, moves: starts };
    },
  });
}

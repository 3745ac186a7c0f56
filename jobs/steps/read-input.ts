import { type Digest, isDigest } from '../../src/model/sha.ts';
import { exitCodes, StepFailure } from './step-failure.ts';

const sha = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** One field of the step's input; what is not as it must be ends the step with `badInput`. */
export interface InputReader {
  readonly text: (name: string) => string;
  /** May be empty. */
  readonly anyText: (name: string) => string;
  readonly textOrNull: (name: string) => string | null;
  readonly texts: (name: string) => readonly string[];
  readonly map: (name: string) => Readonly<Record<string, string>>;
  readonly number: (name: string) => number;
  readonly flag: (name: string) => boolean;
  readonly sha: (name: string) => string;
  readonly shas: (name: string) => readonly string[];
  readonly digest: (name: string) => Digest;
  readonly inside: (name: string) => InputReader;
  /** Null: it was left out. */
  readonly insideOrNull: (name: string) => InputReader | null;
  readonly list: (name: string) => readonly InputReader[];
}

/** Reads the JSON that `SLUICE_STEP` holds. */
export function readInput(json: string | undefined): InputReader {
  if (json === undefined) throw wrong('SLUICE_STEP', 'set');
  try {
    return readerOf(JSON.parse(json), 'SLUICE_STEP');
  } catch (cause) {
    if (cause instanceof SyntaxError) throw wrong('SLUICE_STEP', 'JSON');
    throw cause;
  }
}

function readerOf(value: unknown, place: string): InputReader {
  if (!isMap(value)) throw wrong(place, 'a map');
  const take = <T>(name: string, is: (found: unknown) => found is T, what: string): T => {
    const found = value[name];
    if (!is(found)) throw wrong(`${place}.${name}`, what);
    return found;
  };
  return {
    text: (name) => take(name, isText, 'a text'),
    anyText: (name) => take(name, isAnyText, 'a text'),
    textOrNull: (name) => (value[name] === null ? null : take(name, isText, 'a text or null')),
    texts: (name) => take(name, isTexts, 'a list of texts'),
    map: (name) => take(name, isTextMap, 'a map of texts'),
    number: (name) => take(name, isNumber, 'a number'),
    flag: (name) => take(name, isFlag, 'true or false'),
    sha: (name) => take(name, isSha, 'a full object id'),
    shas: (name) => take(name, isShas, 'a list of full object ids'),
    digest: (name) => take(name, isDigestText, 'a digest'),
    list: (name) =>
      take(name, Array.isArray, 'a list').map((each, index) => readerOf(each, `${place}.${name}[${index}]`)),
    inside: (name) => readerOf(value[name], `${place}.${name}`),
    insideOrNull: (name) => (value[name] === undefined ? null : readerOf(value[name], `${place}.${name}`)),
  };
}

function wrong(place: string, what: string): StepFailure {
  return new StepFailure(exitCodes.badInput, `${place} is not ${what}: this step was not started by Sluice`);
}

const isMap = (found: unknown): found is Readonly<Record<string, unknown>> =>
  typeof found === 'object' && found !== null && !Array.isArray(found);
const isText = (found: unknown): found is string => typeof found === 'string' && found !== '' && !found.includes('\0');
const isAnyText = (found: unknown): found is string => typeof found === 'string';
const isTexts = (found: unknown): found is readonly string[] => Array.isArray(found) && found.every(isAnyText);
const isTextMap = (found: unknown): found is Readonly<Record<string, string>> =>
  isMap(found) && Object.values(found).every(isAnyText);
const isNumber = (found: unknown): found is number => typeof found === 'number' && Number.isFinite(found) && found >= 0;
const isFlag = (found: unknown): found is boolean => typeof found === 'boolean';
const isSha = (found: unknown): found is string => typeof found === 'string' && sha.test(found);
const isDigestText = (found: unknown): found is Digest => typeof found === 'string' && isDigest(found);
const isShas = (found: unknown): found is readonly string[] => Array.isArray(found) && found.every(isSha);

import { plainLines } from '../../parse-commands.ts';
import { inlineCode } from '../../text/safe-markdown.ts';

/** A change named in a `Depends-On:` line. */
export interface DependencyRef {
  /** Null: the pull request's own project. As written; the forge takes names that differ in case only for one. */
  readonly project: { readonly owner: string; readonly name: string } | null;
  readonly number: number;
}

export interface RefusedDependency {
  /** Words of the author, cut; not made safe. */
  readonly line: string;
  /** What to write instead, as markdown of ours. */
  readonly because: string;
}

export interface ReadDependencies {
  /** In the order written, each once, at most 20. */
  readonly dependencies: readonly DependencyRef[];
  readonly refused: readonly RefusedDependency[];
}

const limits = { dependencies: 20, lineCharacters: 1024, shown: 80 };

const shortForm = /^(?:([A-Za-z0-9][\w-]{0,99})\/([\w.-]{1,100}))?#([1-9]\d{0,9})$/;
const urlForm =
  /^https?:\/\/([^/\s?#@]+)\/([A-Za-z0-9][\w-]{0,99})\/([\w.-]{1,100})\/pull\/([1-9]\d{0,9})(?:[/?#]\S*)?$/i;

function refOf(owner: string | undefined, name: string | undefined, digits: string | undefined): DependencyRef | null {
  const number = Number(digits);
  if (name === '.' || name === '..') return null;
  return { project: owner === undefined || name === undefined ? null : { owner, name }, number };
}

function parseReference(text: string, host: string): DependencyRef | null {
  const short = shortForm.exec(text);
  if (short) return refOf(short[1], short[2], short[3]);
  const url = urlForm.exec(text);
  return url?.[1]?.toLowerCase() === host.toLowerCase() ? refOf(url[2], url[3], url[4]) : null;
}

function written({ project, number }: DependencyRef): string {
  return project === null ? `#${number}` : `${project.owner}/${project.name}#${number}`;
}

function parseLine(rest: string, host: string): DependencyRef[] | null {
  const words = rest.split(/[\s,]+/).filter((word) => word !== '');
  const refs = words.flatMap((word) => parseReference(word, host) ?? []);
  return words.length === 0 || refs.length < words.length ? null : refs;
}

/**
 * The `Depends-On:` lines of a pull request's text, cleaned as commands are: they begin in column 0, outside quotes, code
 * blocks and HTML comments. Of a line that is not wholly understood nothing is taken.
 */
export function readDependencies(body: string, host: string): ReadDependencies {
  const found = new Map<string, DependencyRef>();
  const refused: RefusedDependency[] = [];
  const refuse = (line: string, because: string): void => {
    if (refused.length < limits.dependencies)
      refused.push({ line: line.slice(0, limits.shown).toWellFormed(), because });
  };
  const wanted = `write ${inlineCode('#12')}, ${inlineCode('owner/name#12')} or ${inlineCode(`https://${host}/owner/name/pull/12`)}, with commas between several`;
  for (const line of plainLines(body)) {
    const rest = /^depends-on[ \t]*:(.*)$/is.exec(line)?.[1];
    if (rest === undefined) continue;
    const refs = line.length > limits.lineCharacters ? null : parseLine(rest, host);
    if (refs === null) refuse(line, wanted);
    for (const ref of refs ?? []) {
      const key = written(ref).toLowerCase();
      if (!found.has(key)) found.set(key, ref);
    }
  }
  const all = [...found.values()];
  const surplus = all[limits.dependencies];
  if (surplus)
    refuse(written(surplus), `name at most ${limits.dependencies} changes: this one and what follows were left`);
  return { dependencies: all.slice(0, limits.dependencies), refused };
}

import type { z } from 'zod';
import { keysAt, schemaNodesAt } from '../json-schema.ts';
import { isMap, type Located, nodeAt } from '../yaml/located.ts';
import { type Finding, listOf, type Path, type PathStep, quote } from './finding.ts';
import { foreignName } from './foreign-names.ts';
import { nearestName } from './nearest-name.ts';

type Issue = z.core.$ZodIssue;

/** One issue of the schema as findings in our words; several where one issue names several keys. */
export function explainIssue(issue: Issue, root: Located, base: Path = []): Finding[] {
  const path = [...base, ...(issue.path as PathStep[])];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path));
    case 'invalid_union':
      return explainUnion(issue.errors, issue.message, path, root);
    case 'invalid_key':
      return issue.issues.map((inner) => ({ ...fault(inner, path, quote(String(path.at(-1)))), at: 'key' }));
    case 'invalid_value':
      return [wrongWord(issue.values.map(String), path, root)];
    case 'custom':
      return [fault(issue, path, shown(nodeAt(root, path)))];
    default:
      return [wrongKind(issue, path, root)];
  }
}

function fault(issue: Issue, path: Path, subject: string): Finding {
  const hint: unknown = issue.code === 'custom' ? issue.params?.hint : null;
  return { path, at: 'value', message: `${subject} ${issue.message}`, hint: typeof hint === 'string' ? hint : null };
}

function unknownKey(key: string, path: Path): Finding {
  return { path: [...path, key], at: 'key', message: `unknown key ${quote(key)}`, hint: () => keyHint(key, path) };
}

function keyHint(key: string, path: Path): string {
  const foreign = foreignName(key, path);
  if (foreign?.kind === 'sentence') return foreign.text;
  const known = keysAt(path);
  const near = foreign?.kind === 'ours' ? foreign.name : nearestName(key, known);
  return near === null ? `allowed here: ${known.map((each) => `\`${each}\``).join(', ')}` : `did you mean \`${near}\`?`;
}

// The branch of a union that a person meant is the one for the kind of value that was written.
function explainUnion(branches: readonly (readonly Issue[])[], expected: string, path: Path, root: Located): Finding[] {
  const meant = branches.filter((issues) => !issues.some(isWrongKindHere));
  const [only] = meant;
  if (meant.length === 1 && only !== undefined) return only.flatMap((issue) => explainIssue(issue, root, path));
  const words = wordsOf(branches.flat());
  const node = nodeAt(root, path);
  if (words.length > 0 && typeof node?.value === 'string') return [wrongWord(words, path, root)];
  return [expectation(expected, path, root)];
}

// Words that one of the branches, or of unions inside them, allows here.
function wordsOf(issues: readonly Issue[]): string[] {
  return issues.flatMap((issue) => {
    if (issue.path.length > 0) return [];
    if (issue.code === 'invalid_value') return issue.values.map(String);
    return issue.code === 'invalid_union' ? wordsOf(issue.errors.flat()) : [];
  });
}

function isWrongKindHere(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every((branch) => branch.some(isWrongKindHere));
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function wrongWord(words: readonly string[], path: Path, root: Located): Finding {
  const node = nodeAt(root, path);
  if (node === undefined) return missingKey(path);
  const near = typeof node.value === 'string' ? nearestName(node.value, words) : null;
  const example =
    typeof node.value === 'object' && typeof path.at(-1) === 'string' ? `write \`${path.at(-1)}: ${words[0]}\`` : null;
  const message = `expected ${listOf(words)}, found ${shown(node)}`;
  return { path, at: 'value', message, hint: near === null ? example : `did you mean \`${near}\`?` };
}

function wrongKind(issue: Issue, path: Path, root: Located): Finding {
  const node = nodeAt(root, path);
  if (node === undefined) return missingKey(path);
  if (issue.code === 'too_small' && Array.isArray(node.value)) {
    return { path, at: 'value', message: 'the list is empty', hint: 'leave the key out, or name something' };
  }
  return expectation(issue.message, path, root);
}

function missingKey(path: Path): Finding {
  const key = String(path.at(-1));
  const meaning = schemaNodesAt(path).find((node) => node.description !== undefined)?.description;
  return {
    path,
    at: 'value',
    message: `\`${key}\` is missing here`,
    hint: meaning === undefined ? null : `${key}: ${lowerFirst(meaning)}`,
  };
}

function expectation(expected: string, path: Path, root: Located): Finding {
  const node = nodeAt(root, path);
  if (node === undefined) return missingKey(path);
  return {
    path,
    at: 'value',
    message: `expected ${expected}, found ${found(node)}`,
    hint: kindHint(expected, node, path),
  };
}

function kindHint(expected: string, node: Located | undefined, path: Path): string | null {
  if (node === undefined) return null;
  const source = node.source ?? '';
  if (typeof node.value === 'number' || typeof node.value === 'boolean') {
    if (expected === 'true or false') return null;
    return expected.startsWith('a list') || expected.startsWith('a map') ? null : numberHint(expected, source);
  }
  if (expected === 'true or false' && /^(?:yes|no|on|off)$/i.test(source)) {
    return `write ${/^(?:yes|on)$/i.test(source) ? 'true' : 'false'}`;
  }
  if (expected === 'true or false' && /^(?:true|false)$/i.test(source))
    return `without quotes: ${source.toLowerCase()}`;
  if (expected.startsWith('a list') && node.source !== null && source !== '')
    return `write it as [${source.slice(0, 60)}]`;
  if (expected.startsWith('a list') && isMap(node)) return 'begin each entry with "- "';
  if (expected.startsWith('a map') && Array.isArray(node.value)) return 'write "NAME:" instead of "- "';
  return isMap(node) ? mapHint(node, path) : null;
}

function numberHint(expected: string, source: string): string | null {
  if (expected.startsWith('a whole number') || expected.startsWith('a numeric')) return null;
  return expected.startsWith('a duration')
    ? `write it with its unit: "${source}m" or "${source}s"`
    : `write it in quotes: "${source}"`;
}

function mapHint(node: Located, path: Path): string | null {
  for (const key of node.entries.keys()) {
    const foreign = foreignName(key, [...path, key]);
    if (foreign?.kind === 'sentence') return foreign.text;
  }
  return null;
}

function shown(node: Located | undefined): string {
  return typeof node?.value === 'string' ? quote(node.value) : found(node);
}

/** What stands in the file, in words. */
function found(node: Located | undefined): string {
  if (node === undefined) return 'nothing';
  if (Array.isArray(node.value)) return node.items.length === 0 ? 'an empty list' : 'a list';
  if (isMap(node)) return 'a map';
  if (node.value === null) return 'nothing';
  if (typeof node.value === 'string') return `the text ${quote(node.value)}`;
  return `the ${typeof node.value === 'boolean' ? 'value' : 'number'} ${node.source ?? String(node.value)}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

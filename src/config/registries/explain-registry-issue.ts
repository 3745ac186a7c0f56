import type { z } from 'zod';
import { type Finding, listOf, type Path, quote } from '../problems/finding.ts';
import { nearestName } from '../problems/nearest-name.ts';
import { type Located, nodeAt } from '../yaml/located.ts';
import { registrySchema, sourceSchema } from './registry-schema.ts';

const missing: Readonly<Record<string, string>> = {
  host: 'write the registry: `host: quay.io`',
  projects: 'name who may use it: `projects: [acme/api]`, or `["**"]` for every project that this server serves',
  uses: 'say for what: `uses: [upload, promote]`, `pull` for what jobs run in',
  user: 'name the variable that holds the name of the account',
  password: 'name the variable that holds the password or token',
};

function knownAt(path: Path): readonly string[] {
  if (path.at(-1) === 'env') return ['user', 'password'];
  return Object.keys((path.at(-1) === 'from' ? sourceSchema : registrySchema).shape);
}

/** What a file of the operator is about. */
export interface ListWords {
  /** By the last word of a path: what to write where it is missing. */
  readonly missing: Readonly<Record<string, string>>;
  readonly knownAt: (path: Path) => readonly string[];
}

function unknownKey(key: string, path: Path, known: readonly string[]): Finding {
  const near = nearestName(key, known);
  const hint = near === null ? `allowed here: ${listOf(known, 'and')}` : `did you mean \`${near}\`?`;
  return { path: [...path, key], at: 'key', message: `unknown key ${quote(key)}`, hint };
}

/** A text that stands where a name is expected may be the secret itself: it is shown only where it cannot be one. */
function shown(node: Located | undefined, path: Path): string {
  if (path.includes('from') || path.at(-1) === 'api') return `\`${path.at(-1)}\``;
  return quote(node?.source ?? String(node?.value));
}

/** One issue of the schema of SLUICE_REGISTRIES as findings in our words. */
export function explainRegistryIssue(issue: z.core.$ZodIssue, root: Located): Finding[] {
  return explainListIssue(issue, root, { missing, knownAt });
}

/** One issue of a list of the operator's as findings in our words. Nothing that stands below `from` is repeated. */
export function explainListIssue(issue: z.core.$ZodIssue, root: Located, { missing, knownAt }: ListWords): Finding[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path, knownAt(path)));
  const node = nodeAt(root, path);
  const last = String(path.at(-1));
  if (node === undefined)
    return [{ path, at: 'value', message: `\`${last}\` is missing`, hint: missing[last] ?? null }];
  if (issue.code === 'custom') {
    const hint: unknown = issue.params?.hint;
    const message = `${shown(node, path)} ${issue.message}`;
    return [{ path, at: 'value', message, hint: typeof hint === 'string' ? hint : null }];
  }
  if (issue.code === 'invalid_value') {
    const message = `${shown(node, path)} is not ${listOf(issue.values.map(String))}`;
    return [{ path, at: 'value', message, hint: null }];
  }
  const isOurs = issue.message === 'the list is empty';
  return [
    { path, at: 'value', message: isOurs ? issue.message : `expected ${issue.message}`, hint: missing[last] ?? null },
  ];
}

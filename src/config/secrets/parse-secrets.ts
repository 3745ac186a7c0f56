import { z } from 'zod';
import { readNamePattern } from '../../core/registry/name-pattern.ts';
import type { ConfigProblem } from '../../model/config.ts';
import type { SecretRule, SecretSource } from '../../model/job-secret.ts';
import type { NamePattern } from '../../model/registry-rule.ts';
import type { Finding, Path, PlacedFinding } from '../problems/finding.ts';
import { placeProblems } from '../problems/place-problems.ts';
import { explainListIssue } from '../registries/explain-registry-issue.ts';
import { isMap, type Located, placeFinding } from '../yaml/located.ts';
import { readDocument } from '../yaml/read-document.ts';
import { secretSchema, secretSourceSchema, type WrittenSecret } from './secret-schema.ts';

export type SecretsReading =
  | { readonly kind: 'rules'; readonly rules: readonly SecretRule[] }
  | { readonly kind: 'wrong'; readonly problems: readonly ConfigProblem[] };

const example = '- { name: npm-token, projects: [acme/api], from: { file: /run/npm-token } }';
const listSchema = z.array(secretSchema, { error: 'a list of secrets' }).min(1, { error: 'the list is empty' });
const nothing: PlacedFinding = { offset: 0, path: [], message: 'the file is empty', hint: `write ${example}` };

const words = {
  missing: {
    name: 'write what jobs call it: `name: npm-token`',
    projects: 'name who may have it: `projects: [acme/api]`, or `["**"]` for every project that this server serves',
    from: 'say where it is read: `from: { file: PATH }` or `{ env: NAME }`',
  },
  knownAt: (path: Path) => Object.keys((path.at(-1) === 'from' ? secretSourceSchema : secretSchema).shape),
};

/** The file that SLUICE_SECRETS names, or everything that is wrong with it, in the order of the file. Never throws. */
export function parseSecrets(text: string, file: string): SecretsReading {
  const { root, findings } = readDocument(text);
  if (root === null || (isMap(root) && root.entries.size === 0))
    return wrong(findings.length > 0 ? findings : [nothing], text, file);
  const parsed = listSchema.safeParse(root.value);
  const shape = parsed.success ? [] : parsed.error.issues.flatMap((issue) => explainListIssue(issue, root, words));
  const written = root.items.map(readEntry);
  const sources = written.flatMap((entry, index) => (entry === null ? [] : sourceFindings(entry, index)));
  const all = [...shape, ...sources].map((finding) => placeFinding(root, finding));
  if (findings.length + all.length > 0) return wrong([...findings, ...all], text, file);
  return { kind: 'rules', rules: written.flatMap((entry) => (entry === null ? [] : (toRule(entry) ?? []))) };
}

/** Each for itself, so that one broken entry does not hide what is wrong with the others. */
function readEntry(node: Located): WrittenSecret | null {
  const parsed = secretSchema.safeParse(node.value);
  return parsed.success ? parsed.data : null;
}

function sourcesOf({ from }: WrittenSecret): readonly SecretSource[] {
  return [
    ...(from.file === undefined ? [] : [{ kind: 'file' as const, path: from.file }]),
    ...(from.env === undefined ? [] : [{ kind: 'env' as const, name: from.env }]),
  ];
}

function sourceFindings(written: WrittenSecret, index: number): Finding[] {
  const sources = sourcesOf(written).length;
  if (sources === 1) return [];
  const message = sources === 0 ? 'it is not said where the secret is read' : 'the secret is read in two places';
  return [{ path: [index, 'from'], at: 'value', message, hint: words.missing.from }];
}

const patternsOf = (texts: readonly string[]): readonly NamePattern[] =>
  texts.flatMap((text) => readNamePattern(text) ?? []);

function toRule(written: WrittenSecret): SecretRule | null {
  const [from] = sourcesOf(written);
  if (from === undefined) return null;
  return {
    name: written.name,
    projects: written.projects.flatMap((each): readonly (number | NamePattern)[] =>
      typeof each === 'number' ? [each] : patternsOf([each.toLowerCase()]),
    ),
    branches: patternsOf(written.branches),
    pipelines: written.pipelines,
    from,
  };
}

function wrong(findings: readonly PlacedFinding[], text: string, file: string): SecretsReading {
  return { kind: 'wrong', problems: placeProblems(findings, text, file) };
}

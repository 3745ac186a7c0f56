import { z } from 'zod';
import { findTies } from '../../core/registry/find-ties.ts';
import { readNamePattern } from '../../core/registry/name-pattern.ts';
import { registryHost } from '../../core/registry/read-repository.ts';
import type { ConfigProblem } from '../../model/config.ts';
import type { KnownRegistry, NamePattern, RegistryRule, RegistrySource } from '../../model/registry-rule.ts';
import type { Finding, PlacedFinding } from '../problems/finding.ts';
import { placeProblems } from '../problems/place-problems.ts';
import { isMap, type Located, placeFinding } from '../yaml/located.ts';
import { readDocument } from '../yaml/read-document.ts';
import { explainRegistryIssue } from './explain-registry-issue.ts';
import { registrySchema, type WrittenRegistry } from './registry-schema.ts';

export type RegistriesReading =
  | { readonly kind: 'rules'; readonly rules: readonly RegistryRule[] }
  | { readonly kind: 'wrong'; readonly problems: readonly ConfigProblem[] };

const example = '- { host: quay.io, projects: [acme/api], uses: [upload, promote], from: { secret: quay } }';
const listSchema = z.array(registrySchema, { error: 'a list of credentials' }).min(1, { error: 'the list is empty' });
const nothing: PlacedFinding = { offset: 0, path: [], message: 'the file is empty', hint: `write ${example}` };

/** The file that SLUICE_REGISTRIES names, or everything that is wrong with it, in the order of the file. Never throws. */
export function parseRegistries(text: string, file: string): RegistriesReading {
  const { root, findings } = readDocument(text);
  if (root === null || (isMap(root) && root.entries.size === 0))
    return wrong(findings.length > 0 ? findings : [nothing], text, file);
  const parsed = listSchema.safeParse(root.value);
  const shape = parsed.success ? [] : parsed.error.issues.flatMap((issue) => explainRegistryIssue(issue, root));
  const written = root.items.map((node) => readEntry(node));
  const found = [
    ...shape,
    ...written.flatMap((entry, index) =>
      entry === null ? [] : [...sourceFindings(entry, index), ...apiFindings(entry, index)],
    ),
  ];
  const rules = written.map((entry) => (entry === null ? null : toRule(entry)));
  const all = [...found, ...tieFindings(rules), ...kindFindings(rules)].map((finding) => placeFinding(root, finding));
  if (findings.length + all.length > 0) return wrong([...findings, ...all], text, file);
  return { kind: 'rules', rules: rules.flatMap((rule) => rule ?? []) };
}

/** Each for itself, so that one broken entry does not hide what is wrong with the others. */
function readEntry(node: Located): WrittenRegistry | null {
  const parsed = registrySchema.safeParse(node.value);
  return parsed.success ? parsed.data : null;
}

function sourcesOf({ from, anonymous }: WrittenRegistry): readonly RegistrySource[] {
  return [
    ...(from?.file === undefined ? [] : [{ kind: 'file' as const, path: from.file }]),
    ...(from?.env === undefined ? [] : [{ kind: 'env' as const, ...from.env }]),
    ...(from?.secret === undefined ? [] : [{ kind: 'secret' as const, name: from.secret }]),
    ...(anonymous === true ? [{ kind: 'anonymous' as const }] : []),
  ];
}

function sourceFindings(written: WrittenRegistry, index: number): Finding[] {
  const sources = sourcesOf(written).length;
  if (sources === 1) return [];
  const path = written.from === undefined ? [index] : [index, 'from'];
  const hint =
    'write one of `from: { secret: NAME }`, `{ file: PATH }`, `{ env: { user, password } }`, or `anonymous: true`';
  const message =
    sources === 0 ? 'it is not said where the credential is read' : 'the credential is read in two places';
  return [{ path, at: 'value', message, hint }];
}

function tieFindings(rules: readonly (RegistryRule | null)[]): Finding[] {
  const kept = rules.flatMap((rule, index) => (rule === null ? [] : [{ rule, index }]));
  return findTies(kept.map(({ rule }) => rule)).map(({ first, second, both }) => ({
    path: [kept[second]?.index ?? 0],
    at: 'value' as const,
    message: `nothing tells it from [${kept[first]?.index ?? 0}]: both are for ${both}`,
    hint: 'name another repository, project, branch or use in one of them',
  }));
}

/** The credential is shown there, too. */
function apiFindings({ kind, api, insecure }: WrittenRegistry, index: number): Finding[] {
  if (api === undefined) return [];
  const path = [index, 'api'];
  if (kind === undefined)
    return [{ path, at: 'key', message: '`api` stands without `kind`', hint: 'write what it is: `kind: gitlab`' }];
  if (insecure || api.startsWith('https:')) return [];
  const hint = 'write https://, or `insecure: true`';
  return [{ path, at: 'value', message: 'the credential would be sent in the clear', hint }];
}

function knownOf({ kind, api }: WrittenRegistry): KnownRegistry | null {
  if (kind === undefined) return null;
  return api === undefined ? { kind } : { kind, api };
}

/** Of one host it is said once what it is, or each time the same. */
function kindFindings(rules: readonly (RegistryRule | null)[]): Finding[] {
  const first = new Map<string, { readonly said: string; readonly index: number }>();
  return rules.flatMap((rule, index): Finding[] => {
    if (!rule?.known) return [];
    const said = [rule.known.kind, rule.known.api].filter(Boolean).join(' at ');
    const before = first.get(rule.host);
    first.set(rule.host, before ?? { said, index });
    if (before === undefined || before.said === said) return [];
    const message = `${rule.host} is ${said} here, and ${before.said} in [${before.index}]`;
    return [{ path: [index, 'kind'], at: 'value', message, hint: 'say it once' }];
  });
}

const patternsOf = (texts: readonly string[]): readonly NamePattern[] =>
  texts.flatMap((text) => readNamePattern(text) ?? []);

function toRule(written: WrittenRegistry): RegistryRule | null {
  const [from] = sourcesOf(written);
  if (from === undefined) return null;
  return {
    host: registryHost(written.host),
    repositories: patternsOf(written.repositories),
    projects: written.projects.flatMap((each): readonly (number | NamePattern)[] =>
      typeof each === 'number' ? [each] : patternsOf([each.toLowerCase()]),
    ),
    branches: patternsOf(written.branches),
    uses: written.uses,
    from,
    insecure: written.insecure,
    ca: written.ca ?? null,
    known: knownOf(written),
  };
}

function wrong(findings: readonly PlacedFinding[], text: string, file: string): RegistriesReading {
  return { kind: 'wrong', problems: placeProblems(findings, text, file) };
}

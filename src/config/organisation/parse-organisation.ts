import type { ConfigProblem } from '../../model/config.ts';
import { explainIssue } from '../problems/explain-issue.ts';
import { type Finding, listOf, type Path, type PlacedFinding, quote } from '../problems/finding.ts';
import { nearestName } from '../problems/nearest-name.ts';
import { organisationSchema, type WrittenSelector } from '../schema/organisation.ts';
import { projectSchema } from '../schema/project.ts';
import { toSourceText } from '../source-text.ts';
import { isBroken, type Located, nodeAt, placeFinding } from '../yaml/located.ts';
import { moveBy } from '../yaml/overlay.ts';
import { readDocument } from '../yaml/read-document.ts';
import { explainOrganisationIssue, matchHint } from './explain-organisation-issue.ts';
import { fileIndex, fileSpan, type SourceFile, toProblem } from './places.ts';
import { type Selector, toSelector } from './selector.ts';

/** What an organisation says of its repositories. The documents stand where `fileIndex` says. */
export interface Organisation {
  readonly source: SourceFile;
  /** Below everything that any of its repositories says; null: nothing. */
  readonly defaults: Located | null;
  readonly templates: ReadonlyMap<string, Located>;
  readonly selectors: readonly Selector[];
}

export type OrganisationReading =
  | { readonly kind: 'valid'; readonly organisation: Organisation }
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] };

const mostProblems = 100;

/** One part of the file that has the keys of a `.sluice.yaml`. */
interface Fragment {
  readonly path: Path;
  readonly node: Located;
}

/**
 * `sluice.yaml` of an organisation, or everything that is wrong with it, in the order of the file. Templates are parts of a
 * file: here they are only held against its keys and values, what they come to is checked with each repository. Never throws.
 */
export function parseOrganisation(text: string, file: string): OrganisationReading {
  const source = { file, source: toSourceText(text) };
  const { root, findings } = readDocument(text);
  if (root === null) return invalid(findings, source);
  const parsed = organisationSchema.safeParse(root.value);
  const shape = parsed.success ? [] : parsed.error.issues.flatMap((issue) => explainOrganisationIssue(issue, root));
  const fragments = fragmentsOf(root);
  const selectors = parsed.success ? [parsed.data.repos ?? []].flat() : [];
  const names = fragments.templates.map(({ path }) => String(path.at(-1)));
  const own = [...shape, ...selectors.flatMap((selector, index) => selectorFlaws(selector, at(root, index), names))];
  const told = own.filter((finding) => !isBroken(root, finding.path)).map((finding) => placeFinding(root, finding));
  const inside = [...fragments.defaults, ...fragments.templates].flatMap(fragmentFlaws);
  const all = [...findings, ...told, ...inside];
  if (all.length > 0) return invalid(all, source);
  const templates = new Map(fragments.templates.map((each) => [String(each.path.at(-1)), moved(each)]));
  const [defaults] = fragments.defaults.map(moved);
  const organisation = { source, defaults: defaults ?? null, templates, selectors: selectors.map(toSelector) };
  return { kind: 'valid', organisation };
}

function moved({ node }: Fragment): Located {
  return moveBy(fileIndex.organisation * fileSpan, node);
}

/** A selector stands in a list, or alone. */
function at(root: Located, index: number): Path {
  return Array.isArray(nodeAt(root, ['repos'])?.value) ? ['repos', index] : ['repos'];
}

function fragmentsOf(root: Located): {
  readonly defaults: readonly Fragment[];
  readonly templates: readonly Fragment[];
} {
  const defaults = nodeAt(root, ['defaults']);
  const templates = [...(nodeAt(root, ['templates'])?.entries ?? [])];
  return {
    defaults: defaults === undefined ? [] : [{ path: ['defaults'], node: defaults }],
    templates: templates.map(([name, { node }]) => ({ path: ['templates', name], node })),
  };
}

function fragmentFlaws({ path, node }: Fragment): PlacedFinding[] {
  const parsed = projectSchema.safeParse(node.value);
  const shape = parsed.success ? [] : parsed.error.issues.flatMap((issue) => explainIssue(issue, node));
  const chained: Finding = {
    path: ['extends'],
    at: 'key',
    message: 'what is extended extends nothing itself',
    hint: 'name both where it is used: `extends: [one@v1, other@v1]`, or `apply: [one@v1, other@v1]`',
  };
  const found = node.entries.has('extends') ? [...shape, chained] : shape;
  return found
    .filter((finding) => !isBroken(node, finding.path))
    .map((finding) => ({ ...placeFinding(node, finding), path: [...path, ...finding.path] }));
}

function selectorFlaws({ match, apply }: WrittenSelector, path: Path, names: readonly string[]): readonly Finding[] {
  const isEmpty = Object.values(match).every((each) => each === undefined);
  const nobody: Finding = {
    path: [...path, 'match'],
    at: 'key',
    message: 'it is not said which',
    hint: matchHint,
  };
  const unknown = unknownTemplates(apply, [...path, 'apply'], names);
  return isEmpty ? [nobody, ...unknown] : unknown;
}

/** The names in a list of templates, or the only one, that the organisation does not have. */
export function unknownTemplates(
  named: string | readonly string[],
  path: Path,
  names: readonly string[],
): readonly Finding[] {
  return [named].flat().flatMap((name, index): readonly Finding[] => {
    if (names.includes(name)) return [];
    const hint = (): string => {
      const near = nearestName(name, names);
      if (near !== null) return `did you mean \`${near}\`?`;
      return names.length === 0 ? 'it has no templates yet' : `templates are ${listOf(names.slice(0, 20), 'and')}`;
    };
    const message = `the organisation has no template ${quote(name)}`;
    return [{ path: Array.isArray(named) ? [...path, index] : path, at: 'value', message, hint }];
  });
}

function invalid(findings: readonly PlacedFinding[], source: SourceFile): OrganisationReading {
  const sorted = findings.toSorted((one, other) => one.offset - other.offset).slice(0, mostProblems);
  return { kind: 'invalid', problems: sorted.map((finding) => toProblem(finding, [source])) };
}

import type { Finding, PlacedFinding } from '../problems/finding.ts';
import { defaultJobNames } from '../resolve/default-jobs.ts';
import { reportRepeated } from '../resolve/report-repeated.ts';
import { templateName } from '../schema/project.ts';
import { toSourceText } from '../source-text.ts';
import { type Located, nodeAt, placeFinding } from '../yaml/located.ts';
import { moveBy, overlay, type TakesAway } from '../yaml/overlay.ts';
import { rememberDocument } from '../yaml/remember-document.ts';
import { type Organisation, unknownTemplates } from './parse-organisation.ts';
import { fileIndex, fileSpan, type SourceFile } from './places.ts';
import { meansFiles, meansRepository, type SelectedRepository } from './selector.ts';

/** What the organisation says, for one commit of one of its repositories. */
export interface OrganisationView {
  readonly kind: 'seen';
  readonly organisation: Organisation;
  readonly repository: SelectedRepository;
  /** Whether the commit has a regular file there. */
  readonly has: (path: string) => boolean;
  /** The organisation's file for this repository alone; null: it has none. */
  readonly repositoryFile: { readonly file: string; readonly text: string } | null;
}

/** Why no template is known here, for whoever names one; `hint`: what to do. */
export interface NoOrganisation {
  readonly kind: 'none';
  readonly because: string;
  readonly hint: string;
}

/** A file on top of what its organisation says. */
export interface PutTogether {
  readonly root: Located;
  readonly findings: readonly PlacedFinding[];
  /** In the order of `fileIndex`, without the repository's own. */
  readonly others: readonly (SourceFile | null)[];
  /** Templates below it, lowest first. */
  readonly templates: readonly string[];
}

const takesAway: TakesAway = ([section, name, ...deeper], node) => {
  // A default job must be told that it is gone; any other of that name is then gone as well.
  if (section === 'jobs' && deeper.length === 0 && name !== undefined) return !defaultJobNames.includes(name);
  // A key with nothing behind it is more likely a line that was not finished.
  return node.source !== '';
};

/** `own` on top of the organisation's defaults, templates and file for this repository (config.md, "Where it lives" 3). */
export function putTogether(own: Located, view: OrganisationView | NoOrganisation): PutTogether {
  if (view.kind === 'none') return { root: own, findings: withoutOrganisation(own, view), others: [], templates: [] };
  const { organisation, repositoryFile } = view;
  const above = repositoryFile === null ? null : readMoved(repositoryFile.text);
  const named = readExtends(own) ?? readExtends(above?.root ?? null);
  const templates = named?.names ?? appliedTo(view);
  const layers = [
    organisation.defaults,
    ...templates.map((name) => organisation.templates.get(name) ?? null),
    above?.root ?? null,
    own,
  ].filter((layer) => layer !== null);
  const found = named === null ? [] : named.flaws([...organisation.templates.keys()]);
  return {
    root: layers.reduce((lower, upper) => overlay(lower, upper, takesAway)),
    findings: [...(above?.findings ?? []), ...found],
    others: [
      organisation.source,
      repositoryFile && { file: repositoryFile.file, source: toSourceText(repositoryFile.text) },
    ],
    templates: templates.filter((name) => organisation.templates.has(name)),
  };
}

function readMoved(text: string): { readonly root: Located | null; readonly findings: readonly PlacedFinding[] } {
  const distance = fileIndex.repositoryFile * fileSpan;
  const { root, findings } = rememberDocument(text);
  return {
    root: root === null ? null : moveBy(distance, root),
    findings: findings.map((finding) => ({ ...finding, offset: finding.offset + distance })),
  };
}

/** Templates of the selectors that mean this commit, each once, at its last place. */
export function appliedTo({ organisation, repository, has }: OrganisationView): readonly string[] {
  const meant = organisation.selectors.filter(
    (selector) => meansRepository(selector, repository) && meansFiles(selector, has),
  );
  return [...new Set(meant.flatMap(({ apply }) => apply).reverse())].reverse();
}

interface Named {
  readonly names: readonly string[];
  /** What is wrong with the list, where these are the names that there are. */
  readonly flaws: (known: readonly string[]) => readonly PlacedFinding[];
}

/** Null where the document does not say, or says what the schema refuses. */
function readExtends(root: Located | null): Named | null {
  const node = root === null ? undefined : nodeAt(root, ['extends']);
  if (root === null || node === undefined) return null;
  const written = [node.value].flat();
  if (!written.every((name): name is string => templateName.safeParse(name).success)) return null;
  const value = Array.isArray(node.value) ? written : (written[0] ?? '');
  const flaws = (known: readonly string[]) => {
    const found: Finding[] = [...unknownTemplates(value, ['extends'], known)];
    reportRepeated(written, ['extends'], (finding) => void found.push(finding));
    return found.map((finding) => placeFinding(root, finding));
  };
  return { names: written, flaws };
}

function withoutOrganisation(own: Located, { because, hint }: NoOrganisation): readonly PlacedFinding[] {
  const named = readExtends(own)?.names ?? [];
  if (named.length === 0) return [];
  return [placeFinding(own, { path: ['extends'], at: 'key', message: because, hint })];
}

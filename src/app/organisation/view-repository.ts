import { firstProblem } from '../../config/organisation/first-problem.ts';
import type { NoOrganisation, OrganisationView } from '../../config/organisation/put-together.ts';
import { filesAsked } from '../../config/organisation/selector.ts';
import { escapeMarkdown } from '../../core/text/safe-markdown.ts';
import { fileForRepository } from '../../model/organisation.ts';
import { fullName, type Project } from '../../model/project.ts';
import type { Source, TreeEntry } from '../../ports/source.ts';
import { readRegularFile } from '../read-regular-file.ts';
import type { OrganisationState } from './seen-organisation.ts';

/** An organisation's state with what the forge shows of one of its repositories. */
export interface RepositoryGround {
  readonly state: OrganisationState;
  readonly topics: readonly string[];
}

/** Paths that the organisation wants to know of in a commit of this repository. */
export function pathsAsked(project: Project, { state, topics }: RepositoryGround): readonly string[] {
  return state.kind === 'seen' ? filesAsked(state.organisation.selectors, { name: project.name, topics }) : [];
}

/** What the organisation says for a commit with these entries; `refused`: its own file for this repository cannot be used. */
export async function viewRepository(
  source: Pick<Source, 'entries' | 'readText'>,
  project: Project,
  { state, topics }: RepositoryGround,
  entries: ReadonlyMap<string, TreeEntry>,
): Promise<
  OrganisationView | NoOrganisation | { readonly kind: 'refused'; readonly file: string; readonly because: string }
> {
  if (state.kind === 'none') return state;
  const path = fileForRepository(project.name);
  const own = await readRegularFile(source, state.project, state.commit, path);
  const file = `${fullName(state.project)}/${path}`;
  if (own.kind === 'refused') return { kind: 'refused', file, because: own.because };
  return {
    kind: 'seen',
    organisation: state.organisation,
    repository: { name: project.name, topics },
    has: (asked) => entries.get(asked)?.kind === 'file',
    repositoryFile: own.kind === 'text' ? { file, text: own.text } : null,
  };
}

/** What people should read in every repository while the organisation's newest file is broken, as sentences without a point. */
export function organisationNotes(state: OrganisationState): readonly string[] {
  if (state.broken === null) return [];
  const what = `the organisation's defaults are invalid at ${state.broken.commit.slice(0, 12)} (${escapeMarkdown(firstProblem(state.broken.problems))})`;
  if (state.kind === 'none') return [`${what} and were never valid: nothing of them counts`];
  return [`${what}: those of ${state.commit.slice(0, 12)}, the last valid ones, count`];
}

/** The same for the same files: what counts, what is wrong besides, and the topics that selectors look at. */
export function groundKey({ state, topics }: RepositoryGround): string {
  const counts = state.kind === 'seen' ? state.commit : state.because;
  return JSON.stringify([counts, state.broken?.commit ?? null, topics]);
}

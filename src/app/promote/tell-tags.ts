import { tagsWanted } from '../../core/gate/claim-tags.ts';
import { tagKey } from '../../core/promote/own-tags.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { AppContext } from '../context.ts';
import type { PresubmitReaders } from '../observe-presubmit.ts';
import { tagsOfOthers } from './foreign-tags.ts';

/** Which tags in the file of a merged tree another branch has, in words for its author; the gate would not land it (images.md §3.2). */
export async function tellTagsOfOthers(
  context: AppContext,
  readers: PresubmitReaders,
  project: Project,
  branch: string,
  tree: Sha,
): Promise<readonly string[]> {
  const file = await readers.config.configAt(project, tree);
  const wanted = file.kind === 'valid' ? tagsWanted(file.config, branch) : [];
  if (wanted.length === 0) return [];
  const records = await readers.lines();
  const own = records.find((each) => each.project.id === project.id && each.branch === branch);
  const claimant = { project, branch, claims: own?.claims ?? [] };
  const owners = await tagsOfOthers(context, readers, claimant, wanted, records);
  return [...new Set(wanted.flatMap(({ repository, tag }) => owners.get(tagKey(repository, tag)) ?? []))];
}

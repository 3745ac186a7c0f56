import { type PodManifest, podKeys } from '../../../src/model/pod.ts';
import { parseSubjectId } from '../../../src/model/subject.ts';
import { gitOf } from '../gate/move-branch.ts';
import { repositoryOf, stepInput, type Watched } from '../ground-truth.ts';
import { checkVersionOnly } from '../version/check-version-only.ts';

/** Of what was pushed, tagged or released, or runs by the clock. */
export function isOfPushed({ metadata }: PodManifest): boolean {
  const kind = parseSubjectId(metadata.annotations[podKeys.subject] ?? '')?.kind;
  return kind === 'push' || kind === 'release' || kind === 'periodic';
}

/** S6 and S7: what is built with all trust is a whole commit that a branch of the project itself held. */
export function checkPushed(watched: Watched, manifest: PodManifest): void {
  const { sim, forge } = watched;
  const { name, annotations, labels } = manifest.metadata;
  const repository = repositoryOf(forge, manifest);
  const subject = parseSubjectId(annotations[podKeys.subject] ?? '');
  const commit = annotations[podKeys.commit];
  const found = repository && gitOf(repository).model.get(commit ?? '');
  if (!repository || !found || subject === null) {
    sim.violate('S6', `${name} builds ${commit}, which is in no repository`);
    return;
  }
  const { base, heads, tree } = stepInput(manifest);
  if (base !== commit || heads?.length !== 0 || tree !== found.tree || annotations[podKeys.tree] !== found.tree)
    sim.violate('S6', `${name} builds the tree ${tree}, planned for ${commit}: ${found.tree}`);
  if (labels['sluice.dev/trust'] !== 'trusted') sim.violate('S7', `${name} counts as ${labels['sluice.dev/trust']}`);
  const { model } = gitOf(repository);
  const branches = 'branch' in subject ? [subject.branch] : [...repository.branches.keys()];
  const held = branches.flatMap((branch) => repository.branches.get(branch)?.all() ?? []);
  if (!held.some((tip) => model.contains(tip, found.sha)))
    sim.violate('S7', `${name} builds ${commit} as trusted, which ${branches.join(', ')} never held`);
  if (subject.kind === 'push') checkVersionOnly(watched, repository, subject.branch, manifest, found.sha);
  sim.note(`start: a pod of a ${subject.kind}`);
}

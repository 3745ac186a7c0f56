import type { LedgerDetail } from '../../../src/model/ledger.ts';
import { type PodManifest, podKeys } from '../../../src/model/pod.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { isQueue, parseSubjectId } from '../../../src/model/subject.ts';
import type { Repository } from '../forge-world.ts';
import { repositoryOf, stepInput, type Watched } from '../ground-truth.ts';
import type { Pod } from '../pod-life.ts';
import { digestOf, uploadOf } from '../uploader.ts';
import { makesDev } from '../version/makes-dev.ts';
import { gitOf } from './move-branch.ts';
import { landingsOf, ourEntries } from './owned-tags.ts';
import { isApprovedSince } from './truth.ts';

/** A view may be so old in the queue. */
const viewMs = 330_000;

export function isOfGate(manifest: PodManifest): boolean {
  return isQueue(parseSubjectId(manifest.metadata.annotations[podKeys.subject] ?? ''));
}

function isTipOf(repository: Repository, commit: string | undefined): boolean {
  return [...repository.branches.values()].some((tip) => tip.all().some((each) => each === commit));
}

/**
 * S6 and S7: what runs with an approval is a commit of ours, of changes that were approved as they are, on a tip; or a tip
 * itself, where it is asked whether that is to blame.
 */
export function checkCandidate(watched: Watched, manifest: PodManifest): void {
  const { sim, forge } = watched;
  const repository = repositoryOf(forge, manifest);
  const { name, annotations, labels } = manifest.metadata;
  const commit = annotations[podKeys.commit] as Sha | undefined;
  const found = repository?.git?.model.get(commit ?? '');
  const isTip = repository && (isTipOf(repository, commit) || isRecorded(repository, commit));
  if (!repository || !found || (!found.made && !isTip)) {
    sim.violate('S6', `${name} tests ${commit}, which is no candidate`);
    return;
  }
  sim.note(isTip ? 'start: a tip is asked' : 'start: a pod of the gate');
  const { base, heads, tree } = stepInput(manifest);
  if (base !== commit || heads?.length !== 0 || tree !== found.tree || annotations[podKeys.tree] !== found.tree)
    sim.violate('S6', `${name} builds the tree ${tree}, planned for ${commit}: ${found.tree}`);
  if (labels['sluice.dev/trust'] !== 'approved') sim.violate('S7', `${name} counts as ${labels['sluice.dev/trust']}`);
  checkMembers(watched, repository, found.sha);
}

/** Down to a commit that the branch had. */
function checkMembers(watched: Watched, repository: Repository, commit: Sha): void {
  const { sim } = watched;
  const { model } = gitOf(repository);
  const tips = new Set<string>([...repository.branches.values()].flatMap((tip) => tip.all()));
  if (isRecorded(repository, commit)) return;
  const now = sim.time.now();
  const from = now - watched.age - viewMs;
  let depth = 0;
  for (let at = commit; !tips.has(at); depth += 1) {
    const made = model.get(at)?.made;
    if (!made) {
      sim.violate('S6', `${commit} stands on ${at}, which no branch ever had`);
      return;
    }
    const pull = repository.pulls.get(made.number);
    if (!pull || !isApprovedSince(repository, pull, made.head, from, now))
      sim.violate('S6', `a candidate holds ${made.head} of #${made.number}, which nobody approved`);
    at = made.parent;
  }
  if (depth > 1) sim.note('start: a candidate on what is ahead');
}

export function isOfPromotion(manifest: PodManifest): boolean {
  return parseSubjectId(manifest.metadata.annotations[podKeys.subject] ?? '')?.kind === 'promote';
}

/** The ledger records something else in the place of what this pod uploaded: to have that back helps nobody. */
export function isReplaced({ forge }: Pick<Watched, 'forge'>, manifest: PodManifest): boolean {
  const repository = repositoryOf(forge, manifest);
  const place = uploadOf(manifest);
  if (!repository || place === null || !isOfPromotion(manifest)) return false;
  const digest = digestOf(manifest);
  const branches = [...gitOf(repository).ledgers.keys()];
  return branches
    .flatMap((branch) => landingsOf(gitOf(repository), ourEntries(gitOf(repository), branch)))
    .some(({ landed, images, ever }) => {
      const isOfIt = landed.commit === manifest.metadata.annotations[podKeys.commit];
      return isOfIt && ever.some((each) => each.digest === digest) && images.every((each) => each.digest !== digest);
    });
}

/** The branch was moved since it began, away from what it builds: with the branch back, that is wanted again. */
export function wasTakenBack(
  { forge }: Pick<Watched, 'forge'>,
  { manifest, createdAt }: Pick<Pod, 'manifest' | 'createdAt'>,
): boolean {
  const repository = repositoryOf(forge, manifest);
  if (!repository || !isOfPromotion(manifest)) return false;
  const { entries } = gitOf(repository);
  return [...entries.values()].some(({ at, detail }) => detail.kind === 'reset' && at >= createdAt);
}

/** It has landed, or what was built of it after a push is in the ledger. */
function isRecorded(repository: Repository, commit: string | undefined): boolean {
  return [...gitOf(repository).entries.values()].some(
    ({ detail }) => (detail.kind === 'landed' || detail.kind === 'pushed') && detail.commit === commit,
  );
}

function isLanding(detail: LedgerDetail, commit: string | undefined): boolean {
  return detail.kind === 'landed' && detail.commit === commit;
}

/** Nobody's code runs where the credential is that promotes: one step of ours, for what has landed. */
export function checkPromoter({ sim, forge }: Watched, { metadata, spec }: PodManifest): void {
  const { name, annotations, labels } = metadata;
  const commit = annotations[podKeys.commit];
  const landed = [...forge.repositories.values()].some((repository) => isRecorded(repository, commit));
  if (!landed) sim.violate('S7', `${name} promotes ${commit}, which never landed`);
  const steps = [...spec.initContainers, ...spec.containers].map((container) => container.name);
  if (steps.join() !== 'promote') sim.violate('S5', `${name} promotes, and runs ${steps.join()}`);
  if (labels['sluice.dev/trust'] !== 'trusted') sim.violate('S7', `${name} counts as ${labels['sluice.dev/trust']}`);
  sim.note('start: a pod promotes');
}

/** What is built again is trusted, and it is what has landed. */
export function checkRebuild({ sim, forge }: Watched, manifest: PodManifest): void {
  const { name, annotations, labels } = manifest.metadata;
  const repository = repositoryOf(forge, manifest);
  const commit = annotations[podKeys.commit];
  const { base, heads, tree } = stepInput(manifest);
  const landed = repository && isRecorded(repository, commit);
  const found = repository && gitOf(repository).model.get(commit ?? '');
  if (!landed || !found) sim.violate('S7', `${name} builds ${commit} as trusted, which never landed`);
  else if (base !== commit || heads?.length !== 0 || tree !== found.tree)
    sim.violate('S6', `${name} builds the tree ${tree}, landed is ${found.tree}`);
  if (labels['sluice.dev/trust'] !== 'trusted') sim.violate('S7', `${name} counts as ${labels['sluice.dev/trust']}`);
  const git = repository?.git;
  const own = [...(git?.entries.values() ?? [])].find(({ detail }) => isLanding(detail, commit));
  if (
    git &&
    own?.detail.kind === 'landed' &&
    !makesDev(git, own.branch, own.detail.since ?? own.detail.from, own.detail.commit)
  )
    sim.violate('V6', `${name} builds ${commit}, of which nothing is published`);
  sim.note('start: what landed is built again');
}

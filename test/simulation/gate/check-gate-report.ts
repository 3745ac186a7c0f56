import type { CheckRunReport } from '../../../src/model/check-run.ts';
import { podKeys } from '../../../src/model/pod.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { Repository } from '../forge-world.ts';
import type { Watched } from '../ground-truth.ts';
import type { Pod } from '../pod-life.ts';
import { failsOn, gateJobsOf, isHiddenRed } from './configs.ts';
import { gitOf } from './move-branch.ts';
import type { RepositoryGit } from './repository-git.ts';
import { podsOf, whyNotGreen } from './truth.ts';

const prefix = 'sluice/gate/';
/** How long before it is told a change may have been rejected. */
const toldMs = 45 * 60_000;
/** Timeout of every job that counts (projects.ts, configs.ts). */
const jobMs = 10 * 60_000;
/** What cannot be written while the App is suspended is told when that is over. */
const suspendedMs = 3_600_000;

export function isGateCheck({ name }: { readonly name: string }): boolean {
  return name.startsWith(prefix);
}

/** Why a change may be rejected where it stood alone on the tip; null: it did nothing wrong there. */
function blameOn(watched: Watched, repository: Repository, tip: Sha, head: Sha): string | null {
  const { model } = gitOf(repository);
  const candidates = model.madeOn(tip, head);
  const before = model.filesAt(tip) ?? {};
  const { method = 'merge', images = null } = watched.sim.knobs.queues ?? {};
  const onTip = gateJobsOf(before, images);
  const made = model.tryMaking({ parent: tip, head, method });
  // Commit by commit it may conflict where the whole of it does not.
  if (made.kind === 'conflict' || made.kind === 'impossible') return `it cannot be made there (${made.kind})`;
  for (const { sha } of candidates) {
    const files = model.filesAt(sha) ?? {};
    const jobs = gateJobsOf(files, images);
    // A change that repairs the branch's file answers for what it makes of it; of several commits, with the last of them.
    if (!jobs && !onTip) continue;
    if (!jobs?.some(({ voting }) => voting)) return 'its configuration lets nothing count';
    const failed = jobs.find(
      // What fails on the tip by itself is nobody's fault who stands on it.
      ({ name }) =>
        !(failsOn(before, name) && onTip?.some((each) => each.name === name)) &&
        podsOf(watched, sha, name).some((pod) => hasFailed(pod, watched.sim.time.now())),
    );
    if (failed) return `${failed.name} failed`;
  }
  return null;
}

/** It hung for all of its time: whoever deletes it then takes nothing of that back. */
function hasFailed({ phase, work, startedAt, goneAt }: Pod, now: number): boolean {
  return phase === 'failed' || (work === 'hangs' && startedAt !== null && (goneAt ?? now) - startedAt >= jobMs);
}

/** What the branch was at since this moment, with what landed by the same push as another and so was its tip for nobody. */
function tipsSince(repository: Repository, branch: string, moment: number): readonly Sha[] {
  const inside = [...gitOf(repository).entries.values()].flatMap(({ detail, branch: of }) =>
    of === branch && detail.kind === 'landed' && detail.within ? [detail.commit] : [],
  );
  return [...(repository.branches.get(branch)?.since(moment) ?? []), ...inside];
}

function checkRejection(watched: Watched, repository: Repository, branch: string, head: Sha): void {
  const { sim } = watched;
  const late = sim.knobs.rates.suspend > 0 ? suspendedMs : 0;
  const tips = tipsSince(repository, branch, sim.time.now() - toldMs - late);
  const reasons = tips.map((tip) => blameOn(watched, repository, tip, head));
  // Until a join tells, nobody knows that such a tip is red: it landed with a pass of each side.
  const isHidden = tips.some((tip) => isHiddenRed(gitOf(repository).model.filesAt(tip) ?? {}));
  if (reasons.every((reason) => reason === null) && !isHidden)
    sim.violate('blame', `${head.slice(0, 8)} is rejected, and it did nothing wrong on any tip of ${branch}`);
}

/** A candidate is of this head, or stands on one that is. */
function holds({ model }: RepositoryGit, candidate: string, head: Sha): boolean {
  for (let made = model.get(candidate)?.made; made; made = model.get(made.parent)?.made)
    if (made.head === head) return true;
  return false;
}

/**
 * I4 (scheduling.md §4): where failures may be flakes, one says nothing: what is good on every tip that it may have been rejected
 * on is rejected only after it failed twice, by itself or inside of others.
 */
function checkDoubt(watched: Watched, repository: Repository, branch: string, head: Sha): void {
  const { sim, cluster } = watched;
  if (!sim.knobs.queues?.bestFirst) return;
  const { model } = gitOf(repository);
  const tips = tipsSince(repository, branch, sim.time.now() - toldMs);
  const candidates = tips.flatMap((tip) => model.madeOn(tip, head).map(({ sha }) => ({ tip, sha })));
  const { images, method } = sim.knobs.queues;
  const fits = tips.every((parent) => ['made', 'contained'].includes(model.tryMaking({ parent, head, method }).kind));
  const isBad = ({ tip, sha }: { readonly tip: Sha; readonly sha: Sha }): boolean => {
    const files = model.filesAt(sha) ?? {};
    const before = model.filesAt(tip) ?? {};
    const jobs = gateJobsOf(files, images);
    return (
      !jobs?.some(({ voting }) => voting) || jobs.some(({ name }) => failsOn(files, name) || failsOn(before, name))
    );
  };
  if (!fits || candidates.length === 0 || candidates.some(isBad)) return;
  const failures = cluster.everBeen.filter(
    (pod) =>
      holds(gitOf(repository), pod.manifest.metadata.annotations[podKeys.commit] ?? '', head) &&
      hasFailed(pod, sim.time.now()),
  );
  if (failures.length < 2)
    sim.violate('I4', `${head.slice(0, 8)} is good and is rejected after ${failures.length} failures`);
}

/** What the gate says of a commit must be what happened. */
export function checkGateReport(watched: Watched, repository: Repository, report: CheckRunReport): void {
  const { sim } = watched;
  const { state, name, commit, title } = report;
  const git = gitOf(repository);
  const branch = name.slice(prefix.length);
  const known = git.model.get(commit);
  const made = known?.made;
  const grounds = (known?.makings ?? []).map(({ parent }) => parent);
  const said = state.status === 'completed' ? state.conclusion : state.status;
  sim.note(
    `gate check: ${made ? 'candidate ' : ''}${said}${state.status === 'completed' && !made ? ` ${title.replace(/[0-9a-f]{12}/, '')}` : ''}`,
  );
  if (said === 'success' && made) {
    // Rebased on what it holds itself it is the same commit again, of which fewer images are new.
    const [why = null] = grounds
      .map((parent) => whyNotGreen(watched, repository, parent, commit))
      .toSorted((one, other) => Number(one !== null) - Number(other !== null));
    if (why !== null) sim.violate('S10', `the candidate ${commit.slice(0, 8)} is told as passed: ${why}`);
  }
  if (said === 'success' && !made) {
    const landed = [...git.entries.values()].some(
      ({ detail, branch: of }) =>
        of === branch &&
        detail.kind === 'landed' &&
        detail.head === commit &&
        git.moves.some(({ to, ours }) => ours && to === (detail.within?.commit ?? detail.commit)),
    );
    if (!landed) sim.violate('S10', `${commit.slice(0, 8)} is told as landed on ${branch} and never was`);
  }
  if (said === 'failure' && title === 'Rejected') {
    checkRejection(watched, repository, branch, commit);
    checkDoubt(watched, repository, branch, commit);
  }
}

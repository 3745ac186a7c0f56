import { changedFiles } from './adapters/git/changed-files.ts';
import { parseCommitText } from './adapters/git/commit-text.ts';
import type { LocalClone } from './adapters/git/local-clone.ts';
import { isAncestor, newestShared, readLocalRefs } from './adapters/git/local-history.ts';
import type { Plan, PushWish } from './cli/deps.ts';
import { cliError } from './cli/exit-codes.ts';
import { type PushedComponent, type PushedRef, planPush } from './core/postsubmit/plan-push.ts';
import { saysSkip } from './core/postsubmit/push-jobs.ts';
import { roleOf } from './core/version/branch-role.ts';
import { projectOf } from './local-project.ts';
import type { Job } from './model/job.ts';
import type { ChangedFiles } from './model/matcher.ts';
import type { Sha } from './model/sha.ts';
import { planPushedTag } from './plan-pushed-tag.ts';
import { type BranchPush, notesOf, pushedComponents, raisesOf } from './pushed-components.ts';
import { type PushRange, readPushRange } from './read-push-range.ts';
import { configHere, refusal, versionsAt } from './versions-at.ts';

const maxChangedBytes = 4 * 2 ** 20;

const unknowable = {
  published: 'Judged on this push alone: --published IMAGE=COMMIT says what an image was last published from.',
  landed: 'What the gate has landed only the server knows: that is promoted, not built again.',
};

type Ground = Pick<BranchPush, 'change' | 'before' | 'after' | 'groundless'> & { readonly notes: readonly string[] };

/** A new branch is judged against where it comes from (versions.md §5). */
async function groundOfNew(clone: LocalClone, after: Sha, others: readonly Sha[]): Promise<Ground> {
  const base = await newestShared(clone, after, others);
  if (base === null) {
    const groundless = 'the branch is new, and no other branch here holds a commit of it';
    return { change: 'pushed', before: after, after, groundless, notes: [] };
  }
  const notes = [`A new branch, which begins at ${base} of another branch here.`];
  return { change: base === after ? 'cut' : 'pushed', before: base, after, groundless: null, notes };
}

async function groundOf(clone: LocalClone, { before, after }: PushRange, others: readonly Sha[]): Promise<Ground> {
  if (after === null && before !== null)
    return { change: 'deleted', before, after: before, groundless: null, notes: [] };
  if (after === null) throw new Error('a push without commits was accepted');
  if (before === null) return groundOfNew(clone, after, others);
  const isForward = await isAncestor(clone, before, after);
  const notes = isForward ? [] : ['A forced push: OLD is no ancestor of NEW.'];
  return { change: isForward ? 'pushed' : 'forced', before, after, groundless: null, notes };
}

async function netChange({ clone, before, after, groundless }: BranchPush): Promise<ChangedFiles> {
  if (groundless !== null) return { known: false, because: groundless };
  return changedFiles(clone.objects, before, after, maxChangedBytes);
}

async function publishedOf({ clone, wish, after }: BranchPush): Promise<PushedRef['published']> {
  const published = new Map<string, { from: Sha; changed: ChangedFiles }>();
  for (const word of wish.published) {
    const [image = '', name = ''] = word.split('=');
    const from = name === '' ? null : await clone.commitOf(name);
    if (from === null)
      throw cliError('usage', `--published ${word} names no commit of this clone: write ${image}=COMMIT`);
    published.set(image, { from, changed: await changedFiles(clone.objects, from, after, maxChangedBytes) });
  }
  return published;
}

async function messageSaysSkip({ clone, after }: BranchPush): Promise<boolean> {
  return saysSkip(parseCommitText(await clone.objects.commitText(after)).message.toString());
}

async function jobsAtReleases(
  { clone, project, after }: BranchPush,
  jobs: readonly Job[],
  components: readonly PushedComponent[],
): Promise<ReadonlyMap<Sha, readonly Job[] | string>> {
  const found = new Map<Sha, readonly Job[] | string>([[after, jobs]]);
  for (const { commit } of components.flatMap(({ decision }) => decision.releases)) {
    if (found.has(commit)) continue;
    const here = await configHere(clone, project, commit);
    found.set(commit, here.kind === 'usable' ? here.config.jobs : `at ${commit.slice(0, 12)} ${here.because}`);
  }
  return found;
}

async function planBranch(clone: LocalClone, range: PushRange, wish: PushWish, at: number): Promise<Plan> {
  const { name: branch } = range;
  const [project, refs] = [await projectOf(clone), await readLocalRefs(clone)];
  const others = [...refs.branches].flatMap(([name, tip]) => (name === branch ? [] : [tip]));
  const { notes, ...ground } = await groundOf(clone, range, others);
  const branches = new Map(refs.branches);
  branches.delete(branch);
  if (range.before !== null) branches.set(branch, range.before);
  const known = await configHere(clone, project, ground.before);
  const granting = known.kind === 'usable' ? known.config.version : null;
  const push: BranchPush = { clone, wish, project, branch, ...ground, refs: { branches, tags: refs.tags }, granting };
  const here = await configHere(clone, project, push.after);
  if (here.kind === 'refused') return { decisions: [refusal(here.because)], notes };
  const { jobs, version } = here.config;
  const settings = await versionsAt(clone, here.config, push.after);
  const components = settings === null ? [] : await pushedComponents(push, settings);
  const isWatched =
    settings === null
      ? branch === project.defaultBranch
      : roleOf(settings, branch, project.defaultBranch).kind !== 'other';
  const decisions = planPush({
    branch,
    isWatched,
    changed: await netChange(push),
    change: push.change,
    after: push.after,
    at,
    saysSkip: await messageSaysSkip(push),
    published: await publishedOf(push),
    jobs,
    jobsAt: await jobsAtReleases(push, jobs, components),
    versions: settings === null ? null : { settings, components },
  });
  const usual =
    settings !== null && version === null ? ['No `version:` is written: what is usual for a VERSION counts.'] : [];
  const told = components.flatMap(({ decision }) => notesOf(decision));
  const raised = settings === null || here.config.mode === 'shadow' ? [] : raisesOf(settings, components);
  const judgedOn = wish.published.length === 0 ? [unknowable.published] : [];
  const none = decisions.length === 0 ? ['No postsubmit or release job is configured here.'] : [];
  const shadow =
    here.config.mode === 'shadow' ? ['Mode shadow: nothing of this is published, and nothing blocks.'] : [];
  return {
    decisions,
    notes: [...notes, ...shadow, ...usual, ...told, ...raised, ...none, ...judgedOn, unknowable.landed],
  };
}

/** What a push would build, tag and release, and why, with the clone as all that is known. */
export async function planPushed(clone: LocalClone, wish: PushWish, now: number): Promise<Plan> {
  const range = await readPushRange(clone, wish);
  return range.kind === 'branch' ? planBranch(clone, range, wish, now) : planPushedTag(clone, range, wish);
}

import { definitionDigest } from '../../model/build.ts';
import type { Conclusion } from '../../model/check-run.ts';
import type { JobRecord, PlannedTree } from '../../model/presubmit.ts';
import type { RecordedImage } from '../../model/promotion.ts';
import type { MadeCandidate, QueueItem } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import type { PassedBefore, RecordedVerdict } from '../../model/verdict.ts';
import { jobAt } from '../presubmit/advance-jobs.ts';
import { treeKey } from '../presubmit/facts.ts';
import { imagesOfJob } from '../promote/collect-images.ts';
import { advanceCandidate } from './advance-candidate.ts';
import { candidateKey, wantCandidate } from './candidates.ts';
import { decideCandidate, decideInside } from './decide-candidate.ts';
import { branchOf, changeNameOf, type GateDraft, putItem, stopCandidate } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import { foldVerdict } from './fold-verdict.ts';
import { madeOf } from './made-of.ts';
import { withoutDoubted, withoutOld, withPass } from './reuse/passes.ts';
import { isStillOf } from './reuse/verdict-key.ts';

function conclusionOf({ status }: JobRecord): Conclusion {
  if (status.kind === 'skipped') return 'skipped';
  return status.kind === 'ended' && status.result === 'success' ? 'success' : 'failure';
}

function verdictOf(
  candidate: MadeCandidate,
  jobs: readonly JobRecord[],
  facts: QueueFacts,
  images: readonly RecordedImage[],
): RecordedVerdict {
  return {
    commit: candidate.commit,
    tree: candidate.tree,
    checks: jobs.map((job) => ({ name: job.job, conclusion: conclusionOf(job) })),
    configuration: definitionDigest(jobs.map(({ job, definition, required }) => [job, definition, required])),
    git: facts.git,
    at: facts.now,
    ...(images.length === 0 ? {} : { images }),
    ...flakesAmong(candidate, jobs),
  };
}

/** What failed before on this commit and passed now failed for no reason. */
function flakesAmong({ failures = [] }: MadeCandidate, jobs: readonly JobRecord[]): Pick<RecordedVerdict, 'flakes'> {
  const passed = new Set(jobs.flatMap((job) => (conclusionOf(job) === 'success' ? [job.job] : [])));
  const flakes = failures.filter(({ job }) => passed.has(job));
  return flakes.length === 0 ? {} : { flakes };
}

/** What all jobs uploaded; null: something is to be read or written first. */
function uploadedImages(
  draft: GateDraft,
  facts: QueueFacts,
  { branch }: QueueItem,
  jobs: readonly JobRecord[],
): readonly RecordedImage[] | null {
  const images: RecordedImage[] = [];
  let lacks = false;
  for (const record of jobs) {
    const job = jobAt(facts, record);
    if (job === null) return null;
    const collected = imagesOfJob(job, record, facts.indexes);
    draft.wants.indexes.push(...collected.indexes.map((index) => ({ ...index, branch })));
    images.push(...collected.images);
    lacks ||= collected.waits !== null || collected.indexes.length > 0;
  }
  return lacks ? null : images;
}

/** The item with this in the place of what was tested as the same candidate. */
function withCandidate(item: QueueItem, before: MadeCandidate, now: MadeCandidate): QueueItem {
  if (item.candidate === before) return { ...item, candidate: now };
  return { ...item, hedges: (item.hedges ?? []).map((other) => (other === before ? now : other)) };
}

/** What others may take is kept with the queue; a queue in which nothing may be taken has nothing of it. */
function putPasses(draft: GateDraft, passed: readonly PassedBefore[]): void {
  if (passed.length === 0 && draft.record.passed === undefined) return;
  const { passed: _, ...rest } = draft.record;
  draft.record = passed.length === 0 ? rest : { ...rest, passed };
}

function forgetOld(draft: GateDraft, facts: QueueFacts): void {
  const settings = [...facts.branches.values()].flatMap(({ settings: each }) => each ?? []);
  // While what a branch wants cannot be read, nothing is forgotten, and nothing is taken.
  if (settings.length < facts.branches.size) return;
  const reuseMs = Math.max(0, ...settings.map((each) => each.reuseMs));
  putPasses(draft, withoutOld(draft.record.passed ?? [], { now: facts.now, reuseMs }));
}

function judge(
  draft: GateDraft,
  facts: QueueFacts,
  item: QueueItem,
  before: MadeCandidate,
  candidate: MadeCandidate,
): QueueItem {
  const moved = withCandidate(item, before, candidate);
  putPasses(draft, withoutDoubted(draft.record.passed ?? [], candidate));
  const folded = candidate.jobs === null ? null : foldVerdict(candidate.jobs);
  if (folded?.verdict === 'error' && item.parked === null) {
    draft.reasons.push(`#${item.number}: parked, ${folded.because}`);
    const parkings = { times: (item.parkings?.times ?? 0) + 1, at: facts.now };
    return { ...moved, parked: folded.because, parkings };
  }
  if (folded?.verdict !== 'passed' || candidate.verdict !== null) return moved;
  const images = uploadedImages(draft, facts, item, candidate.jobs ?? []);
  if (images === null) return moved;
  draft.reasons.push(`#${item.number}: passed as ${candidate.commit.slice(0, 12)}, ${folded.because}`);
  const verdict = verdictOf(candidate, candidate.jobs ?? [], facts, images);
  if (candidate.key !== undefined && isStillOf(candidate.key, facts.environment))
    putPasses(draft, withPass(draft.record.passed ?? [], item.number, candidate, verdict));
  return withCandidate(item, before, { ...candidate, verdict });
}

/**
 * Whoever made it may have died before it was shown, and it is only there: it is made again, which gives the same commit. Where it
 * does not, as the project lands in another way by now, nobody can show the first one: that one is given up.
 */
function remake(draft: GateDraft, facts: QueueFacts): void {
  for (const { item, candidate } of draft.record.items.flatMap((each) =>
    madeOf(each).map((made) => ({ item: each, candidate: made })),
  )) {
    const { branch, view } = item;
    if (candidate.published) continue;
    const parent = candidate.guess?.under.at(-1)?.commit ?? candidate.parents[branch];
    if (parent === undefined) continue;
    const again = facts.made.get(candidateKey(branch, parent, view.pull.head));
    if (again === undefined) wantCandidate(draft, facts, item, candidate.parents);
    else if (again.kind === 'missing') remakeBelow(draft, facts, parent);
    else if (again.kind === 'made' && again.commit !== candidate.commit) {
      const because = `${candidate.commit.slice(0, 12)} cannot be made again`;
      giveUp(draft, item, candidate, because);
      draft.reasons.push(`${changeNameOf(draft.record, item)}: made anew, ${because}`);
    }
  }
}

/** Takes one candidate of an item away, whichever it is. */
function giveUp(draft: GateDraft, item: QueueItem, candidate: MadeCandidate, because: string): void {
  stopCandidate(draft, item, candidate, because);
  const now = draft.record.items.find((other) => other.number === item.number && other.branch === item.branch) ?? item;
  const [first = null, ...hedges] = madeOf(now).filter(({ commit }) => commit !== candidate.commit);
  const { hedges: _, ...rest } = now;
  putItem(draft, { ...rest, candidate: first, ...(hedges.length > 0 ? { hedges } : {}) });
}

/** What it stands on is not to be had either: that one is shown again first. */
function remakeBelow(draft: GateDraft, facts: QueueFacts, parent: Sha): void {
  for (const item of draft.record.items) {
    const candidate = madeOf(item).find(({ commit, published }) => commit === parent && published);
    const inside = item.batched?.find(({ commit }) => commit === parent);
    if (inside) remakeInside(draft, facts, item, inside);
    if (!candidate || facts.published.has(parent)) continue;
    putItem(draft, withCandidate(item, candidate, { ...candidate, published: false }));
    wantCandidate(draft, facts, item, candidate.parents);
  }
}

/** What is inside of a batch is shown with the batch alone, and made again with it. */
function remakeInside(draft: GateDraft, facts: QueueFacts, item: QueueItem, { parents }: MadeCandidate): void {
  const parent = parents[item.branch];
  const again = parent && facts.made.get(candidateKey(item.branch, parent, item.view.pull.head));
  if (again === undefined) wantCandidate(draft, facts, item, parents);
  else if (again.kind === 'missing' && parent !== undefined) remakeBelow(draft, facts, parent);
}

/**
 * Whether nobody may have its files any more: what Redis was put back to names candidates that were swept since, and a new machine has
 * none of them. It is shown again then, which makes it again where it is not here; for what only could not be read now, that costs a push.
 */
function mayBeGone(facts: QueueFacts, { commit, verdict, broken, jobs }: MadeCandidate, pinned: PlannedTree): boolean {
  if (verdict !== null || broken !== null || facts.published.has(commit)) return false;
  const trees = jobs === null ? [pinned] : jobs.map(({ tree }) => tree);
  return trees.some((tree) => {
    const config = facts.trees.get(treeKey(tree))?.config;
    return config?.kind === 'refused' && config.where === null;
  });
}

/** Publishes what pods will fetch, all of one project in one push. */
function publish(draft: GateDraft): void {
  for (const { key, project } of draft.record.branches) {
    const commits = draft.record.items.flatMap((item) =>
      item.branch === key ? madeOf(item).flatMap(({ published, commit }) => (published ? [] : [commit])) : [],
    );
    if (commits.length > 0) draft.effects.push({ kind: 'publish', project, commits });
  }
}

function testOne(draft: GateDraft, facts: QueueFacts, item: QueueItem, candidate: MadeCandidate): void {
  const { tip } = branchOf(draft.record, item.branch);
  const isGone = tip !== null && mayBeGone(facts, candidate, { base: tip, tree: candidate.tree });
  const published = (candidate.published && !isGone) || facts.published.has(candidate.commit);
  const decided = decideCandidate(draft, facts, item, { ...candidate, published });
  const failFast = facts.branches.get(item.branch)?.settings?.failFast ?? false;
  const moved =
    decided.jobs === null ? decided : advanceCandidate(draft, facts, item, decided, { failFast, uploads: true });
  putItem(draft, judge(draft, facts, item, candidate, moved));
}

function decideBatched(draft: GateDraft, facts: QueueFacts): void {
  for (const item of draft.record.items) {
    const { batched = [] } = item;
    if (batched.some(({ jobs, broken }) => jobs === null && broken === null))
      putItem(draft, { ...item, batched: batched.map((inside) => decideInside(draft, facts, item, inside)) });
  }
}

/** Moves every candidate's tests one step on and records what passed. */
export function testCandidates(draft: GateDraft, facts: QueueFacts): void {
  forgetOld(draft, facts);
  for (const { branch, number, ...given } of draft.record.items)
    for (const candidate of madeOf(given)) {
      const item = draft.record.items.find((other) => other.number === number && other.branch === branch);
      if (item) testOne(draft, facts, item, candidate);
    }
  decideBatched(draft, facts);
  remake(draft, facts);
  publish(draft);
}

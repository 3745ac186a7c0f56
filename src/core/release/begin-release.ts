import { isFinal, type ObservedCheckRun } from '../../model/check-run.ts';
import type { RecordedImage } from '../../model/promotion.ts';
import type { ReleasedImage } from '../../model/release.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import type { PlannedJob } from '../postsubmit/planned-job.ts';
import { type TreeFacts, treeKey } from '../presubmit/facts.ts';
import { beginJobs, imageKey, treeOfRun } from '../push/begin-run.ts';
import { requestOf } from '../push/own-checks.ts';
import { imagesOf } from '../select-jobs.ts';
import type { JudgedRelease, ReleaseDraft, ReleaseFacts } from './facts.ts';
import { recordedRelease } from './publish-release.ts';
import { lostJob, withEnds } from './report-release.ts';
import { begunAnew } from './take-wishes.ts';

type Judged = Extract<JudgedRelease, { kind: 'judged' }>;

function failed(record: ReleaseRun, because: string): ReleaseRun {
  return { ...record, stage: { kind: 'failed', because } };
}

function held(record: ReleaseRun, because: string, hasButton: boolean): ReleaseRun {
  return { ...record, stage: { kind: 'held', because, hasButton } };
}

/** An image with what the release makes of it. */
export function toReleased(record: ReleaseRun, image: RecordedImage, tree: TreeFacts): ReleasedImage {
  const { name, target } = image;
  const jobs = tree.config.kind === 'usable' ? tree.config.config.jobs : [];
  const platforms = jobs.flatMap(imagesOf).find((each) => each.name === name)?.platforms ?? [];
  const moving = record.moving[imageKey(name, target)] ?? record.moving[name] ?? [];
  return { ...image, moving, platforms };
}

function tagsFor(planned: readonly PlannedJob[], { name, target }: RecordedImage): readonly string[] {
  const image = planned.flatMap(({ images }) => images).find((each) => each.name === name);
  return (target === null ? image?.tags : image?.byTarget?.[target]) ?? image?.tags ?? [];
}

function uploads({ images }: PlannedJob): boolean {
  return images.some(({ tags }) => tags.length > 0);
}

/** The newest request of a job to be run that was told its end: it is not built under that again (commands.md §6). 0: none was. */
function toldOf({ revision }: ReleaseRun, { planned, own }: Judged): number {
  const running = new Set(planned.flatMap(({ job, decision }) => (decision === 'run' ? [job] : [])));
  const told = own
    .filter((run) => isFinal(run) && running.has(run.name))
    .map(({ externalId }) => requestOf(externalId));
  return Math.max(0, ...told.filter((request) => request >= revision));
}

/** With the end of what stands open of its jobs: a later state of ours began it, in whose place an old backup was put. */
function withLost(facts: ReleaseFacts, record: ReleaseRun, own: readonly ObservedCheckRun[]): ReleaseRun {
  const { orphans = [] } = record;
  const lost = own.filter((run) => !isFinal(run));
  if (lost.length === 0) return record;
  return {
    ...record,
    orphans: withEnds(
      orphans,
      lost.map((run) => lostJob(run, facts.now)),
    ),
  };
}

function build(draft: ReleaseDraft, facts: ReleaseFacts, given: ReleaseRun, judged: Judged): ReleaseRun {
  const { planned } = judged;
  const refused = planned.find(({ decision }) => decision === 'refuse');
  if (refused !== undefined) return failed(given, refused.reason);
  if (!planned.some((job) => job.decision === 'run')) return failed(given, 'no job runs on `release` for it');
  const told = toldOf(given, judged);
  if (told > 0) return begunAnew(facts, given, told + 1);
  const { wish, at } = given;
  const pinned = treeOfRun({ commit: wish.commit, tree: judged.tree });
  const tree = facts.trees.get(treeKey(pinned));
  if (tree === undefined) {
    draft.wants.trees.push(pinned);
    return given;
  }
  if (tree.config.kind === 'refused') return tree.config.where === null ? given : failed(given, tree.config.because);
  const gated = given.isLost ? null : judged.gated;
  const reason = 'what the gate built of this commit is published';
  const jobs =
    gated === null
      ? planned
      : planned.map((job): PlannedJob => {
          return uploads(job) ? { ...job, decision: 'skip', reason, images: [] } : job;
        });
  const plain = { commit: wish.commit, tree: judged.tree, before: null, at, by: wish.by, version: null, endedAt: null };
  const request = given.revision;
  const run = { ...plain, shadow: judged.shadow, request };
  const images = (gated ?? []).map((image) => toReleased(given, { ...image, tags: tagsFor(planned, image) }, tree));
  return {
    ...given,
    stage: { kind: 'building' },
    given: images,
    run: { ...run, ...beginJobs(facts, run, jobs, tree) },
  };
}

/** Released already, or begun: what the ledger says is brought to its end, and nothing is built (versions.md V12). */
function resume(facts: ReleaseFacts, record: ReleaseRun): ReleaseRun | null {
  const entries = facts.reading?.ledger.kind === 'whole' ? facts.reading.ledger.entries : [];
  const recorded = recordedRelease(entries, record);
  if (recorded === null) return null;
  const { images, tree, configuration, commit } = recorded;
  if (commit !== record.wish.commit && tree !== record.tree)
    return failed(record, `version already released from ${commit.slice(0, 12)}`);
  return { ...record, tree, configuration, stage: { kind: 'publishing', images } };
}

/** What a release that was just asked for comes to, by the rows of versions.md §2. */
export function beginRelease(draft: ReleaseDraft, facts: ReleaseFacts, given: ReleaseRun): ReleaseRun {
  const { judged } = facts;
  if (judged === null) {
    draft.wants.judged.push(given.wish.commit);
    return given;
  }
  if (judged.kind === 'unread')
    return { ...given, trouble: given.trouble ?? { because: judged.because, since: facts.now } };
  const plain = { ...given, tree: judged.tree, trouble: null };
  if (judged.kind === 'refused') return resume(facts, plain) ?? failed(plain, judged.because);
  const { decided, moving, configuration, shadow, lacks, recordedOn, raises } = judged;
  const ofIt = { row: decided.row, moving, configuration, shadow, ...(raises ? { raises } : {}) };
  const record = withLost(facts, { ...plain, ...ofIt }, judged.own);
  const resumed = resume(facts, record);
  if (resumed !== null) return resumed;
  if (decided.kind === 'failed') return failed(record, decided.because);
  if (decided.kind === 'confirm')
    return recordedOn === null
      ? failed(record, 'no ledger says what it has published')
      : { ...record, wish: { ...record.wish, branch: recordedOn } };
  if (decided.kind === 'held') return held(record, decided.because, decided.row !== 'V14');
  if (lacks !== null) return held(record, lacks, false);
  return build(draft, facts, record, judged);
}

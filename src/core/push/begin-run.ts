import type { Job } from '../../model/job.ts';
import type { JobRecord, JobStatus, PlannedTree } from '../../model/presubmit.ts';
import type { PushRun } from '../../model/push.ts';
import { slotOf } from '../line/slot.ts';
import { keptOf } from '../pod/artifacts.ts';
import type { PlannedJob, TaggedImage } from '../postsubmit/planned-job.ts';
import type { TreeFacts } from '../presubmit/facts.ts';
import type { JudgedPush, PushedFacts, RunFacts, WantedPush } from './facts.ts';
import { wantRunBuilds } from './run-builds.ts';

type Judged = Extract<JudgedPush, { kind: 'judged' | 'refused' }>;

/** Under which an image, or one stage of it, keeps its tags in a `PushRun`. */
export function imageKey(name: string, target: string | null): string {
  return target === null ? name : `${name}/${target}`;
}

function tagsOf(images: readonly TaggedImage[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    images.flatMap(({ name, tags, byTarget }) => [
      [imageKey(name, null), tags],
      ...Object.entries(byTarget ?? {}).map(([target, own]) => [imageKey(name, target), own]),
    ]),
  );
}

/** What several components of a project say of one job is one job: it runs for the images of those that let it. */
interface Merged {
  readonly decision: PlannedJob['decision'];
  readonly because: string;
  readonly images: readonly TaggedImage[];
}

function merge(planned: readonly PlannedJob[]): Merged {
  const refused = planned.filter(({ decision }) => decision === 'refuse');
  const running = planned.filter(({ decision }) => decision === 'run');
  const telling = refused.length > 0 ? refused : running.length > 0 ? running : planned;
  return {
    decision: refused.length > 0 ? 'refuse' : running.length > 0 ? 'run' : 'skip',
    because: [...new Set(telling.map(({ reason }) => reason))].join('; '),
    images: running.flatMap(({ images }) => images),
  };
}

function beginJob(
  facts: Pick<RunFacts, 'subject' | 'now'>,
  run: Pick<PushRun, 'commit' | 'entry' | 'request'>,
  job: Job,
  { decision, because, images }: Merged,
  tree: TreeFacts,
  pinned: PlannedTree,
): JobRecord {
  const { name, definition } = job;
  const record = {
    job: name,
    definition,
    ...slotOf(job),
    ...(job.onNew === undefined ? {} : { onNew: job.onNew }),
    ...(keptOf({ job }) === null ? {} : { keeps: true as const }),
    tree: pinned,
    required: !job.selection.optional,
    because,
    request: run.request ?? 1,
    readBack: false,
  };
  const ended = (result: 'failure' | 'success'): JobStatus => ({ kind: 'ended', result, builds: [] });
  if (decision === 'skip') return { ...record, status: { kind: 'skipped' } };
  if (decision === 'refuse') return { ...record, status: ended('failure') };
  if (job.content.template === 'noop') return { ...record, status: ended('success') };
  if (job.needs.length > 0) return { ...record, status: { kind: 'blocked' } };
  const names = images.map((image) => image.name);
  const builds = wantRunBuilds(facts, run, job, names, tree);
  if ('because' in builds) return { ...record, because: builds.because, status: ended('failure') };
  return { ...record, status: { kind: 'building', builds: builds.builds } };
}

/** The tree that a run's jobs are planned with: its commit's own file, with all the power that it grants. */
export function treeOfRun({ commit, tree }: Pick<PushRun, 'commit' | 'tree'>): PlannedTree {
  return { base: commit, tree };
}

/** The jobs of a run as they begin, with the tags of their images; `planned` says what becomes of each, once for each component. */
export function beginJobs(
  facts: Pick<RunFacts, 'subject' | 'now'>,
  run: Pick<PushRun, 'commit' | 'tree' | 'entry' | 'request'>,
  planned: readonly PlannedJob[],
  tree: TreeFacts,
): Pick<PushRun, 'jobs' | 'tags'> {
  if (tree.config.kind !== 'usable') return { jobs: [], tags: {} };
  const jobs = tree.config.config.jobs.flatMap((job) => {
    const own = planned.filter((each) => each.job === job.name);
    return own.length === 0 ? [] : [{ job, merged: merge(own) }];
  });
  return {
    jobs: jobs.map(({ job, merged }) => beginJob(facts, run, job, merged, tree, treeOfRun(run))),
    tags: Object.fromEntries(jobs.map(({ job, merged }) => [job.name, tagsOf(merged.images)])),
  };
}

/** What a push that was judged comes to; `tree`: its configuration with what its images name; `request`: as of its check runs. */
export function beginRun(
  facts: PushedFacts,
  push: WantedPush,
  judged: Judged,
  tree: TreeFacts,
  request: number,
): PushRun {
  const run = {
    commit: push.after,
    tree: judged.tree,
    before: push.before,
    ...(push.isUnsure ? { isUnsure: push.isUnsure } : {}),
    ...(facts.reading?.ledger.kind === 'broken' ? { isUnread: true as const } : {}),
    at: judged.at,
    by: push.landedBy ?? facts.by,
    endedAt: null,
    ...(request === 1 ? {} : { request }),
  };
  if (judged.kind === 'refused' || tree.config.kind !== 'usable') {
    const because = judged.kind === 'refused' ? judged.because : 'the configuration could not be used';
    const version = { state: 'failure', title: `Nothing was built: ${because}`, summary: '' } as const;
    return { ...run, jobs: [], tags: {}, version, shadow: false };
  }
  const planned = judged.planned.filter(({ pipeline }) => pipeline === 'postsubmit');
  const proposals = (judged.proposals ?? []).map((each) => ({ ...each, ended: null }));
  const releases = (judged.releases ?? []).map((wish) => ({ wish, ended: null }));
  return {
    ...run,
    ...(releases.length === 0 ? {} : { releases }),
    ...(judged.closes === undefined || judged.closes.length === 0 ? {} : { closes: judged.closes }),
    ...(proposals.length === 0 ? {} : { proposals }),
    ...(judged.cut === undefined ? {} : { cut: { ...judged.cut, ended: null } }),
    ...beginJobs(facts, run, planned, tree),
    version: judged.version,
    shadow: judged.shadow,
  };
}

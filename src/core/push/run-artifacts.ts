import { type Build, definitionDigest } from '../../model/build.ts';
import type { Job } from '../../model/job.ts';
import type { TakeOrder, UploadOrder } from '../../model/order.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { PushRun } from '../../model/push.ts';
import { decideTakes, keepPlaceOf, type TakeDecision } from '../gate/job-artifacts.ts';
import { keptOf } from '../pod/artifacts.ts';
import { withoutUpload } from '../pod/without-upload.ts';
import type { BuildPlace } from '../presubmit/advance-build.ts';
import { jobAt } from '../presubmit/advance-jobs.ts';
import { treeKey } from '../presubmit/facts.ts';
import { treeOfRun } from './begin-run.ts';
import type { RunFacts } from './facts.ts';
import { entryOf } from './run-builds.ts';

/** A Build's place, with what it keeps and gets. */
export interface PlaceWithFiles {
  readonly place: BuildPlace | null;
  readonly upload?: UploadOrder;
  readonly takes?: TakeOrder;
}

/**
 * Where a run's job keeps its files: where images of changes wait, so that they are cleared away like these, under a tag of this very
 * run, as another one at the same commit makes others. Null: it keeps none, or nothing waits anywhere (mode `rebuild`).
 */
function keepPlace(facts: RunFacts, run: PushRun, job: Job) {
  const tree = facts.trees.get(treeKey(treeOfRun(run)));
  const promotion = tree?.config.kind === 'usable' ? tree.config.config.gate.promotion : null;
  if (promotion === null || promotion.mode === 'rebuild') return null;
  const of = definitionDigest([facts.subject, entryOf(run), run.request ?? 1]).slice(0, 8);
  return keepPlaceOf(job, promotion, { number: 0, commit: run.commit, of });
}

function takesOf(facts: RunFacts, run: PushRun, job: Job): TakeDecision {
  return decideTakes(job, run.jobs, (record) => jobAt(facts, record));
}

/** What a Build of a run keeps, and gets of the jobs of this very run that it needs. */
export function withFiles(
  facts: RunFacts,
  run: PushRun,
  branch: string,
  place: BuildPlace | null,
  { parts }: Build,
): PlaceWithFiles {
  if (place === null) return { place };
  const { job } = place;
  const found = parts.takes === undefined ? null : takesOf(facts, run, job);
  const takes = found?.kind === 'takes' ? { takes: { branch, artifacts: found.artifacts } } : {};
  if (keptOf({ job }) === null) return { place, ...takes };
  const to = run.shadow ? null : keepPlace(facts, run, job);
  return to === null
    ? { place: { ...place, job: withoutUpload(job) }, ...takes }
    : { place, upload: { ...to, branch }, ...takes };
}

export type Unblocked =
  | Extract<TakeDecision, { kind: 'takes' }>
  /** As the job's record ends that gets nothing. */
  | { readonly kind: 'ended'; readonly record: JobRecord };

/** Once all that a job needs has ended: what it gets of that, or how it ends without. */
export function unblockWith(facts: RunFacts, run: PushRun, job: Job, record: JobRecord): Unblocked {
  const takes = takesOf(facts, run, job);
  if (takes.kind === 'takes') return takes;
  if (run.shadow) {
    const because = 'it gets what other jobs keep, and of a project that only tries us out nothing is kept';
    return { kind: 'ended', record: { ...record, because, status: { kind: 'skipped', byNeeds: true } } };
  }
  const status = { kind: 'ended', result: 'failure', builds: [] } as const;
  return { kind: 'ended', record: { ...record, because: takes.because, status } };
}

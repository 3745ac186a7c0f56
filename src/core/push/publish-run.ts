import type { LedgerEntry } from '../../model/ledger.ts';
import type { RecordedImage } from '../../model/promotion.ts';
import type { PushRun } from '../../model/push.ts';
import { jobAt } from '../presubmit/advance-jobs.ts';
import { imagesOfJob } from '../promote/collect-images.ts';
import { standingLandings } from '../promote/own-tags.ts';
import { imageKey } from './begin-run.ts';
import type { PushDraft, RunDraft } from './draft.ts';
import type { PushedFacts, RunFacts } from './facts.ts';

/** What a run comes to. */
export type Publishing =
  /** Something of it runs, or is to be had first. */
  | 'waits'
  /** It has nothing to publish, as it built nothing, or not all of it. */
  | 'nothing'
  | { readonly images: readonly RecordedImage[] };

function isOver({ jobs }: PushRun): boolean {
  return jobs.every(({ status }) => status.kind === 'ended' || status.kind === 'skipped');
}

/** All images of a push or none: what one job could not build takes back what others did (images.md §3.3). */
export function imagesOfRun(draft: RunDraft, facts: RunFacts, run: PushRun): Publishing {
  if (!isOver(run)) return 'waits';
  const uploading = run.jobs.filter(({ job, status }) => {
    return status.kind === 'ended' && Object.values(run.tags[job] ?? {}).some((tags) => tags.length > 0);
  });
  if (run.shadow || uploading.length === 0) return 'nothing';
  if (uploading.some(({ status }) => status.kind === 'ended' && status.result !== 'success')) return 'nothing';
  const images: RecordedImage[] = [];
  for (const record of uploading) {
    const job = jobAt(facts, record);
    if (job === null) return 'waits';
    const found = imagesOfJob(job, record, facts.indexes);
    draft.wants.indexes.push(...found.indexes);
    if (found.waits !== null || found.indexes.length > 0) return 'waits';
    const tags = run.tags[record.job] ?? {};
    images.push(
      ...found.images.map((image) => ({ ...image, tags: tags[imageKey(image.name, image.target)] ?? image.tags })),
    );
  }
  return images.length === 0 ? 'nothing' : { images };
}

/** True once the ledger says so: from there it is promoted. */
export function isRecorded(entries: readonly LedgerEntry[], run: PushRun, images: readonly RecordedImage[]): boolean {
  const written = entries.findLast(({ detail }) => detail.kind === 'pushed' && detail.commit === run.commit)?.detail;
  return (
    written?.kind === 'pushed' &&
    images.every(({ name, target, digest }) =>
      written.images.some((each) => each.name === name && each.target === target && each.digest === digest),
    )
  );
}

/** It landed through the gate, whose images are promoted: it was built once more while nobody could read the ledger. */
export function isLanded(entries: readonly LedgerEntry[], { commit }: Pick<PushRun, 'commit'>): boolean {
  return standingLandings(entries).some((landing) => landing.number > 0 && landing.commit === commit);
}

/** Why this branch's ledger is not ours to write; null: it is. */
export function whyNotOurs(entries: readonly LedgerEntry[], app: number): string | null {
  const [first] = entries;
  if (first === undefined || (first.detail.kind === 'owner' && first.detail.app === app)) return null;
  return first.detail.kind === 'owner' ? `App ${first.detail.app} owns the branch` : 'no App owns its ledger';
}

/** Writes it into the ledger, one entry a pass: the next stands on it. The first names whose branch it is (design.md §5). */
export function recordRun(
  draft: Pick<RunDraft, 'record' | 'effects' | 'reasons'> & { readonly wants: Pick<PushDraft['wants'], 'below'> },
  facts: Pick<PushedFacts, 'reading' | 'now' | 'below' | 'app'>,
  run: PushRun,
  images: readonly RecordedImage[],
): void {
  const { reading, now } = facts;
  if (reading?.ledger.kind !== 'whole' || draft.effects.some(({ kind }) => kind === 'append')) return;
  const place = facts.below.get(run.commit);
  if (place === undefined) {
    draft.wants.below.push(run.commit);
    return;
  }
  const { project, branch } = draft.record;
  const sequence = reading.ledger.entries.length + 1;
  const { commit, tree, by } = run;
  const detail =
    sequence === 1
      ? ({ kind: 'owner', app: facts.app } as const)
      : ({ kind: 'pushed', ...place, commit, tree, by, images } as const);
  const entry = { schema: 1, sequence, repository: project.id, branch, at: now, detail } as const;
  draft.effects.push({ kind: 'append', ledger: reading.ledger.head, entry });
  if (detail.kind === 'pushed')
    draft.reasons.push(
      `${commit.slice(0, 12)}: built as ${images.map(({ digest }) => digest.slice(7, 19)).join(', ')}`,
    );
}

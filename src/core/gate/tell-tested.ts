import type { BuildResult } from '../../model/build.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { MadeCandidate, QueueItem } from '../../model/queue.ts';
import { inlineCode, tableCell } from '../text/safe-markdown.ts';
import type { Batch } from './best-first/batches.ts';
import { shownUnit } from './best-first/unit-id.ts';
import type { QueueFacts } from './facts.ts';
import { type FoldedVerdict, foldVerdict } from './fold-verdict.ts';
import { shownBuildOf } from './made-of.ts';
import { standsFor } from './reuse/reused-words.ts';
import type { UnitId } from './schedule/unit.ts';

const words: Readonly<Record<BuildResult, string>> = {
  success: 'passed',
  failure: 'failed',
  timeout: 'timed out',
  aborted: 'stopped',
  error: "could not be run (ours, not the change's)",
};

function stateOf({ status }: JobRecord): string {
  switch (status.kind) {
    case 'skipped':
      return 'skipped';
    case 'blocked':
      return 'waits for what it needs';
    case 'ended':
      return words[status.result];
    case 'building':
      return status.builds.every(({ state }) => state.phase === 'wanted') ? 'waits for a slot' : 'running';
  }
}

/** Why it ended as it did, where that was not well; else why it runs, or does not. */
function whyOf({ status, because }: JobRecord): string {
  if (status.kind !== 'ended' || status.result === 'success') return because;
  const ends = status.builds.flatMap(({ state }) => (state.phase === 'finished' ? [state] : []));
  return ends.find(({ result }) => result === status.result)?.because ?? because;
}

function logOf(job: JobRecord, facts: QueueFacts): string {
  const build = shownBuildOf(job);
  const url = build === null ? null : facts.logUrl(build);
  return url === null ? '–' : `[log](${url})`;
}

/** The jobs of a candidate as a table; what is not required says so. */
export function jobTable(jobs: readonly JobRecord[], facts: QueueFacts): string {
  const rows = jobs.map((job) => {
    const name = `${inlineCode(job.job)}${job.required ? '' : ' (optional)'}`;
    return `| ${tableCell(name)} | ${stateOf(job)} | ${tableCell(whyOf(job))} | ${logOf(job, facts)} |`;
  });
  return rows.length === 0 ? '' : `\n\n| job | state | why | log |\n|---|---|---|---|\n${rows.join('\n')}`;
}

function groundOf({ ahead, names, guess }: MadeCandidate): string {
  const heads = (guess?.heads ?? []).map(shownUnit);
  const below = (names ?? ahead.map((number) => `#${number}`)).filter((name) => !heads.includes(name));
  if (below.length === 0) return 'the branch as it is';
  return `${below.join(', ')}${below.length === 1 ? ', which is ahead' : ', which are ahead'}`;
}

/** So many are named, and the rest counted. */
const mostNamed = 3;

/** Whom it leaves out of those ahead of it. */
function withoutWhom({ guess }: MadeCandidate): string {
  const all = [...new Set((guess?.excluded ?? []).map(shownUnit))];
  if (all.length === 0) return '';
  const [named, more] = [all.slice(0, mostNamed), all.length - mostNamed];
  const list = more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ');
  const are = all.length === 1 ? 'which is ahead and may not land' : 'which are ahead and may not land';
  return ` That is without ${list}, ${are}.`;
}

/** `others`: whom the same build tests besides, as people know them. */
export function testedWith(
  candidate: MadeCandidate,
  others: readonly string[] = (candidate.guess?.heads ?? []).map(shownUnit),
): string {
  const on = groundOf(candidate);
  const { reused } = candidate.verdict ?? {};
  const as = inlineCode(candidate.commit.slice(0, 12));
  const together = others.length === 0 ? '' : ` together with ${others.join(', ')} in one build`;
  if (reused) return `On top of ${on} it is ${as}${together}; ${standsFor(reused, inlineCode)}`;
  return `Tested${together} on top of ${on}, as ${as}.${withoutWhom(candidate)}`;
}

/** With whom one is tested by one build, and since when, in words that stay the same while it is; `unit`: its own name. */
export function togetherWith({ candidate, members }: Batch, unit: UnitId): string {
  const others = members.filter((other) => other !== unit).map(shownUnit);
  const { madeAt } = candidate;
  const since =
    madeAt === undefined ? '' : ` since ${new Date(madeAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `tested together with ${others.join(', ')} in one build${since}`;
}

/** The same for the author of one of them, with what comes of it. */
export function tellBatch(batch: Batch, unit: UnitId, facts: QueueFacts): string {
  const { candidate, members } = batch;
  const others = members.filter((other) => other !== unit).map(shownUnit);
  const says = `More wait than there are slots: it is ${togetherWith(batch, unit)}. When that passes, all of them land by one push; when it fails, smaller parts of it are built, and nobody is rejected for that alone.`;
  return `${says} ${testedWith(candidate, others)}${jobTable(candidate.jobs ?? [], facts)}`;
}

const states: Readonly<Record<FoldedVerdict['verdict'], string>> = {
  pending: 'under way',
  passed: 'passed',
  failed: 'failed',
  error: 'could not be run',
};

/** What failed before on the same commit and runs once more. */
export function failedBefore({ failures = [] }: MadeCandidate): string {
  return failures
    .map(({ job, failures: count }) => {
      const times = count === 1 ? 'once' : `${count} times`;
      return `\n\n${inlineCode(job)} failed ${times} on this very tree; as that may be a flake it is run once more, and those behind do not wait for it.`;
    })
    .join('');
}

/** What else is tested of it, in case what is ahead does not land as it is thought to; no points of what it waits for. */
export function testedBesides({ hedges = [] }: QueueItem): string {
  if (hedges.length === 0) return '';
  const lines = hedges.map((made) => `- ${testedWith(made)} ${states[foldVerdict(made.jobs ?? []).verdict]}`);
  return `\n\nTested besides, in case what is ahead turns out otherwise:\n\n${lines.join('\n')}`;
}

import { inlineCode, tableCell } from '../text/safe-markdown.ts';
import type { PushDecision } from '../version/decide-push.ts';
import type { ReleaseDecision } from '../version/decide-release.ts';
import type { PlannedJob } from './planned-job.ts';

/** What `sluice/version` says on a pushed commit (versions.md §8). */
export interface PushReport {
  /** `building`: it is not over; what it comes to, the jobs say. */
  readonly state: 'building' | 'skipped' | 'failure' | 'action_required';
  /** One line, plain text. */
  readonly title: string;
  /** Markdown: what each job does, with the tags of its images. */
  readonly summary: string;
}

function stateOf({ dev, releases, waits }: PushDecision): PushReport['state'] {
  const kinds = releases.map(({ kind }) => kind);
  if (dev.kind === 'failed' || kinds.includes('failed')) return 'failure';
  if (kinds.includes('held')) return 'action_required';
  return dev.kind === 'build' || kinds.length > 0 || waits !== null ? 'building' : 'skipped';
}

function titleOf({ row, dev, releases, waits }: PushDecision, planned: readonly PlannedJob[]): string {
  const [first, second] = releases;
  if (first === undefined) return `${row}: ${waits ?? dev.because}`;
  const worst = releases.find(({ kind }) => kind === 'failed') ?? releases.find(({ kind }) => kind === 'held');
  if (worst !== undefined) return `${worst.row}: ${worst.because}`;
  if (second !== undefined) return `${row}: releases ${releases.map(({ version }) => version.raw).join(', ')}`;
  const images = new Set(planned.flatMap((job) => (job.release ? job.images.map(({ name }) => name) : [])));
  const count = images.size === 0 ? '' : ` (${images.size === 1 ? '1 image' : `${images.size} images`})`;
  return `${first.row}: ${first.because}${count}`;
}

function rowsOf({ job, decision, reason, images }: PlannedJob): readonly string[] {
  const tagged = images.length === 0 ? [{ name: null, tags: [] }] : images;
  return tagged.map(({ name, tags }) => {
    const image = name === null ? '–' : inlineCode(name);
    const shown = tags.length === 0 ? '–' : tags.map(inlineCode).join('<br>');
    return `| ${inlineCode(job)} | ${image} | ${shown} | ${decision}: ${tableCell(reason)} |`;
  });
}

/** Pure; `planned`: what the same push came to for each job. */
export function reportPush(decision: PushDecision, planned: readonly PlannedJob[]): PushReport {
  const table = ['| job | image | tags | |', '|---|---|---|---|', ...planned.flatMap(rowsOf)];
  const warnings = decision.warnings.map((warning) => `${warning}.`);
  const summary = [...warnings, ...(planned.length === 0 ? [] : [table.join('\n')])].join('\n\n');
  return { state: stateOf(decision), title: titleOf(decision, planned), summary };
}

function forecastOne({ version, kind, because }: ReleaseDecision): string {
  if (kind === 'confirm') return because;
  if (kind === 'failed') return `the release of ${version.raw} would fail: ${because}`;
  return kind === 'held' ? `release ${version.raw}, held: ${because}` : `release ${version.raw}`;
}

/** What merging would do, in one sentence, from the decision on the merge as if it had been pushed. */
export function forecastPush({ row, dev, releases, waits }: PushDecision): string {
  const images = dev.kind === 'none' ? [] : [dev.because];
  const told = [...releases.map(forecastOne), ...(waits === null ? [] : [waits])];
  const words = told.length > 0 ? [...told, ...(dev.kind === 'build' ? images : [])] : images;
  return `After merge (${row}): ${words.length === 0 ? dev.because : words.join('; ')}.`;
}

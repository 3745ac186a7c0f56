import { definitionDigest, type SourceAnnotation } from '../../model/build.ts';
import type { CheckAction, CheckRunReport, CheckStatus, Conclusion } from '../../model/check-run.ts';
import type { RecordedFlake } from '../../model/flake.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { AskedChange, Departure, LeavingItem, MadeCandidate, QueueBranch, QueueItem } from '../../model/queue.ts';
import { codeBlock, cutText, escapeMarkdown, inlineCode } from '../text/safe-markdown.ts';
import type { Batch } from './best-first/batches.ts';
import { unitIdOf } from './best-first/unit-id.ts';
import type { QueueFacts } from './facts.ts';
import { foldVerdict } from './fold-verdict.ts';
import { gateCheckName } from './report-candidate.ts';
import { failedBefore, jobTable, tellBatch, testedBesides, testedWith } from './tell-tested.ts';

const dequeue: CheckAction = {
  identifier: 'dequeue',
  label: 'Dequeue',
  description: 'Take this change out of the queue',
};

/** Finds the gate's check run of one request of one head again. */
export function itemCheckId(
  subject: string,
  { branch, number, request, entry, runs = 0 }: Pick<AskedChange, 'branch' | 'number' | 'request' | 'entry' | 'runs'>,
): string {
  // In a queue of several projects numbers repeat.
  const place = subject.startsWith('shared-queue/') ? [subject, branch] : [subject];
  return `sluice-gate-${definitionDigest([...place, number, request.head])}/${entry}${runs === 0 ? '' : `.${runs}`}`;
}

interface Told {
  readonly state: CheckStatus;
  readonly title: string;
  readonly summary: string;
  readonly text: string;
  /** Left out: none. */
  readonly annotations?: readonly SourceAnnotation[];
  /** Ms; null while it goes on. */
  readonly endedAt: number | null;
}

function tails(jobs: readonly JobRecord[]): string {
  const failed = jobs.flatMap(({ status }) => ('builds' in status ? status.builds : []));
  return failed
    .flatMap(({ parts, state }) =>
      state.phase === 'finished' && state.result !== 'success' && state.outcome.tail !== ''
        ? [`**Last lines of ${inlineCode(parts.job)}**\n\n${codeBlock(state.outcome.tail)}`]
        : [],
    )
    .join('\n\n');
}

/** Where it failed, for whoever reads the change: what stands ahead of it may have moved lines. */
function placesOf({ jobs, ahead }: MadeCandidate): readonly SourceAnnotation[] {
  const states = (jobs ?? []).flatMap(({ status }) => ('builds' in status ? status.builds : []));
  const note = ahead.length === 0 ? '' : ' (the line is that of the merge that was tested)';
  return states.flatMap(({ state }) =>
    state.phase === 'finished' && state.outcome.annotation !== null
      ? [{ ...state.outcome.annotation, message: `${state.outcome.annotation.message}${note}` }]
      : [],
  );
}

function inWords(departure: Departure): {
  readonly conclusion: Conclusion;
  readonly title: string;
  readonly next: string;
} {
  switch (departure.kind) {
    case 'landed': {
      // What it failed by itself is not what let it land.
      const inside = departure.within === undefined ? '' : `, inside of #${departure.within.number}`;
      return { conclusion: 'success', title: `Landed as ${departure.commit.slice(0, 12)}${inside}`, next: '' };
    }
    case 'landed-outside':
    case 'contained':
      return {
        conclusion: 'neutral',
        title: departure.kind === 'contained' ? 'Already contained' : 'Landed outside the gate',
        next: '',
      };
    case 'moved':
      return { conclusion: 'neutral', title: 'Moved to another queue', next: '' };
    case 'rejected':
      return {
        conclusion: 'failure',
        title: 'Rejected',
        next: 'Push a fix, or comment `/gate` to have the same head tested anew.',
      };
    case 'refused':
      return {
        conclusion: 'failure',
        title: 'Refused by GitHub',
        next: 'Once that rule is met, comment `/gate` again.',
      };
    case 'withdrawn':
      return { conclusion: 'cancelled', title: 'Taken out of the queue', next: 'Comment `/gate` to ask again.' };
  }
}

/** With a capital, unless it begins with the name of a job, which is written as it is. */
function asSentence(text: string, jobs: readonly JobRecord[]): string {
  const [first = ''] = text.split(/,? /, 1);
  return jobs.some(({ job }) => job === first) ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function flakeLine({ job, failures }: RecordedFlake): string {
  const times = failures === 1 ? 'once' : `${failures} times`;
  return ` ${inlineCode(job)} failed ${times} on the same tree before it passed: a flake, which \`sluice flakes\` counts.`;
}

/** What landed by the same push, for the author of one of them. */
function landedBeside(departure: Departure): string {
  if (departure.kind !== 'landed') return '';
  const { within, inside = [] } = departure;
  if (within)
    return ` It landed by the same push as #${within.number}, which was tested as ${inlineCode(within.commit.slice(0, 12))} with this change inside: every job and image that it has to pass did so there. \`gate: { prefixes: false }\` has each tested and landed by itself.`;
  if (inside.length === 0) return '';
  const names = inside.map((number) => `#${number}`).join(', ');
  return ` ${names} landed by the same push: ${inside.length === 1 ? 'it was' : 'they were'} inside of what was tested.`;
}

/** The last word to the author of an item that left: why, what was tested, and what to do. */
export function tellDeparture({ departure, candidate, at }: LeavingItem, facts: QueueFacts): Told {
  const { conclusion, title, next } = inWords(departure);
  // What was lost with Redis is known to have landed by its ledger alone.
  const isInside = departure.kind === 'landed' && departure.within !== undefined;
  const passed =
    candidate === null || isInside ? 'its ledger says that it has landed' : foldVerdict(candidate.jobs ?? []).because;
  const why = 'because' in departure ? departure.because : passed;
  const because = `${asSentence(why, candidate?.jobs ?? [])}.`;
  const tested = candidate === null ? '' : `\n\n${testedWith(candidate)}${jobTable(candidate.jobs ?? [], facts)}`;
  const flakes = (candidate?.verdict?.flakes ?? []).map(flakeLine).join('');
  const summary = [because, next].filter((part) => part !== '').join(' ');
  return {
    state: { status: 'completed', conclusion },
    title,
    summary: `${summary}${landedBeside(departure)}${flakes}${tested}`,
    text: candidate === null ? '' : tails(candidate.jobs ?? []),
    annotations: candidate !== null && departure.kind === 'rejected' ? placesOf(candidate) : [],
    endedAt: at,
  };
}

function ownTest(item: QueueItem, candidate: MadeCandidate, batch: Batch | null, facts: QueueFacts): string {
  if (batch !== null) return tellBatch(batch, unitIdOf(item), facts);
  return `${testedWith(candidate)}${jobTable(candidate.jobs ?? [], facts)}`;
}

/** While it is in the queue: its place, what it is tested with, what stands in its way, and when it may land; `batch`: that which tests it. */
export function tellItem(
  item: QueueItem,
  place: number,
  of: number,
  waits: readonly string[],
  eta: { readonly line: string; readonly short: string },
  facts: QueueFacts,
  batch: Batch | null = null,
): Told {
  const candidate = batch?.candidate ?? item.candidate;
  const lines = waits.length === 0 ? '' : `\n\n${waits.map((line) => `* ${line}`).join('\n')}`;
  const position = place === 1 ? 'First in the queue' : `${place}. of ${of} in the queue`;
  const tested =
    candidate?.kind === 'made'
      ? `\n\n${ownTest(item, candidate, batch, facts)}${failedBefore(candidate)}${testedBesides(item)}`
      : '';
  const conflict =
    candidate?.kind === 'conflict'
      ? `\n\nIt conflicts in ${candidate.paths.slice(0, 20).map(inlineCode).join(', ')}.`
      : '';
  const isTested = candidate?.kind === 'made' && candidate.jobs !== null;
  return {
    state: { status: isTested ? 'in_progress' : 'queued' },
    title: [position, eta.short].filter((part) => part !== '').join(', '),
    summary: `Asked for by ${escapeMarkdown(item.request.by.login)}.${lines}${conflict}${eta.line === '' ? '' : `\n\n${eta.line}`}${tested}`,
    text: '',
    endedAt: null,
  };
}

/** The head's own check where the forge merges: it must be green first, and is written as the last thing before (gate.md §4). */
export function tellGreen(item: QueueItem, facts: QueueFacts): Told {
  const tested =
    item.candidate?.kind === 'made' ? `${testedWith(item.candidate)}${jobTable(item.candidate.jobs ?? [], facts)}` : '';
  return {
    state: { status: 'completed', conclusion: 'success' },
    title: 'Passed; GitHub is asked to merge it',
    summary: tested,
    text: '',
    endedAt: item.candidate?.kind === 'made' ? (item.candidate.verdict?.at ?? item.enteredAt) : item.enteredAt,
  };
}

/** Before it enters: what is still missing. */
export function tellAsked(change: AskedChange, missing: string, count: number): Told {
  return {
    state: { status: 'queued' },
    title:
      count === 1 ? 'Not in the queue yet: one thing is missing' : `Not in the queue yet: ${count} things are missing`,
    summary: `Asked for by ${escapeMarkdown(change.request.by.login)}; it enters by itself as soon as nothing is missing.\n\n${missing}`,
    text: '',
    endedAt: null,
  };
}

/** The gate's check run on the head. `mark` keeps the request where a lost state is found again. */
export function reportChange(
  branch: QueueBranch,
  change: AskedChange,
  told: Told,
  mark: string,
  facts: QueueFacts,
): CheckRunReport {
  const { state, title, summary, text, endedAt, annotations = [] } = told;
  return {
    commit: change.request.head,
    name: gateCheckName(branch.branch),
    externalId: itemCheckId(facts.subject, change),
    state,
    title,
    summary: cutText(summary),
    text: cutText([mark, text].filter((part) => part !== '').join('\n\n')),
    annotations,
    actions: endedAt === null ? [dequeue] : [],
    detailsUrl: null,
    startedAt: change.request.at,
    completedAt: endedAt,
  };
}

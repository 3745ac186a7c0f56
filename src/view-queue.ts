import type { BesideView, JobView, QueuedView, QueueView } from './cli/queue-view.ts';
import { batchOf } from './core/gate/best-first/batches.ts';
import { describeShortage, shortageBegins, shortSince } from './core/gate/best-first/tell-shortage.ts';
import { unitIdOf } from './core/gate/best-first/unit-id.ts';
import { branchOf, changeNameOf } from './core/gate/draft.ts';
import { holdLabel } from './core/gate/entry/judge-request.ts';
import { foldVerdict } from './core/gate/fold-verdict.ts';
import { closedBegins, describeClosed } from './core/gate/join/closed-lanes.ts';
import { redTipOf } from './core/gate/red-tip.ts';
import { itemCheckId } from './core/gate/report-item.ts';
import { passedAs } from './core/gate/reuse/reused-words.ts';
import { togetherWith } from './core/gate/tell-tested.ts';
import type { KnownQueue } from './known-subjects.ts';
import type { Build, BuildResult } from './model/build.ts';
import type { JobRecord } from './model/presubmit.ts';
import { fullName } from './model/project.ts';
import type { AskedChange, MadeCandidate, QueueItem, QueueRecord } from './model/queue.ts';
import { etaOf, pointsOf, type ReadTold } from './told-reports.ts';

const words: Readonly<Record<BuildResult, string>> = {
  success: 'passed',
  failure: 'failed',
  timeout: 'timed out',
  aborted: 'stopped',
  error: 'could not be run',
};

function timeOf({ state }: Build): number {
  return state.phase === 'finished' ? state.finishedAt : state.since;
}

/** One job, in words. */
export function viewJob({ job, required, because, status }: JobRecord): JobView {
  const builds = 'builds' in status ? status.builds : [];
  const since = builds.length === 0 ? null : Math.max(...builds.map(timeOf));
  const view = (state: string): JobView => ({ job, required, state, since, because });
  if (status.kind === 'skipped') return view('skipped');
  if (status.kind === 'blocked') return view('waits for what it needs');
  if (status.kind === 'ended') return view(words[status.result]);
  return view(builds.every(({ state }) => state.phase === 'wanted') ? 'waits for a slot' : 'running');
}

/** What a candidate stands on and that is still in the queue, in order; what has landed since is the branch. */
export function aheadOf(
  record: QueueRecord,
  { ahead, names }: MadeCandidate,
): readonly { readonly number: number; readonly name: string }[] {
  const queued = new Set(record.items.map((item) => changeNameOf(record, item)));
  return ahead
    .map((number, index) => ({ number, name: names?.[index] ?? `#${number}` }))
    .filter(({ name }) => queued.has(name));
}

type Stands = Pick<QueuedView, 'stands' | 'state'>;

function standsTested(record: QueueRecord, candidate: MadeCandidate): Stands {
  const { jobs, broken } = candidate;
  if (broken !== null) return { state: 'failed', stands: `its configuration cannot be used: ${broken}` };
  if (jobs === null) return { state: 'waiting', stands: 'what is tested of it is being decided' };
  const folded = foldVerdict(jobs);
  const ahead = aheadOf(record, candidate).map(({ name }) => name);
  const isFirst = ahead.length === 0;
  switch (folded.verdict) {
    case 'passed':
      return {
        state: 'passed',
        stands: `${passedAs(candidate.verdict?.reused)}, ${isFirst ? 'lands next' : `waits for ${ahead.join(', ')} to land`}`,
      };
    case 'failed':
      return {
        state: 'failed',
        stands: isFirst ? `failed: ${folded.because}` : `failed together with ${ahead.join(', ')}, waits for their end`,
      };
    case 'error':
      return { state: 'failed', stands: folded.because };
    case 'pending':
      return { state: 'testing', stands: 'being tested' };
  }
}

function standsWaiting({ window, schedule }: QueueRecord, place: number): Stands {
  if (schedule)
    return { state: 'beyond-window', stands: `waits for its turn: at most ${schedule.slots} tested at once` };
  if (window > 0 && place > window) return { state: 'beyond-window', stands: `beyond the window of ${window}` };
  return { state: 'waiting', stands: 'not tested yet' };
}

/** How an item stands, from the record alone. */
function standsOf(record: QueueRecord, item: QueueItem, place: number): Stands {
  const { landing } = record;
  const { candidate } = item;
  if (landing?.number === item.number && landing.branch === item.branch) return { state: 'landing', stands: 'landing' };
  if (item.view.pull.labels.includes(holdLabel)) return { state: 'held', stands: 'held until /unhold' };
  if (item.parked !== null) return { state: 'parked', stands: `parked: ${item.parked}` };
  const batch = batchOf(record, item);
  if (batch !== null && foldVerdict(batch.candidate.jobs ?? []).verdict === 'pending')
    return { state: 'testing', stands: togetherWith(batch, unitIdOf(item)) };
  if (candidate === null) return standsWaiting(record, place);
  switch (candidate.kind) {
    case 'made':
      return standsTested(record, candidate);
    case 'conflict': {
      const other = candidate.with === null ? '' : ` with #${candidate.with}`;
      return { state: 'conflict', stands: `conflicts${other} in ${candidate.paths.slice(0, 5).join(', ')}` };
    }
    case 'contained':
      return { state: 'waiting', stands: 'what it stands on has all of it already' };
    case 'forbidden':
      return { state: 'refused', stands: `it cannot be landed: ${candidate.because}` };
    case 'unmade':
      return { state: 'waiting', stands: `its commit could not be made: ${candidate.because}` };
  }
}

type ToldOf = Pick<QueuedView, 'missing' | 'eta'>;

function viewChange(record: QueueRecord, change: AskedChange, told: ToldOf): QueuedView {
  const { number, view, request, lane, overrides } = change;
  return {
    place: null,
    repository: fullName(branchOf(record, change.branch).project),
    number,
    title: view.pull.title,
    author: view.pull.author.login,
    head: request.head,
    lane,
    askedBy: request.by.login,
    askedAt: request.at,
    testedWith: null,
    besides: [],
    jobs: [],
    stands: 'not in the queue yet',
    state: 'asked',
    ...told,
    overrides: overrides.map(({ check, by, at }) => ({ check, by: by.login, at })),
  };
}

const besideStates: Readonly<Record<ReturnType<typeof foldVerdict>['verdict'], BesideView['state']>> = {
  pending: 'testing',
  passed: 'passed',
  failed: 'failed',
  error: 'failed',
};

function viewBeside(record: QueueRecord, made: MadeCandidate): BesideView {
  const state = made.broken === null ? besideStates[foldVerdict(made.jobs ?? []).verdict] : 'failed';
  return { testedWith: aheadOf(record, made).map(({ number }) => number), state };
}

function viewItem(record: QueueRecord, item: QueueItem, place: number, told: ToldOf): QueuedView {
  const made = item.candidate?.kind === 'made' ? item.candidate : null;
  return {
    ...viewChange(record, item, told),
    place,
    testedWith: made && aheadOf(record, made).map(({ number }) => number),
    besides: (item.hedges ?? []).map((hedge) => viewBeside(record, hedge)),
    jobs: (made?.jobs ?? []).map(viewJob),
    ...standsOf(record, item, place),
  };
}

function shortOf(record: QueueRecord): QueueView['short'] {
  const since = shortSince(record);
  const says = describeShortage(record);
  return since === null || says === null ? null : { since, says };
}

/** A queue as people look at it; what its changes wait for is what they were last told. */
export async function viewQueue(
  { subject, record, repository, branch }: KnownQueue,
  told: ReadTold,
): Promise<QueueView> {
  const toldOf = async (change: AskedChange): Promise<ToldOf> => {
    const summary = (await told(itemCheckId(subject, change)))?.summary ?? '';
    // Said once, of the whole queue.
    const ofAll = ['The queue is frozen', shortageBegins, closedBegins];
    const missing = pointsOf(summary).filter((point) => !ofAll.some((begins) => point.startsWith(begins)));
    return { missing, eta: etaOf(summary) };
  };
  const { frozen, wish, landing, schedule } = record;
  const window = schedule?.slots ?? record.window;
  const red = redTipOf(record);
  const items = record.items.map(async (item, index) => viewItem(record, item, index + 1, await toldOf(item)));
  const asked = record.asked.map(async (change) => viewChange(record, change, await toldOf(change)));
  return {
    repository,
    branch,
    tip: record.branches[0]?.tip ?? null,
    window,
    frozen: frozen && { by: frozen.by?.login ?? null, because: frozen.because, at: frozen.at },
    wish: wish && { kind: wish.kind, by: wish.by?.login ?? null, at: wish.at },
    short: shortOf(record),
    closed: describeClosed(record),
    red: red && { job: red.jobs.join(', '), tip: red.tip, since: red.since },
    landing: landing && { number: landing.number, commit: landing.to, since: landing.since },
    items: await Promise.all(items),
    asked: await Promise.all(asked),
  };
}

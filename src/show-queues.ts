import { describeFreeze, describeLanding } from './cli/draw-queue.ts';
import type { QueuedState, QueuedView, QueueView } from './cli/queue-view.ts';
import { changeNameOf } from './core/gate/draft.ts';
import { shownBuildOf } from './core/gate/made-of.ts';
import type { BoardChange, BoardState, QueueBoard, QueueBoards } from './http/queue-board.ts';
import { type KnownQueue, readQueues } from './known-subjects.ts';
import type { BuildId } from './model/build.ts';
import type { PresubmitRecord } from './model/presubmit.ts';
import type { AskedChange, QueueItem, QueueRecord } from './model/queue.ts';
import type { Clock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';
import type { DocumentStore } from './ports/store.ts';
import type { ReadTold } from './told-reports.ts';
import { aheadOf, viewQueue } from './view-queue.ts';

/** What the status page reads the queues from. */
export interface QueueShow {
  readonly documents: Pick<DocumentStore, 'subjects' | 'load'>;
  readonly told: ReadTold;
  readonly logUrl: (build: BuildId) => string | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whoever asks within so long gets the same answer: a page that everybody may ask for must cost little, ms. */
const keptMs = 2_000;

const states: Readonly<Record<QueuedState, BoardState>> = {
  asked: 'waiting',
  waiting: 'waiting',
  'beyond-window': 'waiting',
  held: 'held',
  parked: 'held',
  testing: 'testing',
  passed: 'passed',
  failed: 'failed',
  conflict: 'failed',
  refused: 'failed',
  landing: 'landing',
};

function madeOf(change: AskedChange | QueueItem) {
  return 'candidate' in change && change.candidate?.kind === 'made' ? change.candidate : null;
}

function testedOn({ record, branch }: KnownQueue, change: AskedChange | QueueItem): readonly string[] | null {
  const made = madeOf(change);
  return made && [branch, ...aheadOf(record, made).map(({ name }) => name)];
}

function besidesOf({ record, branch }: KnownQueue, change: AskedChange | QueueItem, { besides }: QueuedView) {
  const hedges = 'hedges' in change ? (change.hedges ?? []) : [];
  return hedges.map((made, index) => ({
    testedOn: [branch, ...aheadOf(record, made).map(({ name }) => name)],
    state: states[besides[index]?.state ?? 'testing'],
  }));
}

function jobsOf(change: AskedChange | QueueItem, view: QueuedView, { logUrl }: QueueShow): BoardChange['jobs'] {
  return view.jobs.map(({ job, state, required }, index) => {
    const record = madeOf(change)?.jobs?.[index];
    const build = record ? shownBuildOf(record) : null;
    return { name: job, state, required, log: build === null ? null : logUrl(build) };
  });
}

function toChange(queue: KnownQueue, change: AskedChange | QueueItem, view: QueuedView, show: QueueShow): BoardChange {
  const { title, author, lane, stands, missing, eta } = view;
  return {
    name: changeNameOf(queue.record, change),
    title,
    author,
    lane,
    url: change.view.pull.url,
    state: states[view.state],
    stands,
    testedOn: testedOn(queue, change),
    besides: besidesOf(queue, change, view),
    jobs: jobsOf(change, view, show),
    missing,
    eta,
  };
}

function alarmsOf(view: QueueView, now: number): readonly string[] {
  const freeze = describeFreeze(view, now);
  const { red, branch, closed } = view;
  return [
    ...(freeze === '' ? [] : [`Frozen ${freeze}`]),
    ...(red === null
      ? []
      : [`${branch} is red: ${red.job} fails on ${red.tip.slice(0, 12)} itself; nobody is rejected`]),
    ...(closed === null ? [] : [closed]),
  ];
}

async function toBoard(queue: KnownQueue, show: QueueShow): Promise<QueueBoard> {
  const now = show.clock.now();
  const view = await viewQueue(queue, show.told);
  const { repository, branch, record } = queue;
  const landing = describeLanding(view, now);
  const changes = (of: QueueRecord['asked'], views: readonly QueuedView[]): readonly BoardChange[] =>
    views.flatMap((each, index) => {
      const change = of[index];
      return change ? [toChange(queue, change, each, show)] : [];
    });
  return {
    repository: repository.replaceAll('+', ' + '),
    branch,
    tip: view.tip,
    window: view.window,
    alarms: alarmsOf(view, now),
    short: view.short?.says ?? null,
    landing: landing === '' ? null : `Landing ${landing}`,
    items: changes(record.items, view.items),
    asked: changes(record.asked, view.asked),
  };
}

/** By anything that is known of any of its projects: one may have been public when the queue began. */
function isPrivate({ record }: KnownQueue, newest: ReadonlyMap<number, PresubmitRecord>): boolean {
  return record.branches.some(({ project }) => project.private || newest.get(project.id)?.project.private === true);
}

async function readBoards(show: QueueShow): Promise<QueueBoards> {
  const { queues, newest } = await readQueues(show.documents);
  const open = queues.filter((queue) => !isPrivate(queue, newest));
  const shown = await Promise.all(open.map((queue) => toBoard(queue, show)));
  return { shown, hidden: queues.length - shown.length };
}

/** Gives the queues of public repositories as the status page shows them; null: they could not be read. */
export function createQueueShow(show: QueueShow): () => Promise<QueueBoards | null> {
  let kept: { readonly at: number; readonly boards: Promise<QueueBoards | null> } | null = null;
  return async () => {
    const now = show.clock.now();
    if (kept === null || now - kept.at >= keptMs) {
      const boards = readBoards(show).catch((cause: unknown) => {
        show.log.warn({ err: cause }, 'the queues could not be read');
        return null;
      });
      kept = { at: now, boards };
    }
    return kept.boards;
  };
}

import { createDocumentStore } from './adapters/redis/document-store.ts';
import type { ChangeView, HistoryLine, QueuedView } from './cli/queue-view.ts';
import { findChange } from './find-change.ts';
import { type KnownChange, type KnownQueue, readKnown } from './known-subjects.ts';
import type { Machine } from './machine.ts';
import { branchKeyOf, type Departure, type LandedChange } from './model/queue.ts';
import { type SubjectId, subjectIdOf } from './model/subject.ts';
import type { Decision, DocumentStore } from './ports/store.ts';
import { withServerRedis } from './server-redis.ts';
import { type ReadTold, toldIn } from './told-reports.ts';
import { viewJob, viewQueue } from './view-queue.ts';

/** As many decisions as are kept. */
const mostDecisions = 200;

function speaksOf(number: number): (text: string) => boolean {
  const pattern = new RegExp(`(?:^|[^\\w&])#${number}(?!\\d)`);
  return (text) => pattern.test(text);
}

function lineOf(of: HistoryLine['of'], decision: Decision, isMeant: (text: string) => boolean): HistoryLine[] {
  const reasons = decision.reasons.filter(isMeant);
  const effects = decision.effects.filter(isMeant);
  return reasons.length + effects.length === 0 ? [] : [{ at: decision.at, of, reasons, effects }];
}

async function historyOf(
  documents: Pick<DocumentStore, 'history'>,
  change: KnownChange,
  queues: readonly SubjectId[],
): Promise<readonly HistoryLine[]> {
  const own = await documents.history(change.subject, mostDecisions);
  const lines = own.flatMap((decision) => lineOf('presubmit', decision, () => true));
  const isMeant = speaksOf(change.record.number);
  for (const queue of queues)
    for (const decision of await documents.history(queue, mostDecisions))
      lines.push(...lineOf('queue', decision, isMeant));
  return lines.sort((one, other) => one.at - other.at);
}

function landedAs({ commit, within }: Pick<LandedChange, 'commit' | 'within'>): string {
  return `It landed as ${commit}${within ? `, inside of #${within.number}` : ''}.`;
}

function wordsOf(departure: Departure): string {
  if (departure.kind === 'landed') return landedAs(departure);
  return `It left the queue, ${departure.kind}: ${departure.because}.`;
}

function saysOf(
  number: number,
  key: string,
  queued: QueuedView | undefined,
  queue: KnownQueue | undefined,
  of: number,
): string {
  if (queued && queued.place !== null) return `Place ${queued.place} of ${of}: ${queued.stands}.`;
  if (queued) return `${queued.askedBy} asked for its landing; it enters by itself as soon as nothing is missing.`;
  const left = queue?.record.leaving.findLast(({ change }) => change.number === number && change.branch === key);
  if (left) return wordsOf(left.departure);
  const landed = queue?.record.branches
    .find((branch) => branch.key === key)
    ?.landed.findLast((each) => each.number === number);
  if (landed) return landedAs(landed);
  return `Nobody asks for its landing: "/gate" on the pull request does, or "sluice queue enqueue ${number}".`;
}

/** What was said and is in no record yet: without a running server it stays so. */
async function pendingOf(documents: Pick<DocumentStore, 'inbox'>, queue: SubjectId, number: number): Promise<string> {
  const words = (await documents.inbox(queue)).flatMap(({ detail }) =>
    detail.kind === 'gate' && detail.number === number && detail.command !== 'hint'
      ? [`${detail.command} by ${detail.by?.login ?? 'somebody'}`]
      : [],
  );
  return words.length === 0 ? '' : ` Not taken up by the server yet: ${words.join(', ')}.`;
}

async function queueOf(
  { record, repository }: KnownChange,
  queues: readonly KnownQueue[],
  told: ReadTold,
  documents: Pick<DocumentStore, 'inbox'>,
): Promise<ChangeView['queue']> {
  const branch = record.pull?.baseRef ?? record.change?.baseRef ?? record.project.defaultBranch;
  const key = branchKeyOf(record.project.id, branch);
  const queue = queues.find((each) => each.record.branches.some((other) => other.key === key));
  const subject = queue?.subject ?? subjectIdOf({ kind: 'queue', repository: record.project.id, branch });
  const view = queue ? await viewQueue(queue, told) : null;
  const queued = [...(view?.items ?? []), ...(view?.asked ?? [])].find(
    ({ number, repository: of }) => number === record.number && of === repository,
  );
  const says = saysOf(record.number, key, queued, queue, view?.items.length ?? 0);
  const pending = await pendingOf(documents, subject, record.number);
  return { branch, says: `${says}${pending}`, frozen: view?.frozen?.because ?? null, change: queued ?? null };
}

function viewPull({ pull }: KnownChange['record']): ChangeView['pull'] {
  if (pull === null) return null;
  const { title, author, state, draft, head, baseRef: branch } = pull;
  return { title, author: author.login, state, draft, head, branch };
}

/** The reasons for where a change is: as it stands, and as it came there. Throws a usage error for a number nobody knows. */
export async function explainChange(number: number, repository: string | null, machine: Machine): Promise<ChangeView> {
  return withServerRedis(machine, async (redis) => {
    const documents = createDocumentStore(redis);
    const known = await readKnown(documents);
    const change = findChange(known, number, repository);
    const { record } = change;
    const own = known.queues.filter((queue) =>
      queue.record.branches.some(({ project }) => project.id === record.project.id),
    );
    return {
      repository: change.repository,
      number,
      pull: viewPull(record),
      told: record.change?.told.split('\n').at(-1) || null,
      jobs: (record.change?.jobs ?? []).map(viewJob),
      queue: await queueOf(change, own, toldIn(redis), documents),
      history: await historyOf(
        documents,
        change,
        own.map(({ subject }) => subject),
      ),
    };
  });
}

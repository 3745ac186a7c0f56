import { changeIdOf } from '../../core/gate/draft.ts';
import { madeOf } from '../../core/gate/made-of.ts';
import type { PresubmitRecord } from '../../model/presubmit.ts';
import type { QueueItem, QueueRecord } from '../../model/queue.ts';
import { subjectIdOf } from '../../model/subject.ts';
import { readRecord } from '../begin-pass.ts';
import type { AppContext } from '../context.ts';

/** So long after it was noticed a loss keeps changes from landing, where not everything can be read again (ms). */
export const unheardMs = 15 * 60_000;

const afterLoss =
  'what the server knew was lost, or put back to an earlier time, and what was said since is read again first';
const notRead = 'what was said of it lately is still being read';

/** What may have been said of changes and is known to nobody here, as an older state of the server took its place. */
export interface UnheardReader {
  /** By change id, of those that could land, why that is not known yet. Asked before the queue's inbox is read: what was said by then is in it. */
  read(record: QueueRecord): Promise<ReadonlyMap<string, string>>;
}

function couldLand(item: QueueItem): boolean {
  return madeOf(item).some(({ verdict }) => verdict !== null);
}

/** Its pull request has something in its inbox, or a word that its pass has not given on yet. */
async function isUnread(
  { documents }: AppContext['ports'],
  { branches }: QueueRecord,
  { branch, number }: QueueItem,
): Promise<boolean> {
  const project = branches.find(({ key }) => key === branch)?.project;
  if (project === undefined) return false;
  const subject = subjectIdOf({ kind: 'presubmit', repository: project.id, number });
  // In this order: what leaves the inbox is in the document.
  if ((await documents.inbox(subject)).length > 0) return true;
  const record = readRecord<PresubmitRecord>((await documents.load(subject)).document);
  return record?.outbox.some(({ effect }) => effect.kind === 'tell') ?? false;
}

/**
 * Until a resync of this life of the server (`resynced-life`) nothing lands, and after it nothing of which something is still to be
 * read: a `/dequeue` that was answered must not be undone by a loss. Only for so long, so that what cannot be read stops nobody.
 */
export function createUnheardReader({ ports }: Pick<AppContext, 'ports'>): UnheardReader {
  const { notes, clock, log } = ports;
  let life: string | null = null;
  let wasResynced = false;
  let since = 0;
  let isWarned = false;

  /** Null: it was noticed so long ago that nothing is kept any more. */
  async function lookForLoss(): Promise<{ readonly isResynced: boolean } | null> {
    const now = await notes.life();
    const isResynced = (await notes.read('resynced-life')) === now;
    if (now !== life || (wasResynced && !isResynced)) [since, isWarned] = [clock.elapsed(), false];
    [life, wasResynced] = [now, isResynced];
    if (clock.elapsed() - since <= unheardMs) return { isResynced };
    if (!isResynced && !isWarned) log.warn({ life }, 'changes land though not everything was read again after a loss');
    isWarned = true;
    return null;
  }

  return {
    async read(record) {
      const found = new Map<string, string>();
      const items = record.items.filter(couldLand);
      const loss = items.length === 0 ? null : await lookForLoss();
      if (loss === null) return found;
      for (const item of items)
        if (!loss.isResynced) found.set(changeIdOf(item), afterLoss);
        else if (await isUnread(ports, record, item)) found.set(changeIdOf(item), notRead);
      return found;
    },
  };
}

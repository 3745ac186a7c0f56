import { changeIdOf } from '../../core/gate/draft.ts';
import { madeOf } from '../../core/gate/made-of.ts';
import type { PresubmitRecord } from '../../model/presubmit.ts';
import type { Project } from '../../model/project.ts';
import type { QueueItem, QueueRecord } from '../../model/queue.ts';
import { subjectIdOf } from '../../model/subject.ts';
import { readRecord } from '../begin-pass.ts';
import type { AppContext } from '../context.ts';
import { resyncedIn } from '../resync.ts';

/** So long after it was noticed a loss keeps changes from landing, where not everything can be read again (ms). */
export const unheardMs = 15 * 60_000;

const afterLoss =
  'what the server knew was lost, or put back to an earlier time, and what was said since is read again first';
const notRead = 'what was said of it lately is still being read';

/** What may have been said of changes and is known to nobody here, as an older state of the server took its place. */
export interface UnheardReader {
  /**
   * By change id, of those that could land and of what may land with them, why that is not known yet. Asked before the queue's
   * inbox is read: what was said by then is in it.
   */
  read(record: QueueRecord): Promise<ReadonlyMap<string, string>>;
}

function couldLand(item: QueueItem): boolean {
  return madeOf(item).some(({ verdict }) => verdict !== null);
}

/** Its pull request has something in its inbox, or a word that its pass has not given on yet. */
async function isUnread({ documents }: AppContext['ports'], project: Project, { number }: QueueItem): Promise<boolean> {
  const subject = subjectIdOf({ kind: 'presubmit', repository: project.id, number });
  // In this order: what leaves the inbox is in the document.
  if ((await documents.inbox(subject)).length > 0) return true;
  const record = readRecord<PresubmitRecord>((await documents.load(subject)).document);
  return record?.outbox.some(({ effect }) => effect.kind === 'tell') ?? false;
}

/**
 * Until its repository was read again in this life of the server no change lands, and after that none of which something is
 * still to be read: a `/dequeue` that was answered must not be undone by a loss. Only for so long, so that what cannot be read
 * stops nobody.
 */
export function createUnheardReader({ ports }: Pick<AppContext, 'ports'>): UnheardReader {
  const { notes, clock, log } = ports;
  let life: string | null = null;
  let most = 0;
  let since = 0;
  let isWarned = false;

  /** Of which repositories what was said since is read again; `all`: of each. Null: nothing is kept for that any more. */
  async function readAgain(): Promise<'all' | ReadonlySet<number> | null> {
    const now = await notes.life();
    const known = (await notes.read('resynced-life')) === now ? 'all' : await resyncedIn({ notes }, now);
    const count = known === 'all' ? Number.POSITIVE_INFINITY : known.size;
    // What is known of less was lost, though the server may not have been started anew.
    if (now !== life || count < most) [since, isWarned] = [clock.elapsed(), false];
    [life, most] = [now, count];
    if (clock.elapsed() - since <= unheardMs) return known;
    if (known !== 'all' && !isWarned)
      log.warn({ life }, 'changes land though not everything was read again after a loss');
    isWarned = true;
    return null;
  }

  return {
    async read(record) {
      const found = new Map<string, string>();
      const items = record.items.slice(0, record.items.findLastIndex(couldLand) + 1);
      const again = items.length === 0 ? null : await readAgain();
      if (again === null) return found;
      for (const item of items) {
        const project = record.branches.find(({ key }) => key === item.branch)?.project;
        if (project === undefined) continue;
        if (again !== 'all' && !again.has(project.id)) found.set(changeIdOf(item), afterLoss);
        else if (await isUnread(ports, project, item)) found.set(changeIdOf(item), notRead);
      }
      return found;
    },
  };
}

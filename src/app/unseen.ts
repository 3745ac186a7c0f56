import type { ForgeEvent } from '../model/forge-event.ts';
import { parseSubjectId, type SubjectId } from '../model/subject.ts';
import type { AppContext } from './context.ts';
import type { ForgeMemory } from './forge-memory.ts';

/** So long what was heard of a repository waits until it is to be seen again: a week, as a delivery is remembered (versions.md §6.1). */
const keptMs = 7 * 24 * 3_600_000;

/** After as long as it has been away a repository is asked for again, but neither sooner nor later than this. */
const [soonestMs, latestMs] = [15_000, 5 * 60_000];

/** Repositories that the App may not see, which everybody who has something of one need not ask for each time. */
export interface Unseen {
  /**
   * Whether the App may not see it, as while it is suspended. Where it was not to be seen the last time, the forge is asked at
   * once when a word came since (`heardAt`: when the newest did, in ms, 0: there is none) or an installation changed.
   */
  is(repository: number, heardAt: () => Promise<number>): Promise<boolean>;
  /** Wakes all there is of them, once after each change of an installation; to be called again and again. */
  wakeChanged(): Promise<void>;
}

interface Away {
  readonly since: number;
  readonly askedAt: number;
  readonly heardAt: number;
  readonly changed: string | null;
}

function isStillAway(
  { since, askedAt, heardAt, changed }: Away,
  found: { readonly newest: number; readonly changed: string | null; readonly now: number },
): boolean {
  const pause = Math.min(latestMs, Math.max(soonestMs, askedAt - since));
  return found.newest <= heardAt && found.changed === changed && found.now < askedAt + pause;
}

/** What `Unseen` remembers is this worker's; that an installation changed is told to all of them by a note. */
export function createUnseen(
  { notes, clock, documents, signals }: Pick<AppContext['ports'], 'notes' | 'clock' | 'documents' | 'signals'>,
  memory: Pick<ForgeMemory, 'project' | 'recentProject'>,
): Unseen {
  const away = new Map<number, Away>();
  let wokenFor: string | null = null;

  return {
    async is(repository, heardAt) {
      const known = away.get(repository);
      if (known === undefined && memory.recentProject(repository) !== null) return false;
      const newest = Math.max(known?.heardAt ?? 0, await heardAt());
      // Read before the forge is asked: what changes meanwhile is another change.
      const changed = await notes.read('installations-changed');
      const now = clock.now();
      if (known !== undefined && isStillAway(known, { newest, changed, now })) return true;
      if ((await memory.project(repository)) === null) {
        away.set(repository, { since: known?.since ?? now, askedAt: now, heardAt: newest, changed });
        return true;
      }
      away.delete(repository);
      return false;
    },
    async wakeChanged() {
      const changed = away.size === 0 ? null : await notes.read('installations-changed');
      if (changed === null || changed === wokenFor) return;
      const back = new Set([...away].flatMap(([repository, known]) => (known.changed === changed ? [] : [repository])));
      for (const id of back.size === 0 ? [] : await documents.subjects()) {
        const subject = parseSubjectId(id);
        if (subject !== null && 'repository' in subject && back.has(subject.repository)) await signals.wake(id);
      }
      wokenFor = changed;
    },
  };
}

/** When the newest of these words came (ms); 0: there is none. */
export function newestOf(inbox: readonly Pick<ForgeEvent, 'receivedAt'>[]): number {
  return Math.max(0, ...inbox.map(({ receivedAt }) => receivedAt));
}

/** Whether a subject is of a repository that the App may not see now; `inbox`: what was heard of it. */
export async function isUnseenSubject(
  unseen: Unseen,
  id: SubjectId,
  inbox: readonly Pick<ForgeEvent, 'receivedAt'>[],
): Promise<boolean> {
  const subject = parseSubjectId(id);
  if (subject === null || !('repository' in subject)) return false;
  return unseen.is(subject.repository, async () => newestOf(inbox));
}

/**
 * Whether these words were heard of a repository that the App may not see now: they alone tell what was pushed, and by whom, so
 * they stay where they are until the repository is to be seen again (commands.md §2).
 */
export async function keepsWords(
  { ports }: { readonly ports: Pick<AppContext['ports'], 'clock'> },
  unseen: Unseen,
  id: SubjectId,
  inbox: readonly Pick<ForgeEvent, 'receivedAt'>[],
): Promise<boolean> {
  const since = ports.clock.now() - keptMs;
  return inbox.some(({ receivedAt }) => receivedAt > since) && isUnseenSubject(unseen, id, inbox);
}

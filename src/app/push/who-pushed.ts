import type { ForgeEvent } from '../../model/forge-event.ts';
import type { Person } from '../../model/person.ts';
import type { Project } from '../../model/project.ts';
import type { Pusher, PushRecord } from '../../model/push.ts';
import type { Sha } from '../../model/sha.ts';
import type { Landing } from '../../ports/landing.ts';

/** Whether a tip that a branch once had holds a commit; null: it is gone, so that nobody can tell. */
async function holds(
  landing: Pick<Landing, 'contains'>,
  project: Project,
  tip: Sha,
  commit: Sha,
): Promise<boolean | null> {
  try {
    return await landing.contains(project, tip, commit);
  } catch (cause) {
    if (!(cause instanceof Error && cause.message.endsWith(` has no ${tip}`))) throw cause;
    return null;
  }
}

/**
 * Who brought the branch from one commit to another, as the forge told; whoever takes it back brings nothing, and releases nothing
 * of what is left (V16).
 */
export async function pushersIn(
  landing: Pick<Landing, 'contains'>,
  project: Project,
  inbox: readonly ForgeEvent[],
): Promise<readonly Pusher[]> {
  const found: Pusher[] = [];
  for (const { detail, sender } of inbox) {
    if (detail.kind !== 'push' || sender === null) continue;
    const before = /^0+$/.test(detail.before) ? null : detail.before;
    const { after, forced } = detail;
    const isBack = forced && before !== null && (await holds(landing, project, before, after)) !== false;
    found.push({ before, after, by: sender, ...(isBack ? { isBack } : {}) });
  }
  return found;
}

/**
 * Who pushed a commit: who brought the branch from one that does not hold it to one that does, and nobody who pushed something on
 * top of it; null: nobody told (V16).
 */
export async function pusherOf(
  landing: Pick<Landing, 'contains'>,
  { project, pushers }: { readonly project: Project; readonly pushers: readonly Pusher[] },
  commit: Sha,
): Promise<Person | null> {
  for (const { before, after, by, isBack } of pushers) {
    if (isBack || (await holds(landing, project, after, commit)) !== true) continue;
    if (before === null || (await holds(landing, project, before, commit)) === false) return by;
  }
  return null;
}

/** The same of all that runs release and nobody is known to have pushed: the forge may tell it late. */
export async function whoBrought(
  landing: Pick<Landing, 'contains'>,
  { project, runs }: Pick<PushRecord, 'project' | 'runs'>,
  pushers: readonly Pusher[],
): Promise<ReadonlyMap<Sha, Person>> {
  const found = new Map<Sha, Person>();
  if (pushers.length === 0) return found;
  for (const { wish } of runs.flatMap(({ releases = [] }) => releases)) {
    const by = wish.by === null ? await pusherOf(landing, { project, pushers }, wish.commit) : null;
    if (by !== null) found.set(wish.commit, by);
  }
  return found;
}

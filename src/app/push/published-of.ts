import type { LastPublished, PushedRef } from '../../core/postsubmit/plan-push.ts';
import { standingLandings } from '../../core/promote/own-tags.ts';
import type { WantedPush } from '../../core/push/facts.ts';
import type { BranchReading } from '../../model/landing.ts';
import type { ChangedFiles } from '../../model/matcher.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { AppContext } from '../context.ts';

/** A push that is judged, and what stands on the forge then. */
interface Judged extends Pick<WantedPush, 'before' | 'after'> {
  readonly project: Project;
  readonly reading: BranchReading;
  /** Why the commit before says nothing; null: it does. */
  readonly groundless: string | null;
}

/** What changed since a commit; unknown where that is gone. */
export async function changedSince(
  { ports }: AppContext,
  { project, after }: Pick<Judged, 'project' | 'after'>,
  from: Sha,
): Promise<ChangedFiles> {
  try {
    return await ports.history.changed(project, from, after);
  } catch (cause) {
    if (!(cause instanceof Error && cause.message.endsWith(` has no ${from}`))) throw cause;
    return { known: false, because: `${from.slice(0, 12)} is gone` };
  }
}

/** What each image was last published from, by the ledger of the branch (commands.md §5). */
export async function publishedOf(context: AppContext, push: Judged): Promise<PushedRef['published']> {
  const { ledger } = push.reading;
  const newest = new Map<string, Sha>();
  for (const { commit, images } of standingLandings(ledger.kind === 'whole' ? ledger.entries : []))
    if (images.length > 0 && !(await isAbove(context, push, commit)))
      for (const { name } of images) newest.set(name, commit);
  const found = new Map<string, LastPublished>();
  for (const [name, from] of newest) {
    const changed = await changedSince(context, push, from);
    found.set(name, { from, changed, ...(changed.known && (await isIn(context, push, from)) ? { isIn: true } : {}) });
  }
  return found;
}

/** Whether a commit came on top of a push before that was judged. */
async function isAbove(
  { ports }: AppContext,
  { project, after, reading: { tip } }: Judged,
  commit: Sha,
): Promise<boolean> {
  if (tip === null || tip === after || commit === after) return false;
  const { landing } = ports;
  return (await landing.contains(project, tip, commit)) && (await landing.contains(project, commit, after));
}

/** Whether a commit is one of those that a push brought. */
async function isIn(
  { ports }: AppContext,
  { project, before, after, groundless }: Judged,
  commit: Sha,
): Promise<boolean> {
  if (groundless !== null || commit === before) return false;
  const { landing } = ports;
  return (await landing.contains(project, after, commit)) && !(await landing.contains(project, before, commit));
}

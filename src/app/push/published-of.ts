import type { LastPublished, PushedRef } from '../../core/postsubmit/plan-push.ts';
import { type StandingLanding, standingLandings, takenBack } from '../../core/promote/own-tags.ts';
import type { WantedPush } from '../../core/push/facts.ts';
import type { GoingImages } from '../../core/push/going-images.ts';
import type { BranchReading } from '../../model/landing.ts';
import type { LedgerEntry } from '../../model/ledger.ts';
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
  /** What is published once it is built, though it was pushed before. */
  readonly going: readonly GoingImages[];
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

/** So many of the newest commits that were taken back are compared with, of an image that nothing else is known of. */
const mostTakenBack = 10;

/** What stands by the ledger, oldest first, and what of it the branch holds no more: that will be recorded as taken back. */
interface Standing {
  readonly held: readonly StandingLanding[];
  readonly left: readonly StandingLanding[];
}

/** All that stands is held but where a forced push came: then the newest may not be. */
async function standingOf(
  { ports: { landing } }: AppContext,
  { project, before, after, groundless, reading: { tip } }: Judged,
  entries: readonly LedgerEntry[],
): Promise<Standing> {
  const all = standingLandings(entries);
  if (groundless === null && (await landing.contains(project, after, before))) return { held: all, left: [] };
  let held = all.length;
  for (let last = all[held - 1]; last && !(await landing.contains(project, tip ?? after, last.commit)); ) {
    held -= 1;
    last = all[held - 1];
  }
  return { held: all.slice(0, held), left: all.slice(held) };
}

/** Each image of what was taken back, with the commits that it was built of, the newest first. */
function takenBackOf(all: readonly StandingLanding[]): ReadonlyMap<string, ReadonlySet<Sha>> {
  const found = new Map<string, Set<Sha>>();
  for (const { commit, images } of all.toReversed())
    for (const { name } of images) found.set(name, (found.get(name) ?? new Set()).add(commit));
  return found;
}

/**
 * What each image was last published from, by the ledger of the branch, of what that holds (commands.md §5). Where all of that was
 * taken back, its tags point at some of it still: what differs from any of it changed. So it did where it differs from what is still
 * built of a push that this one stands on, and will be published after that: else what takes that back would leave it published.
 */
export async function publishedOf(context: AppContext, push: Judged): Promise<PushedRef['published']> {
  const { ledger } = push.reading;
  const entries = ledger.kind === 'whole' ? ledger.entries : [];
  const newest = new Map<string, Sha>();
  const { held, left } = await standingOf(context, push, entries);
  for (const { commit, images } of held)
    if (images.length > 0 && !(await isAbove(context, push, commit)))
      for (const { name } of images) newest.set(name, commit);
  const found = new Map<string, LastPublished>();
  for (const [name, from] of newest) {
    const changed = await changedSince(context, push, from);
    found.set(name, { from, changed, ...(changed.known && (await isIn(context, push, from)) ? { isIn: true } : {}) });
  }
  for (const [name, commits] of takenBackOf([...takenBack(entries), ...left])) {
    const [from, ...others] = [...commits].slice(0, mostTakenBack);
    if (from === undefined || newest.has(name)) continue;
    const all = [await changedSince(context, push, from)];
    for (const other of others) all.push(await changedSince(context, push, other));
    found.set(name, { from, changed: inAny(all) });
  }
  for (const going of push.going) await addGoing(context, push, found, going);
  return found;
}

async function addGoing(
  context: AppContext,
  push: Judged,
  found: Map<string, LastPublished>,
  { commit, names }: GoingImages,
): Promise<void> {
  const { contains } = context.ports.landing;
  const { project, after } = push;
  if (commit === after || !(await contains(project, after, commit))) return;
  for (const name of names) {
    const known = found.get(name);
    // What was published on top of it stays, whenever it comes.
    if (known !== undefined && (await contains(project, known.from, commit))) continue;
    // Of what was never published yet: a push between may have been refused, and have changed it all the same.
    const before = known ?? { from: commit, changed: await changedSince(context, push, push.before) };
    found.set(name, { ...before, changed: inAny([before.changed, await changedSince(context, push, commit)]) });
  }
}

/** What changed against any of several commits; unknown where it is against one of them. */
function inAny(all: readonly ChangedFiles[]): ChangedFiles {
  const unknown = all.find(({ known }) => !known);
  return unknown ?? { known: true, paths: [...new Set(all.flatMap((each) => (each.known ? each.paths : [])))] };
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

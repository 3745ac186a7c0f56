import { justOpened } from '../core/presubmit/just-opened.ts';
import type { ForgeEvent } from '../model/forge-event.ts';
import type { PresubmitRecord } from '../model/presubmit.ts';
import { fullName } from '../model/project.ts';
import type { AppContext } from './context.ts';
import type { ForgeMemory } from './forge-memory.ts';
import { type ObservedForge, prepareChange } from './observe-forge.ts';

/** When our state began, as far as it can tell, noted by the first who asks; what was lost before is not known to it. */
export async function stateSince(context: AppContext): Promise<number> {
  const { notes, clock } = context.ports;
  const noted = Number((await notes.read('state-since')) ?? Number.NaN);
  if (Number.isFinite(noted)) return noted;
  await notes.write('state-since', String(clock.now()));
  return clock.now();
}

/**
 * A look that asks the forge for nothing it has told already: for a pull request opened moments ago its signed opening,
 * the repository and its author's rights as of at most a minute ago. It can begin builds of untrusted code, which hold no
 * credential; the pass after it asks, and stops what should not be. Null: this is no such case.
 */
export async function observeOpened(
  context: AppContext,
  memory: ForgeMemory,
  record: PresubmitRecord,
  inbox: readonly ForgeEvent[],
): Promise<ObservedForge | null> {
  const { clock } = context.ports;
  // Cheap first: most passes are no such case.
  if (justOpened(record, inbox, clock.now(), Number.NEGATIVE_INFINITY) === null) return null;
  const pull = justOpened(record, inbox, clock.now(), await stateSince(context));
  const project = pull === null ? null : memory.recentProject(record.project.id);
  if (pull === null || project === null || !context.settings.allows(fullName(project))) return null;
  const [rights, prepared] = await Promise.all([
    memory.rights(project, pull.author),
    prepareChange(context, project, pull),
  ]);
  return {
    prepared,
    forge: {
      unconfirmed: true,
      project,
      pull,
      comments: [],
      reacted: new Set(),
      rights: new Map([[pull.author.id, rights]]),
      checkRuns: [],
      firstSeen: 0,
    },
  };
}

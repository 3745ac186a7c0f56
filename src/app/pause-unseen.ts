import { type Pause, whyPaused } from '../core/pause-builds.ts';
import type { BuildId } from '../model/build.ts';
import type { LineEntry } from '../model/line.ts';
import { type ObservedPod, podKeys } from '../model/pod.ts';
import type { Project } from '../model/project.ts';
import type { PromoteEffect } from '../model/promote-effect.ts';
import type { SubjectId } from '../model/subject.ts';
import { readRecord, seenProject } from './begin-pass.ts';
import type { AppContext } from './context.ts';
import type { ForgeMemory } from './forge-memory.ts';
import { performRun } from './push/perform-run.ts';
import { saveBranchPlan } from './save-branch-plan.ts';
import { keepsWords, newestOf, type Unseen } from './unseen.ts';

/** What came back is told by the forge; where that is lost it is found by looking so often. */
const lookAgainMs = 60_000;
/** And while something of it still runs. */
const endAgainMs = 15_000;

/** Throws where nobody knows: what has ended would be built again, and what cannot be reached cannot be stopped either. */
function endedOf(pods: readonly ObservedPod[] | null): ReadonlySet<string> {
  if (pods === null) throw new Error('the pods could not be listed, and what has ended is not to be stopped');
  return new Set(pods.filter(({ phase }) => phase === 'succeeded' || phase === 'failed').map(({ name }) => name));
}

/** The slots that pods of this subject hold which were told to end and still live: nobody else may start in them. */
async function slotsOf(
  { ports }: Pick<AppContext, 'ports'>,
  id: SubjectId,
  living: ReadonlySet<string>,
): Promise<readonly LineEntry[]> {
  if (living.size === 0) return [];
  const held: LineEntry[] = [];
  for (const pool of await ports.line.pools())
    for (const entry of (await ports.line.read(pool)).entries)
      if (entry.subject === id && living.has(entry.build)) held.push({ ...entry, state: 'active' });
  return held;
}

/** Pods of this subject that have not ended. */
function livingOf(pods: readonly ObservedPod[] | null, id: SubjectId): ReadonlySet<string> {
  const living = (pods ?? []).filter(
    ({ phase, annotations }) => phase !== 'succeeded' && phase !== 'failed' && annotations[podKeys.subject] === id,
  );
  return new Set(living.map(({ name }) => name));
}

/** Whoever told them to end may have died before it did. */
function endAgain(effects: PromoteEffect[], living: ReadonlySet<string>): void {
  const told = new Set<string>(
    effects.flatMap((effect) => (effect.kind === 'on' && effect.effect.kind === 'remove' ? [effect.effect.build] : [])),
  );
  for (const build of living)
    if (!told.has(build)) effects.push({ kind: 'on', number: 0, effect: { kind: 'remove', build: build as BuildId } });
}

/** How it is found out whether the App sees a repository. */
interface SeeingTools {
  readonly memory: Pick<ForgeMemory, 'project'>;
  readonly unseen: Unseen;
}

/** How the builds of a record stop. */
export interface Pausing<Record> {
  /** The branch whose record it is. */
  readonly branchOf: (record: Record) => string;
  readonly pause: (effects: PromoteEffect[], record: Record, at: Pause) => Record;
}

/** A forge that gives no answer says nothing of it: what is under way goes on. */
async function isUnseen(
  context: AppContext,
  { memory, unseen }: SeeingTools,
  id: SubjectId,
  repository: number,
): Promise<boolean> {
  const heardAt = async (): Promise<number> => newestOf(await context.ports.documents.inbox(id));
  try {
    return (await unseen.is(repository, heardAt)) || (await seenProject(context, memory, repository)) === null;
  } catch (err) {
    context.ports.log.debug({ repository, err }, 'whether the App sees it was not found out');
    return false;
  }
}

/**
 * Where something is known of a repository that the App may not see now: its builds stop, it waits in no line, and nothing
 * else is done until it is to be seen again; what was heard meanwhile stays, as it does where that is all. True: that is so.
 */
export async function pauseUnseen<Record extends { readonly schema: 1; readonly project: Project }>(
  context: AppContext,
  tools: SeeingTools,
  id: SubjectId,
  { branchOf, pause }: Pausing<Record>,
): Promise<boolean> {
  const stored = await context.ports.documents.load(id);
  const known = readRecord<Record>(stored.document);
  if (known === null) return keepsWords(context, tools.unseen, id, await context.ports.documents.inbox(id));
  if (!(await isUnseen(context, tools, id, known.project.id))) return false;
  const effects: PromoteEffect[] = [];
  const held = await slotsOf(context, id, livingOf(await context.pods.snapshot(), id));
  // Looked at last of all: what has passed while slots were read is not built again.
  const pods = await context.pods.snapshot();
  const now = context.ports.clock.now();
  const record = pause(effects, known, { now, ended: endedOf(pods) });
  const reasons = effects.length === 0 ? [] : [`${whyPaused}: what was built is stopped`];
  const living = livingOf(pods, id);
  endAgain(effects, living);
  const line = held.filter(({ build }) => living.has(build));
  const wakeAt = now + (living.size > 0 ? endAgainMs : lookAgainMs);
  const plan = { record, effects, reasons, line, wakeAt };
  const branch = branchOf(record);
  const planned = { id, subject: { repository: record.project.id, branch }, expected: stored.version, taken: [] };
  const origin = { subject: id, version: stored.version + 1, deliveries: [] };
  if (await saveBranchPlan(context, plan, planned))
    await performRun(context, { project: record.project, branch }, effects, origin);
  return true;
}

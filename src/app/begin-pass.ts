import type { ForgeEvent } from '../model/forge-event.ts';
import { fullName, type Project } from '../model/project.ts';
import type { SubjectId } from '../model/subject.ts';
import type { AppContext } from './context.ts';
import type { ForgeMemory } from './forge-memory.ts';
import { isUnseenSubject, keepsWords, type Unseen } from './unseen.ts';

/** Documents are written by us alone; one of an unknown schema is left to the version that can read it. Null: there is none. */
export function readRecord<Record extends { readonly schema: 1 }>(document: unknown): Record | null {
  if (document === null) return null;
  if (typeof document === 'object' && 'schema' in document && document.schema === 1) return document as Record;
  throw new Error(`a document of another version is stored: ${JSON.stringify(document).slice(0, 80)}`);
}

/** A repository that the App sees and that this server acts for; null: nothing is to be done or said there. */
export async function seenProject(
  { settings }: Pick<AppContext, 'settings'>,
  memory: Pick<ForgeMemory, 'project'>,
  repository: number,
): Promise<Project | null> {
  const project = await memory.project(repository);
  return project !== null && settings.allows(fullName(project)) ? project : null;
}

/** What a pass stands on. */
export interface BegunPass<Begun> {
  readonly begun: Begun;
  /** Version of the document that was loaded: a plan is saved on no other. */
  readonly expected: number;
  readonly inbox: readonly ForgeEvent[];
  /** Deliveries of the inbox, to be taken out of it together with what they led to. */
  readonly taken: readonly string[];
}

/**
 * Loads a subject's record and its inbox; `begin` makes of them what the pass starts from, or says with null that there is
 * nothing to be done. Then nothing is left behind: neither record nor events, which would wake it for ever; but where the App may
 * not see the repository now, both stay.
 */
export async function beginPass<Record extends { readonly schema: 1 }, Begun>(
  { ports }: Pick<AppContext, 'ports'>,
  { unseen }: { readonly unseen: Unseen },
  id: SubjectId,
  begin: (known: Record | null, inbox: readonly ForgeEvent[]) => Promise<Begun | null>,
): Promise<BegunPass<Begun> | null> {
  const { documents } = ports;
  const stored = await documents.load(id);
  const inbox = await documents.inbox(id);
  const taken = inbox.map(({ delivery }) => delivery);
  const begun = await begin(readRecord<Record>(stored.document), inbox);
  if (begun !== null) return { begun, expected: stored.version, inbox, taken };
  if (taken.length === 0 && stored.document === null) return null;
  // Asked of these very words: some may have come since it was asked whether they stay.
  const isKept =
    stored.document === null ? keepsWords({ ports }, unseen, id, inbox) : isUnseenSubject(unseen, id, inbox);
  if (await isKept) return null;
  const index = { line: [], wakeAt: null, settled: true };
  await documents.save({ subject: id, expected: stored.version, document: null, index, decision: null, taken });
  return null;
}

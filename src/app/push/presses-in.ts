import type { RerunPress } from '../../core/push/facts.ts';
import { failedLast, stemOf } from '../../core/push/own-checks.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
import type { Person } from '../../model/person.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { AppContext } from '../context.ts';

/** Why this person may not press what builds with our credentials; null: they may. */
export async function whyNotWriter(
  { ports }: Pick<AppContext, 'ports'>,
  project: Project,
  person: Person,
): Promise<string | null> {
  const rights = await ports.forge.rights(project, person);
  if (!rights.known) return rights.because;
  return ['write', 'maintain', 'admin'].includes(rights.permission) ? null : 'it takes write permission to press it';
}

/** What people pressed Re-run on, of the check runs that are the subject's own; `stemsAt` names those of a commit. */
export async function pressesIn(
  context: Pick<AppContext, 'ports'>,
  project: Project,
  inbox: readonly ForgeEvent[],
  stemsAt: (commit: Sha) => Promise<ReadonlySet<string>>,
): Promise<readonly RerunPress[]> {
  const presses: RerunPress[] = [];
  for (const { detail, sender } of inbox) {
    if (detail.kind !== 'check-button' || detail.button === 'action' || sender === null) continue;
    const stems = await stemsAt(detail.head);
    const all = await context.ports.forge.checkRuns(project, detail.head);
    const own = all.filter(({ externalId }) => stems.has(stemOf(externalId)));
    const pressed =
      detail.button === 'rerun-all'
        ? failedLast(own)
        : own.filter(({ externalId }) => externalId === detail.externalId);
    const whyNot = pressed.length === 0 ? null : await whyNotWriter(context, project, sender);
    presses.push(...pressed.map((said) => ({ by: sender, whyNot, said })));
  }
  return presses;
}

import type { RerunPress } from '../../core/push/facts.ts';
import { failedLast, stemOf } from '../../core/push/own-checks.ts';
import { refusalReport } from '../../core/push/press-answers.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
import type { Person } from '../../model/person.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { SubjectId } from '../../model/subject.ts';
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

/** Where a subject has nothing left to do: whoever pressed something of it is told so on the check run. */
export async function refusePresses(
  context: Pick<AppContext, 'ports'>,
  project: Project,
  { id, inbox, because }: { readonly id: SubjectId; readonly inbox: readonly ForgeEvent[]; readonly because: string },
  stemsAt: (commit: Sha) => Promise<ReadonlySet<string>>,
): Promise<void> {
  const deliveries = inbox.map(({ delivery }) => delivery);
  for (const press of await pressesIn(context, project, inbox, stemsAt)) {
    const report = refusalReport(press, press.whyNot ?? because);
    await context.ports.reporter.want(project, report, { subject: id, deliveries });
  }
}

import { definitionDigest } from '../../model/build.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
import type { Project } from '../../model/project.ts';
import type { QueueRecord } from '../../model/queue.ts';
import { subjectIdOf } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import { uploadsIn } from './queued-uploads.ts';

/** A word to the promote line of a branch, durable when it resolves; the same stamp again changes nothing. */
export async function tellPromotion(
  { ports }: Pick<AppContext, 'ports'>,
  project: Project,
  branch: string,
  stamp: string,
): Promise<void> {
  const { id, owner, name, installation } = project;
  const subject = subjectIdOf({ kind: 'promote', repository: id, branch });
  const event: ForgeEvent = {
    delivery: `promote-${definitionDigest([subject, stamp])}`,
    name: 'promote.landed',
    installation,
    repository: { id, owner, name },
    sender: null,
    receivedAt: ports.clock.now(),
    detail: { kind: 'promote', by: null },
  };
  await ports.intake.accept(event, [subject]);
  await ports.signals.wake(subject);
}

/**
 * A word to each promote line of which nothing is known here, though its branch has a ledger: all was lost. With `isAfterLoss` to
 * each that has one: what an old backup knows of as done is not looked at again by itself, whatever was written down since.
 */
export async function tellForgottenLines(
  { ports }: Pick<AppContext, 'ports'>,
  project: Project,
  { isAfterLoss = false } = {},
): Promise<void> {
  for (const branch of await ports.landing.ledgers(project)) {
    const line = subjectIdOf({ kind: 'promote', repository: project.id, branch });
    if (isAfterLoss || (await ports.documents.load(line)).document === null)
      await tellPromotion({ ports }, project, branch, `${ports.clock.now()}`);
  }
}

/** Hands over what landed since, and what was uploaded: promotion reads the rest in the ledger and in the queue. */
export async function handToPromotion(context: AppContext, before: QueueRecord, after: QueueRecord): Promise<void> {
  for (const { key, project, branch, landed } of after.branches) {
    const newest = landed.at(-1)?.commit;
    const known = before.branches.find((other) => other.key === key)?.landed.at(-1)?.commit;
    if (newest !== undefined && newest !== known) await tellPromotion(context, project, branch, newest);
    const old = new Set(uploadsIn(before, key).map(({ repository, tag }) => `${repository}:${tag}`));
    const fresh = uploadsIn(after, key).find(({ repository, tag }) => !old.has(`${repository}:${tag}`));
    if (fresh) await tellPromotion(context, project, branch, `${fresh.repository}:${fresh.tag}`);
  }
}

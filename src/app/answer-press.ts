import { refusalReport } from '../core/push/press-answers.ts';
import type { ForgeEvent } from '../model/forge-event.ts';
import type { AppContext } from './context.ts';

const because =
  'nothing is run again by it, as its branch or its job is gone, or it only tells what other check runs and pull requests do';

/** Re-run on a check run of ours that is nobody's to answer any more: whoever pressed reads so on it. */
export async function answerOwnerless({ ports }: Pick<AppContext, 'ports'>, event: ForgeEvent): Promise<void> {
  const { detail, sender, repository, delivery } = event;
  if (detail.kind !== 'check-button' || detail.button !== 'rerun' || sender === null || repository === null) return;
  const project = await ports.forge.project(repository.id);
  if (project === null) return;
  const said = (await ports.forge.checkRuns(project, detail.head)).find(
    ({ externalId }) => externalId === detail.externalId,
  );
  if (said === undefined) return;
  await ports.reporter.want(project, refusalReport({ by: sender, said }, because));
  ports.log.info({ delivery, check: said.name, commit: said.commit }, 'Re-run answered');
}

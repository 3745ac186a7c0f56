import { parseSubjectId, subjectIdOf } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import type { ForgeMemory } from '../forge-memory.ts';

/**
 * Another word of an organisation counts: what was refused by the last one may be built now, and something else may run by the
 * clock. Only hints: what is lost here is found by the next event or resync.
 */
export async function wakeOrganisation(
  { ports }: Pick<AppContext, 'ports'>,
  memory: Pick<ForgeMemory, 'listed'>,
  installation: number,
): Promise<void> {
  try {
    const projects = (await memory.listed()).filter((project) => project.installation === installation);
    const repositories = new Set(projects.map(({ id }) => id));
    for (const id of await ports.documents.subjects()) {
      const subject = parseSubjectId(id);
      if (subject?.kind === 'presubmit' && repositories.has(subject.repository)) await ports.signals.wake(id);
    }
    for (const { id, defaultBranch } of projects)
      await ports.signals.wake(subjectIdOf({ kind: 'periodic', repository: id, branch: defaultBranch }));
    ports.log.info({ installation, repositories: projects.length }, 'another file of an organisation counts');
  } catch (err) {
    ports.log.warn({ installation, err }, 'what an organisation changed was not told to its repositories');
  }
}

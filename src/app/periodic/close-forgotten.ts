import { forgottenIssues } from '../../core/periodic/forgotten-issues.ts';
import { nightlyMark } from '../../core/periodic/issue-mark.ts';
import type { WantedNightly } from '../../core/periodic/nightlies-of.ts';
import { fullName, type Project } from '../../model/project.ts';
import type { AppContext } from '../context.ts';

/** Which is kept with everything else: once after each loss, and seldom besides, as it takes a listing of the forge. */
const seldomMs = 7 * 24 * 3_600_000;
const tryingMs = 60_000;

/** Where nothing is known of a project's nightlies: issues of those that its file does not name any more are closed. */
export async function closeForgotten(
  { ports }: Pick<AppContext, 'ports'>,
  project: Project,
  branch: string,
  wanted: readonly WantedNightly[],
): Promise<void> {
  const { notes, issues, clock, log } = ports;
  const [lease, holder] = [`nightly-issues-${project.id}`, String(clock.now())];
  if (!(await notes.lease(lease, holder, tryingMs))) return;
  try {
    for (const wish of forgottenIssues(branch, wanted, await issues.listOpen(project, nightlyMark))) {
      await issues.write(project, wish);
      log.info({ repository: fullName(project), issue: wish.number }, 'issue of a nightly that is gone was closed');
    }
    await notes.lease(lease, holder, seldomMs);
  } catch (err) {
    log.warn({ repository: fullName(project), err }, 'issues of nightlies that are gone could not be looked for');
  }
}

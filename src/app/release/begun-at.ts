import { stemOf, stemsOfJobs } from '../../core/push/own-checks.ts';
import type { BegunAt } from '../../core/release/facts.ts';
import { lostJob, newestCheck, releaseCheckId } from '../../core/release/report-release.ts';
import { isFinal } from '../../model/check-run.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import type { ConfigReader } from '../read-config.ts';

/** What the forge shows of a release at a commit, where nothing of that is remembered. */
export async function begunAt(
  { ports }: AppContext,
  config: ConfigReader,
  id: SubjectId,
  project: Project,
  commit: Sha,
): Promise<BegunAt> {
  const runs = await ports.forge.checkRuns(project, commit);
  const state = await config.configAt(project, commit);
  const stems = stemsOfJobs(id, 'push', commit, state.kind === 'valid' ? state.config.jobs : []);
  const ownStem = stemOf(releaseCheckId(id, { wish: { commit }, revision: 1 }));
  const open = runs.filter((run) => !isFinal(run)).map((run) => lostJob(run, ports.clock.now()));
  return {
    told: newestCheck(id, commit, runs),
    lost: open.filter(({ externalId }) => stems.has(stemOf(externalId))),
    own: open.filter(({ externalId }) => stemOf(externalId) === ownStem),
  };
}

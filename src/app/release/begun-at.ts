import { stemOf, stemsOfJobs } from '../../core/push/own-checks.ts';
import type { BegunAt } from '../../core/release/facts.ts';
import { lostJob, newestCheck, releaseCheckId } from '../../core/release/report-release.ts';
import { isFinal } from '../../model/check-run.ts';
import type { Project } from '../../model/project.ts';
import type { ReleaseWish } from '../../model/release.ts';
import { isSameRelease } from '../../model/release-run.ts';
import type { Sha } from '../../model/sha.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import type { ConfigReader } from '../read-config.ts';
import { releasesInLedgers } from './known-releases.ts';

/**
 * A wish as a ledger has it begun already, where that is from another commit with the same files: it goes on there, under the check
 * run that it has (versions.md V12). Where that cannot be read, it is as it was.
 */
export async function asRecorded({ ports }: AppContext, project: Project, wish: ReleaseWish): Promise<ReleaseWish> {
  try {
    const known = (await releasesInLedgers({ ports }, project)).findLast((detail) => isSameRelease(detail, wish));
    if (known === undefined || known.commit === wish.commit) return wish;
    const isSame = (await ports.landing.treeOf(project, wish.commit)) === known.tree;
    return isSame ? { ...wish, commit: known.commit, branch: known.branch } : wish;
  } catch (err) {
    ports.log.debug(
      { repository: project.id, commit: wish.commit, err },
      'what ledgers have of a release is not known',
    );
    return wish;
  }
}

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

import { releaseWord } from '../../core/push/ask-releases.ts';
import { stemOf, stemsOfJobs } from '../../core/push/own-checks.ts';
import { releaseNamedBy } from '../../core/release/release-check.ts';
import { lostJob, releaseCheckId } from '../../core/release/report-release.ts';
import { type CheckRunReport, isFinal, type ObservedCheckRun } from '../../model/check-run.ts';
import type { Project } from '../../model/project.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import type { Sha } from '../../model/sha.ts';
import { type SubjectId, subjectIdOf } from '../../model/subject.ts';
import { readRecord } from '../begin-pass.ts';
import type { AppContext } from '../context.ts';
import type { ConfigReader } from '../read-config.ts';
import { wishAt } from './find-wish.ts';

/** So many of the newest commits of a branch are looked at. */
const mostLooks = 10;

interface Begun {
  readonly id: SubjectId;
  readonly name: string;
  readonly commit: Sha;
}

/** Releases whose own check run stands open on a commit. */
function begunOn(project: Project, commit: Sha, open: readonly ObservedCheckRun[]): readonly Begun[] {
  return open.flatMap(({ name: check, externalId }) => {
    const name = releaseNamedBy(check);
    if (name === null) return [];
    const id = subjectIdOf({ kind: 'release', repository: project.id, name });
    const own = releaseCheckId(id, { wish: { commit }, revision: 1 });
    return stemOf(own) === stemOf(externalId) ? [{ id, name, commit }] : [];
  });
}

/** Nothing is remembered of it: it is asked for once more, as its own check run says of whom. */
async function askAgain(context: AppContext, config: ConfigReader, project: Project, { name, commit }: Begun) {
  const { intake, signals, clock } = context.ports;
  const wish = await wishAt(context, config, project, name, commit);
  if (wish === null) return;
  const { queue, event } = releaseWord(project, wish, clock.now());
  await intake.accept(event, [queue]);
  await signals.wake(queue);
}

/**
 * Where nothing was remembered of a branch: releases that were begun on its newest commits go on (versions.md §6.7), and of those
 * that another commit has since, what stands open there is given as it ends.
 */
export async function findLostReleases(
  context: AppContext,
  config: ConfigReader,
  project: Project,
  tip: Sha,
): Promise<readonly CheckRunReport[]> {
  const { forge, landing, documents, clock } = context.ports;
  const ended: CheckRunReport[] = [];
  for (const commit of [tip, ...(await landing.firstParents(project, tip, mostLooks))]) {
    const open = (await forge.checkRuns(project, commit)).filter((run) => !isFinal(run));
    for (const begun of begunOn(project, commit, open)) {
      const { document } = await documents.load(begun.id);
      const known = readRecord<ReleaseRun>(document);
      if (known === null) await askAgain(context, config, project, begun);
      if (known === null || known.wish.commit === commit) continue;
      const state = await config.configAt(project, commit);
      const stems = stemsOfJobs(begun.id, 'push', commit, state.kind === 'valid' ? state.config.jobs : []);
      const own = stemOf(releaseCheckId(begun.id, { wish: { commit }, revision: 1 }));
      const left = open.filter(({ externalId }) => stemOf(externalId) === own || stems.has(stemOf(externalId)));
      const because = `${known.wish.version} is asked for from ${known.wish.commit.slice(0, 12)} since`;
      ended.push(...left.map((run) => lostJob(run, clock.now(), because)));
    }
  }
  return ended;
}

import { stemsOfNightlies } from '../core/periodic/nightlies-of.ts';
import { stemOf, stemsOfJobs, stemsOfPush } from '../core/push/own-checks.ts';
import { isTagCheck } from '../core/release/plan-tags.ts';
import { releaseNamedBy } from '../core/release/release-check.ts';
import type { ObservedCheckRun } from '../model/check-run.ts';
import type { Job } from '../model/job.ts';
import type { Project } from '../model/project.ts';
import type { Sha } from '../model/sha.ts';
import { type SubjectId, subjectIdOf } from '../model/subject.ts';
import type { AppContext } from './context.ts';
import { createConfigReader } from './read-config.ts';

interface Owner {
  readonly subject: SubjectId;
  readonly stems: ReadonlySet<string>;
}

function ofPush(project: Project, branch: string, head: Sha, jobs: readonly Job[]): Owner {
  const subject = subjectIdOf({ kind: 'push', repository: project.id, branch });
  return { subject, stems: stemsOfPush(subject, head, jobs) };
}

function ofNightlies(project: Project, head: Sha, jobs: readonly Job[]): Owner {
  const branch = project.defaultBranch;
  const subject = subjectIdOf({ kind: 'periodic', repository: project.id, branch });
  return { subject, stems: stemsOfNightlies(subject, project, branch, head, jobs) };
}

/** Releases have a check run of their own at the commit beside those of their jobs. */
function ofReleases(project: Project, head: Sha, jobs: readonly Job[], runs: readonly ObservedCheckRun[]): Owner[] {
  const names = new Set(
    runs.filter(({ externalId }) => !isTagCheck(externalId)).flatMap(({ name }) => releaseNamedBy(name) ?? []),
  );
  return [...names].map((name) => {
    const subject = subjectIdOf({ kind: 'release', repository: project.id, name });
    const own = runs.filter((run) => releaseNamedBy(run.name) === name).map(({ externalId }) => stemOf(externalId));
    return { subject, stems: new Set([...own, ...stemsOfJobs(subject, 'push', head, jobs)]) };
  });
}

/** What was said of git tags at the commit. */
function ofTags(project: Project, runs: readonly ObservedCheckRun[]): Owner {
  const own = runs.filter(({ externalId }) => isTagCheck(externalId)).map(({ externalId }) => stemOf(externalId));
  return { subject: subjectIdOf({ kind: 'tags', repository: project.id }), stems: new Set(own) };
}

/**
 * Which pushes, releases and nightlies a check run of ours is of; `externalId` null: all that stand on the commit. Derived from
 * the commit's own file, so that it is found after any loss. Empty: it is a pull request's, or nobody's.
 */
export async function ownersOfChecks(
  context: AppContext,
  project: Project,
  head: Sha,
  externalId: string | null,
): Promise<readonly SubjectId[]> {
  const { forge, history } = context.ports;
  const state = await createConfigReader(context).configAt(project, head);
  if (state.kind === 'unreadable') throw new Error(state.because);
  const jobs = state.kind === 'valid' ? state.config.jobs : [];
  const branches = await history.branches(project);
  const runs = await forge.checkRuns(project, head);
  const asked = new Set((externalId === null ? runs.map((run) => run.externalId) : [externalId]).map(stemOf));
  const owners = [
    ...[...branches.keys()].map((branch) => ofPush(project, branch, head, jobs)),
    ofNightlies(project, head, jobs),
    ...ofReleases(project, head, jobs, runs),
    ofTags(project, runs),
  ];
  return owners.filter(({ stems }) => [...stems].some((stem) => asked.has(stem))).map(({ subject }) => subject);
}

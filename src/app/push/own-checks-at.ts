import { stemOf, stemsOfPush } from '../../core/push/own-checks.ts';
import { isFinal, type ObservedCheckRun } from '../../model/check-run.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { Ports } from '../context.ts';
import type { ConfigReader } from '../read-config.ts';

/** A commit of a pushed branch; `id`: the branch. */
interface Pushed {
  readonly id: SubjectId;
  readonly project: Project;
  readonly commit: Sha;
}

/** The check runs of a commit that answer its push to this branch: neither nightlies' nor releases' nor another branch's. */
export async function ownChecks(
  forge: Pick<Ports['forge'], 'checkRuns'>,
  config: ConfigReader,
  { id, project, commit }: Pushed,
): Promise<readonly ObservedCheckRun[]> {
  const all = await forge.checkRuns(project, commit);
  if (all.length === 0) return [];
  const state = await config.configAt(project, commit);
  if (state.kind === 'unreadable') throw new Error(state.because);
  const stems = stemsOfPush(id, commit, state.kind === 'valid' ? state.config.jobs : []);
  return all.filter(({ externalId }) => stems.has(stemOf(externalId)));
}

/** So many commits of a push are looked at for what was begun there and lost. */
const mostLooks = 10;

/**
 * What stands open on the newest commits beneath that of a push, down to one that `before` holds (null: as far as is looked), with
 * it: an earlier state of ours began it, and was lost or put back. Where our own landings stand there (`landed`), somebody may have
 * taken the branch back to them, which is judged on what they stand on (commands.md §5): that is looked at too.
 */
export async function openBeneath(
  { landing, forge }: Pick<Ports, 'landing' | 'forge'>,
  config: ConfigReader,
  { id, project, commit }: Pushed,
  before: Sha | null,
  landed: Pick<ReadonlySet<Sha>, 'has'> = new Set(),
): Promise<readonly ObservedCheckRun[]> {
  const found: ObservedCheckRun[] = [];
  for (const beneath of await landing.firstParents(project, commit, mostLooks)) {
    const own = await ownChecks(forge, config, { id, project, commit: beneath });
    found.push(...own.filter((run) => !isFinal(run)));
    if (before !== null && !landed.has(beneath) && (await landing.contains(project, before, beneath))) return found;
  }
  return found;
}

/** The same on `before` alone, where a push began: of one that was judged since what is remembered. */
export async function openAt(
  { landing, forge }: Pick<Ports, 'landing' | 'forge'>,
  config: ConfigReader,
  { id, project, commit }: Pushed,
  before: Sha,
): Promise<readonly ObservedCheckRun[]> {
  if (!(await landing.firstParents(project, commit, mostLooks)).includes(before)) return [];
  return (await ownChecks(forge, config, { id, project, commit: before })).filter((run) => !isFinal(run));
}

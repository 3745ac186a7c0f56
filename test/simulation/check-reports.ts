import type { CheckRunReport } from '../../src/model/check-run.ts';
import type { Project } from '../../src/model/project.ts';
import type { Repository, StoredCheckRun } from './forge-world.ts';
import { checkGateReport, isGateCheck } from './gate/check-gate-report.ts';
import { checkJoinReport, isJoinCheck } from './gate/check-join.ts';
import { takeNewPods, type Watched } from './ground-truth.ts';
import type { Pod } from './pod-life.ts';
import { isPublishedAs } from './push/is-published.ts';

function pointOf({ manifest }: Pick<Pod, 'manifest'>): string | undefined {
  return manifest.metadata.annotations['sluice.dev/point'];
}

/**
 * Every point of the request, in its newest attempt, must have passed; after a loss but for what there is nothing to build of any
 * more.
 */
function isEarned(
  { requests, redis, sim }: Watched,
  repository: Repository,
  { externalId, commit }: CheckRunReport,
): boolean {
  const pods = requests.get(externalId) ?? [];
  // What was lost is judged anew, and something of it may have been published meanwhile.
  const since = pods.filter(({ createdAt }) => redis.lostAt() > 0 && createdAt > redis.lostAt());
  const points = new Set((since.length > 0 ? since : pods).map(pointOf));
  return (
    points.size > 0 &&
    [...points].every((point) => {
      const mine = pods.filter((pod) => pointOf(pod) === point);
      const attempts = mine.map((pod) => Number(pod.manifest.metadata.labels['sluice.dev/attempt']));
      const newest = mine.filter((_, index) => attempts[index] === Math.max(...attempts));
      if (redis.lostAt() === 0) return newest.some((pod) => pod.phase === 'succeeded');
      // After a loss an earlier attempt may be made again.
      return mine.some(
        ({ phase, manifest }) => phase === 'succeeded' || isPublishedAs(sim.knobs, repository, manifest, commit),
      );
    })
  );
}

function checkChange({ sim, forge, redis }: Watched, report: CheckRunReport, was: StoredCheckRun | null): void {
  const { state, name, externalId, commit } = report;
  const conclusion = state.status === 'completed' ? state.conclusion : null;
  const before = was?.state.status === 'completed' ? was.state.conclusion : null;
  // What is asked of a branch again once all of it was lost may come out otherwise.
  const isAnew = isJoinCheck(report) && redis.lostAt() > 0;
  if (before !== null && before !== conclusion && !isAnew)
    sim.violate('S10', `${name} on ${commit} was ${before} and becomes ${conclusion ?? state.status}`);
  if (was && (was.name !== name || was.commit !== commit)) sim.violate('S10', `${externalId} was ${was.name}`);
  const twins = was ? [] : (forge.checkRuns.get(commit) ?? []).filter((run) => run.externalId === externalId);
  const excused = sim.knobs.rates.pause > 0 || sim.time.now() - redis.lostAt() < 300_000;
  if (twins.length > 0 && !excused) sim.violate('S10', `a second check run ${name} with the id ${externalId}`);
}

function checkWords({ sim }: Watched, report: CheckRunReport): void {
  const { state, name, summary, text } = report;
  if (state.status === 'completed' && summary.trim() === '')
    sim.violate('reasons', `${name} is ${state.conclusion} without a reason`);
  if (JSON.stringify(report).includes('ghs_')) sim.violate('S14', `a token in the check run ${name}`);
  if (/@ops/.test(withoutCode(summary + text))) sim.violate('S18', `${name} mentions people: ${summary}`);
}

/** What must hold of everything that people see: earned, told once, with a reason, and where we may tell it. */
export function checkReport(
  watched: Watched,
  project: Project,
  report: CheckRunReport,
  was: StoredCheckRun | null,
): void {
  const { sim, forge } = watched;
  takeNewPods(watched);
  const { state, name, externalId, commit, title } = report;
  const said = state.status === 'completed' ? state.conclusion : state.status;
  sim.note(`check run: ${name === 'sluice' ? 'sluice ' : ''}${said}`);
  sim.tell(() => `check ${name} ${externalId} on ${commit.slice(0, 8)}: ${said}, ${title}`);
  checkChange(watched, report, was);
  const repository = forge.repositoryOf(project);
  if (isGateCheck(report)) checkGateReport(watched, repository, report);
  if (isJoinCheck(report)) checkJoinReport(watched, repository, report);
  const isJob = !/^sluice(\/|$)/.test(name) && name !== 'nothing';
  if (said === 'success' && isJob && !isEarned(watched, repository, report))
    sim.violate('S10', `${name} on ${commit} is told as passed, and no pod of ${externalId} passed`);
  checkWords(watched, report);
  if (!repository.seen.now()) sim.violate('S7', 'a check run in a repository that we may not see');
}

/** Markdown without what stands in code. */
function withoutCode(markdown: string): string {
  return markdown.replace(/```[\s\S]*?```/g, '').replace(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
}

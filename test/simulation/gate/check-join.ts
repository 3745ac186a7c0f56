import type { CheckRunReport } from '../../../src/model/check-run.ts';
import type { Join } from '../../../src/model/join.ts';
import type { LedgerDetail } from '../../../src/model/ledger.ts';
import type { QueueRecord } from '../../../src/model/queue.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { isCompleted, type Repository } from '../forge-world.ts';
import type { Watched } from '../ground-truth.ts';
import type { Owed } from '../liveness.ts';
import type { Surroundings } from '../processes.ts';
import { failsOn, gateJobsOf } from './configs.ts';
import type { LandingAttempt } from './landing-port.ts';
import { gitOf } from './move-branch.ts';
import { podsOf } from './truth.ts';

const prefix = 'sluice/join/';

export function isJoinCheck({ name }: { readonly name: string }): boolean {
  return name.startsWith(prefix);
}

type Landed = Extract<LedgerDetail, { kind: 'landed' }>;

function landedAs(repository: Repository, branch: string, head: string): readonly Landed[] {
  return [...gitOf(repository).entries.values()].flatMap(({ detail, branch: of }) =>
    of === branch && detail.kind === 'landed' && detail.head === head ? [detail] : [],
  );
}

/** Two of a job's pods that did not pass are a failure to whoever cannot see why. */
function hasFailedTwice(watched: Pick<Watched, 'cluster'>, commit: Sha, job: string): boolean {
  const pods = podsOf(watched, commit, job);
  return pods.filter(({ phase, work }) => phase === 'failed' || work === 'hangs').length >= 2;
}

/** Required jobs that fail on a commit, by its files alone. */
function failingOn({ sim }: Pick<Watched, 'sim'>, repository: Repository, commit: Sha): readonly string[] {
  const files = gitOf(repository).model.filesAt(commit) ?? {};
  const jobs = gateJobsOf(files, sim.knobs.queues?.images ?? null) ?? [];
  return jobs.filter(({ name, voting }) => voting && failsOn(files, name)).map(({ name }) => name);
}

function jobsIn(title: string): readonly string[] {
  return (title.split(': ')[1] ?? '').split(', ');
}

/** All jobs passed on the very commit that is told as green. */
function checkGreen(watched: Watched, repository: Repository, commit: Sha): void {
  const { sim } = watched;
  const failing = failingOn(watched, repository, commit);
  if (failing.length > 0)
    sim.violate('join', `${commit.slice(0, 8)} is told as green, and ${failing.join()} fails on it`);
  const files = gitOf(repository).model.filesAt(commit) ?? {};
  const voting = (gateJobsOf(files, sim.knobs.queues?.images ?? null) ?? []).filter((job) => job.voting);
  const unrun = voting.find(({ name }) => !podsOf(watched, commit, name).some(({ phase }) => phase === 'succeeded'));
  if (unrun) sim.violate('join', `${commit.slice(0, 8)} is told as green, and ${unrun.name} never passed on it`);
}

function isRed(watched: Watched, repository: Repository, commit: Sha, jobs: readonly string[]): boolean {
  const failing = failingOn(watched, repository, commit);
  return jobs.some((job) => failing.includes(job) || hasFailedTwice(watched, commit, job));
}

/** Whoever is named brought it: what failed fails on what it landed as, and passes on what was there right before. */
function checkCulprit(watched: Watched, repository: Repository, branch: string, report: CheckRunReport): void {
  const { sim } = watched;
  const jobs = jobsIn(report.title);
  const head = report.commit.slice(0, 8);
  const isGreen = (commit: Sha): boolean => {
    const failing = failingOn(watched, repository, commit);
    return jobs.every((job) => !failing.includes(job));
  };
  const isIt = ({ from, commit }: Landed): boolean => isRed(watched, repository, commit, jobs) && isGreen(from);
  const landed = landedAs(repository, branch, report.commit);
  if (!landed.some(isIt)) sim.violate('join', `${head} is told to have broken ${jobs.join()}, and did not`);
  sim.note('join: who broke it was told');
}

/** What is said of a branch as a whole must be what happened there (scheduling.md §5 "a periodic join build"). */
export function checkJoinReport(watched: Watched, repository: Repository, report: CheckRunReport): void {
  const { sim } = watched;
  const { name, state, commit, title, externalId } = report;
  const branch = name.slice(prefix.length);
  if (state.status !== 'completed') return;
  sim.note(`join: ${state.conclusion}`);
  if (externalId.startsWith('sluice-culprit-')) {
    checkCulprit(watched, repository, branch, report);
    return;
  }
  const wasTip = (repository.branches.get(branch)?.all() ?? []).includes(commit);
  if (!wasTip) sim.violate('join', `${commit.slice(0, 8)} is joined, and ${branch} never was there`);
  if (state.conclusion === 'success') checkGreen(watched, repository, commit);
  if (state.conclusion === 'failure' && !isRed(watched, repository, commit, jobsIn(title)))
    sim.violate('join', `${commit.slice(0, 8)} is told as red (${title}), and nothing failed on it twice`);
}

function redSince({ phase }: Join): number | null {
  if (phase.kind === 'searching') return phase.at;
  return phase.kind === 'red' ? phase.red.at : null;
}

/** Nothing lands as another tree while the branch is known to be red. */
export function checkClosed({ sim, redis }: Watched, { repository, push }: LandingAttempt, landed: Landed): void {
  if (landed.verdict.reused?.tree === undefined || redis.lostAt() > sim.time.now() - 200_000) return;
  const subject = subjectIdOf({ kind: 'queue', repository: repository.project.id, branch: push.branch });
  const body = redis.data.get<{ readonly body: string }>(`doc:${subject}`)?.body ?? '{}';
  const { join, landing } = JSON.parse(body) as Partial<Pick<QueueRecord, 'join' | 'landing'>>;
  const since = join === undefined ? null : redSince(join);
  if (since !== null && landing && landing.since > since)
    sim.violate(
      'join',
      `#${landed.number} lands as another tree, and the branch is red: ${JSON.stringify(join?.phase)}`,
    );
}

/** Longer than a pass takes, whatever is slow. */
const passMs = 400_000;

/** Nor is anything scheduled in lanes, from the pass after the one that learnt it. */
export function checkOpen(
  { sim }: Pick<Watched, 'sim'>,
  subject: string,
  { join, schedule }: Partial<QueueRecord>,
): void {
  const since = join === undefined ? null : redSince(join);
  if (since !== null && schedule?.lanes && sim.time.now() > since + passMs)
    sim.violate('join', `${subject} is scheduled in lanes, and the branch is red`);
}

/** What is still to be said of a branch as a whole. */
export function owedOfJoins({ sim, forge, redis }: Surroundings): readonly Owed[] {
  const { joins = 'off', hidden } = sim.knobs.queues ?? {};
  const owe = (what: string): Owed => ({ invariant: 'join', what });
  return [...forge.repositories.values()].flatMap((repository) => {
    // What was begun before everything was lost, or while nothing was seen, is not found again.
    if (!repository.git || redis.lostAt() > 0 || repository.seen.all().includes(false)) return [];
    const { entries } = gitOf(repository);
    const runs = [...forge.checkRuns].flatMap(([commit, all]) =>
      all.filter(isJoinCheck).map((run) => ({ commit, run })),
    );
    const open = runs
      .filter(({ run }) => !isCompleted(run))
      .map(({ commit }) => owe(`the join of ${commit} has no end`));
    const untold = runs.flatMap(({ run }) => {
      const number = Number(/^Red since #(\d+): /.exec(run.title)?.[1] ?? 0);
      const heads = [...entries.values()].flatMap(({ detail }) =>
        detail.kind === 'landed' && detail.number === number ? [detail.head] : [],
      );
      const isTold = heads.some((head) => forge.checkRuns.get(head)?.some(isJoinCheck));
      return heads.length > 0 && !isTold ? [owe(`#${number} broke the branch, and its author is not told`)] : [];
    });
    if (!hidden || joins === 'off') return [...open, ...untold];
    return [...open, ...untold, ...unseen({ sim }, repository, new Set(runs.map(({ commit }) => commit))).map(owe)];
  });
}

/** Branches that are red as two that landed last, one in a lane, do not go together, and of which no commit since was joined. */
function unseen({ sim }: Pick<Watched, 'sim'>, repository: Repository, joined: ReadonlySet<string>): readonly string[] {
  const { model, entries } = gitOf(repository);
  return [...repository.branches].flatMap(([branch, tips]) => {
    const tip = tips.now();
    const all = tips.all();
    const landed = [...entries.values()].flatMap(({ detail, branch: of }) =>
      of === branch && detail.kind === 'landed' ? [detail] : [],
    );
    const last = landed.at(-1);
    if (tip === undefined || last?.commit !== tip || last.verdict.reused?.tree === undefined) return [];
    if (failingOn({ sim }, repository, tip).length === 0) return [];
    const red = all.filter((commit) => failingOn({ sim }, repository, commit).length > 0);
    if (all.length !== new Set(all).size || model.get(tip) === undefined) return [];
    return red.some((commit) => joined.has(commit)) ? [] : [`${branch} is red, and no join of it was told`];
  });
}

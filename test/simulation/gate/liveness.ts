import { podKeys } from '../../../src/model/pod.ts';
import { isCompleted, type Pull, type Repository, type StoredCheckRun } from '../forge-world.ts';
import type { Owed } from '../liveness.ts';
import type { Surroundings } from '../processes.ts';
import { configOf, failsOn } from './configs.ts';
import type { Files } from './git-model.ts';
import { owedOfLandings } from './landed-liveness.ts';
import { gitOf } from './move-branch.ts';
import { entriesOf } from './repository-git.ts';
import { type Asked, askedFor, isApprovedAt, isOverriddenStill, needsOf } from './truth.ts';

/** What keeps a change from landing, and how its author is told so. */
interface Obstacle {
  readonly what: string;
  readonly told: RegExp;
}

function obstaclesOf(world: Surroundings, repository: Repository, pull: Pull, asked: readonly Asked[]) {
  const { sim } = world;
  const now = sim.time.now();
  const head = pull.head.now();
  const branch = pull.baseRef.now();
  const git = gitOf(repository);
  const tip = repository.branches.get(branch)?.now();
  const found: Obstacle[] = [];
  const add = (is: boolean, what: string, told: RegExp): void => void (is && found.push({ what, told }));
  const entries = entriesOf(git, branch);
  const last = entries?.findLast(({ detail }) => detail.kind === 'frozen' || detail.kind === 'thawed');
  add(last?.detail.kind === 'frozen', 'frozen', /frozen/);
  add(entries === null, 'its ledger is broken', /ledger/);
  add(pull.labels.now().includes('sluice/hold'), 'held', /held/);
  add(pull.draft.now(), 'a draft', /draft/);
  add(!isApprovedAt(repository, pull, head, now), 'not approved', /approvals|Changes were requested/);
  add(isDisowned(repository, asked), 'the requester may not', /permission/);
  // What somebody merged outside of the gate may count or not.
  add(needsOf(pull).length > 0, 'needs', /depends on/i);
  const isRuled = sim.knobs.queues?.rules === 'ci' && !isOverriddenStill(repository, pull, head, world.redis.lostAt());
  add(isRuled && repository.ci.get(head)?.now() !== 'success', 'ci', /required check/);
  add(tip !== undefined && configOf(git.model.filesAt(tip) ?? {}).jobs === null, 'the branch', /configuration/);
  add(tip !== undefined && isRed(git.model.filesAt(tip) ?? {}), 'a red tip', /is red since|itself/);
  add(isParked(world, repository, pull), 'parked', /could not be run/);
  return found;
}

/** A job of the branch fails on it as it is. */
function isRed(files: Files): boolean {
  const judging = configOf(files).jobs?.filter(({ pipelines }) => pipelines.some((each) => each !== 'postsubmit'));
  return judging?.some(({ name }) => failsOn(files, name)) ?? true;
}

/** Our own trouble kept its builds from running, and nothing that was asked for later has landed since. */
function isParked({ cluster, sim }: Surroundings, repository: Repository, pull: Pull): boolean {
  const { podEvicted, podDeleted, nodeLost, foreignPod, podPending } = sim.knobs.rates;
  if (podEvicted + podDeleted + nodeLost + foreignPod + podPending === 0) return false;
  const { model, moves } = gitOf(repository);
  const asked = askedFor(repository, pull, pull.head.now())[0]?.at ?? 0;
  const tried = cluster.everBeen.findLast(({ manifest: { metadata } }) => {
    const made = model.get(metadata.annotations[podKeys.commit] ?? '')?.made;
    return made?.number === pull.number && made.head === pull.head.now();
  });
  return !moves.some(({ at, ours, to }) => {
    const made = model.get(to)?.made;
    const other = repository.pulls.get(made?.number ?? 0);
    const later = other && askedFor(repository, other, made?.head ?? '').some((each) => each.at > asked);
    return ours && later && at > (tried?.createdAt ?? asked) + 600_000;
  });
}

/** Somebody who asked for it may not any more, and nobody who may has asked since. */
function isDisowned(repository: Repository, asked: readonly Asked[]): boolean {
  const may = ({ by }: Asked): boolean => by === null || mayMerge(repository, by);
  return (
    asked.every((request) => !may(request)) ||
    asked.some((request) => {
      const lostAt = repository.permissions.get(request.by ?? 0)?.setAt() ?? 0;
      return !may(request) && !asked.some((other) => other.at > lostAt && may(other));
    })
  );
}

function mayMerge(repository: Repository, person: number): boolean {
  return ['write', 'maintain', 'admin'].includes(repository.permissions.get(person)?.now() ?? 'none');
}

function owedOfCheck(world: Surroundings, repository: Repository, pull: Pull, run: StoredCheckRun): string | null {
  const asked = askedFor(repository, pull, pull.head.now());
  const obstacles = obstaclesOf(world, repository, pull, asked);
  if (obstacles.length === 0) return `nothing keeps it from landing, and it says "${run.title}": ${run.summary}`;
  // Beyond the window it waits for those that the same keeps.
  if (
    /only the first|first that will most likely count/.test(run.summary) ||
    obstacles.some(({ told }) => told.test(run.summary))
  )
    return null;
  return `it waits (${obstacles.map(({ what }) => what).join(', ')}), and nobody is told: ${run.summary}`;
}

/** The forge looks when the branch moves, at what is for it with the head of then, and never again. */
function isMarked(repository: Repository, pull: Pull): boolean {
  const { model, moves } = gitOf(repository);
  const since = Math.max(pull.head.setAt(), pull.baseRef.setAt());
  return moves.some(
    ({ at, branch, to }) => at > since && branch === pull.baseRef.now() && model.contains(to, pull.head.now()),
  );
}

function owedOfChange(world: Surroundings, repository: Repository, pull: Pull): string | null {
  const { forge, redis } = world;
  const head = pull.head.now();
  const name = `sluice/gate/${pull.baseRef.now()}`;
  const run = (forge.checkRuns.get(head) ?? []).findLast((each) => each.name === name);
  if (run && !isCompleted(run)) return owedOfCheck(world, repository, pull, run);
  const isLanded = run?.state.status === 'completed' && run.state.conclusion === 'success';
  // A head that was pushed away before its pull request could be closed, and comes back, is asked for by nobody.
  const landedAs = [...gitOf(repository).entries.values()].flatMap(({ detail, branch, at }) =>
    detail.kind === 'landed' && detail.head === head && branch === pull.baseRef.now() && at >= pull.head.setAt()
      ? [detail.commit]
      : [],
  );
  const tip = repository.branches.get(pull.baseRef.now())?.now();
  const isThere = tip !== undefined && landedAs.some((commit) => gitOf(repository).model.contains(tip, commit));
  const isClosed = world.sim.knobs.queues?.method !== 'merge' || isMarked(repository, pull);
  if (isLanded && isThere && isClosed && pull.state.all().length === 1)
    return 'it has landed and its pull request is open';
  if (run) return null;
  // A push ends a request, also where the head comes back.
  const since = Math.max(pull.head.setAt(), pull.baseRef.setAt(), pull.state.setAt(), redis.lostAt());
  const asked = askedFor(repository, pull, head).filter(({ accepted, at }) => accepted && at > since);
  return asked.length > 0 && redis.lostAt() === 0 ? 'it was asked for, and nothing is said of that' : null;
}

/** L3: everything that is green and approved lands, or its author is told why not; and who landed is told that. */
export function owedOfQueues(world: Surroundings): readonly Owed[] {
  if (world.sim.knobs.queues === null) return [];
  return [...world.forge.repositories.values()].flatMap((repository) => {
    const owe = (what: string): Owed => ({ invariant: 'L3', what: `${repository.project.name}${what.slice(0, 400)}` });
    const waiting = [...repository.pulls.values()]
      // Words to the queue of a repository that is not seen for a while are dropped.
      .filter((pull) => pull.state.now() === 'open' && !repository.seen.all().includes(false))
      .flatMap((pull) => {
        const what = owedOfChange(world, repository, pull);
        return what === null ? [] : [owe(`#${pull.number}: ${what}`)];
      });
    return [...waiting, ...owedOfLandings(world, repository).map((what) => owe(`: ${what}`))];
  });
}

import { parseCommands } from '../../src/core/parse-commands.ts';
import { podKeys } from '../../src/model/pod.ts';
import { commentKey } from '../../src/model/pull-request.ts';
import { isCompleted, type Pull, type Repository, type StoredCheckRun } from './forge-world.ts';
import { owedOfJoins } from './gate/check-join.ts';
import { owedOfQueues } from './gate/liveness.ts';
import { owedOfPromotion } from './gate/promotion-liveness.ts';
import { landingAge } from './gate/truth.ts';
import { pool, type Surroundings } from './processes.ts';
import { owedOfPushes } from './push/liveness.ts';
import { owedOfNights } from './push/night-liveness.ts';
import { owedOfSources } from './push/sources.ts';
import { owedOfVersions } from './version/liveness.ts';

/** What is still owed once the faults are over, each with the promise that it would break. */
export interface Owed {
  readonly invariant: string;
  readonly what: string;
}

function owe(invariant: string, what: string): Owed {
  return { invariant, what };
}

function seenRepositories({ forge }: Surroundings): Repository[] {
  return [...forge.repositories.values()].filter((repository) => repository.seen.now());
}

function owedOfDeliveries(world: Surroundings): Owed[] {
  const { intake, redis, webhooks, safety, forge } = world;
  const owed: Owed[] = [];
  if (intake.length() > 0) owed.push(owe('L8', `${intake.length()} events wait in the intake`));
  const full = redis.data.keys('inbox:');
  if (full.length > 0) owed.push(owe('L1', `events wait in ${full.join(', ')}`));
  const aside = new Set(intake.quarantined().map((event) => event.delivery));
  for (const [guid, { event, at }] of webhooks.acknowledged) {
    if (at <= redis.lostAt() + 2000 || safety.takenUp.has(guid) || aside.has(guid)) continue;
    const { detail, repository } = event;
    const names = detail.kind === 'pull-request' || (detail.kind === 'check-button' && detail.numbers.length > 0);
    const seen = repository ? forge.repositories.get(repository.id)?.seen : undefined;
    if (names && seen && !seen.all().includes(false))
      owed.push(owe('L1', `${guid} ${event.name} was acknowledged and never taken up`));
  }
  return owed;
}

/** What the forge could not deliver is asked for again, up to five times. */
function owedOfFailures({ webhooks, redis, intake }: Surroundings): Owed[] {
  const seen = intake.seen([...webhooks.failed().keys()]);
  return [...webhooks.failed()]
    .filter(([guid, attempts]) => attempts <= 5 && !seen.has(guid) && redis.lostAt() === 0)
    .map(([guid]) => owe('L10', `${guid} failed and was not asked for again`));
}

function owedOfPresses(world: Surroundings, pull: Pull): Owed[] {
  const { webhooks, redis, forge, intake } = world;
  const aside = new Set(intake.quarantined().map((event) => event.delivery));
  const runs = forge.checkRuns.get(pull.head.now()) ?? [];
  return pull.presses
    .filter(({ delivery, head, at }) => {
      const heard = webhooks.acknowledged.has(delivery) && !aside.has(delivery) && redis.lostAt() < at;
      return heard && head === pull.head.now() && pull.head.setAt() < at && pull.baseRef.all().length === 1;
    })
    .filter(({ job, at, by }) => !pull.replies.has(by) && !runs.some((run) => run.name === job && run.firstAt > at))
    .map(({ job, delivery }) => owe('answers', `the press for ${job} (${delivery}) led to nothing`));
}

function owedOfPods({ cluster }: Surroundings): Owed[] {
  return [...cluster.pods.values()]
    .filter((pod) => pod.manifest.metadata.labels[podKeys.owner] === pool.owner)
    .map((pod) => owe('L4', `the pod ${pod.name} is left (${pod.phase})`));
}

/**
 * A pass that was saved before everything was lost goes on with what it wished, and nobody knows that request any more: such a
 * wish came within the length of a pass after the loss, and was never made again.
 */
function isOldWish({ sim, redis, reports }: Surroundings, { name, externalId, firstAt }: StoredCheckRun): boolean {
  const asked = Number(externalId.slice(externalId.lastIndexOf('/') + 1));
  const isOld = name.startsWith('sluice/gate/') && asked < redis.lostAt();
  const isLast = reports.wantedAt(externalId) < redis.lostAt() + landingAge(sim);
  return isOld && firstAt > redis.lostAt() && isLast;
}

function owedOfHeads(world: Surroundings, repository: Repository): Owed[] {
  const owed: Owed[] = [];
  const heads = new Set([...repository.pulls.values()].flatMap((pull) => pull.head.all()));
  const open = [...repository.pulls.values()].filter((pull) => pull.state.now() === 'open');
  const retargeted = [...repository.pulls.values()].some((pull) => pull.baseRef.all().length > 1);
  const moved = retargeted || [...repository.branches.values()].some((tip) => tip.all().length > 1);
  const present = new Set(open.map((pull) => pull.head.now()));
  for (const head of heads) {
    const runs = world.forge.checkRuns.get(head) ?? [];
    for (const run of runs) {
      // What the gate says of a present head may well have no end yet.
      if (run.name.startsWith('sluice/gate/') && present.has(head)) continue;
      // What was begun before everything was lost is not found again when another head, base or definition took its place.
      const isLatest = runs.findLast(({ name }) => name === run.name) === run && present.has(head);
      const isPlannedAnew = !isLatest || moved;
      const isForgotten = isPlannedAnew && (run.firstAt < world.redis.lostAt() + 120_000 || isOldWish(world, run));
      if (isCompleted(run) || isForgotten) continue;
      owed.push(
        owe(present.has(head) ? 'L2' : 'L7', `${run.name} on ${head.slice(0, 8)} is still ${run.state.status}`),
      );
    }
  }
  return owed;
}

/** Nothing ever stood in the way of its jobs: they must have been decided. */
export function isPlain(repository: Repository, pull: Pull): boolean {
  const { author } = pull;
  // There the base moves all the time.
  if (repository.git) return false;
  const level = repository.permissions.get(author.id)?.all() ?? [];
  const trusted = level.every((each) => each === 'write' || each === 'admin');
  const base = repository.branches.get('main')?.all() ?? [];
  const texts = [...base, ...pull.head.all()].map((sha) => repository.commits.get(sha)?.files['.sluice.yaml']);
  const configured = texts.every((text) => text !== undefined && !text.includes('nonsense'));
  const hot = pull.head.all().some((sha) => repository.commits.get(sha)?.editsHot);
  return trusted && configured && !hot && !pull.draft.all().includes(true);
}

function owedOfPull(world: Surroundings, repository: Repository, pull: Pull): Owed[] {
  const { redis, sim } = world;
  if (pull.state.now() !== 'open' || pull.updatedAt < repository.installedAt) return [];
  // What was not seen when everything was lost counts as new when it is back: what was open then is left asleep.
  if (redis.lostAt() > 0 && repository.seen.all().includes(false)) return [];
  const owed: Owed[] = [];
  const runs = world.forge.checkRuns.get(pull.head.now()) ?? [];
  const name = `${repository.project.name}#${pull.number}`;
  if (!runs.some((run) => run.name === 'sluice')) owed.push(owe('L2', `${name}: nothing is said of its head`));
  const seen = repository.seen.all();
  if (isPlain(repository, pull)) {
    sim.note('end: a plain pull request');
    if (!seen.includes(false) && pull.state.all().length === 1) owed.push(...owedOfPresses(world, pull));
    if (!runs.some((run) => run.name === 'unit')) owed.push(owe('L2', `${name}: unit has no check run on the head`));
  }
  const wasShut = pull.state.all().length > 1 || repository.seen.all().includes(false) || redis.lostAt() > 0;
  for (const comment of wasShut ? [] : pull.comments) {
    const parsed = parseCommands(comment.text);
    if (comment.edited || comment.author.kind === 'bot' || parsed.commands.length + parsed.refused.length === 0)
      continue;
    if (!pull.reactions.has(commentKey(comment))) owed.push(owe('answers', `${name}: ${comment.text} has no answer`));
  }
  return owed;
}

/** Everything that is not as it must be in the end; empty: the world is at rest. */
export function whatIsOwed(world: Surroundings): readonly Owed[] {
  const { reports, redis } = world;
  const installations = new Set(seenRepositories(world).map(({ project }) => project.installation));
  const unwritten = reports.waiting().filter((installation) => installations.has(installation));
  return [
    ...owedOfDeliveries(world),
    ...owedOfFailures(world),
    ...owedOfPods(world),
    ...owedOfQueues(world),
    ...owedOfJoins(world),
    ...owedOfPromotion(world),
    ...owedOfPushes(world),
    ...owedOfSources(world),
    ...owedOfNights(world),
    ...owedOfVersions(world),
    ...seenRepositories(world).flatMap((repository) => [
      ...owedOfHeads(world, repository),
      ...[...repository.pulls.values()].flatMap((pull) => owedOfPull(world, repository, pull)),
    ]),
    ...(unwritten.length > 0 ? [owe('L2', 'check runs wait to be written')] : []),
    ...redis.data.keys('line:').map((key) => owe('L2', `builds wait in ${key}`)),
  ];
}

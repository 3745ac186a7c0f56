import { podKeys } from '../../../src/model/pod.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { Pull, Repository } from '../forge-world.ts';
import { wholeSecond } from '../forge-world.ts';
import type { Watched } from '../ground-truth.ts';
import type { Pod } from '../pod-life.ts';
import type { Sim } from '../sim.ts';
import type { Timeline } from '../timeline.ts';
import { configOf, type WorldJob } from './configs.ts';
import { gitOf } from './move-branch.ts';
import { readsTheSame } from './reads-the-same.ts';
import type { RepositoryGit } from './repository-git.ts';

/** How old what was read of a change may be when it lands: ten seconds (gate.md §4.3), and what calls take. */
export function landingAge({ knobs: { rates } }: Sim): number {
  const slow = rates.slowAnswer > 0 ? 130_000 : 0;
  return 20_000 + slow + (rates.pause > 0 ? 160_000 : 0) + (rates.pushLate > 0 ? 145_000 : 0);
}

/** Moments between which nothing of these changed. */
function momentsOf(from: number, now: number, timelines: readonly Timeline<never>[]): readonly number[] {
  return [from, now, ...timelines.flatMap((timeline) => timeline.changesSince(from))];
}

type Any = Timeline<never>;

const mayMerge = ['write', 'maintain', 'admin'];

function mayMergeAt(repository: Repository, person: number, at: number): boolean {
  return mayMerge.includes(repository.permissions.get(person)?.at(at) ?? 'none');
}

/** One approval of this head by somebody else who may write, and nobody of those against it. */
export function isApprovedAt(repository: Repository, pull: Pull, head: string, at: number): boolean {
  const latest = new Map(pull.reviews.filter((review) => review.at <= at).map((review) => [review.by.id, review]));
  const counting = [...latest.values()].filter(({ by }) => mayMergeAt(repository, by.id, at));
  const states = counting.map(({ by, commit, state }) => ({ by, commit, state: state.at(at) }));
  if (states.some(({ state }) => state === 'changes-requested')) return false;
  return states.some(({ by, commit, state }) => state === 'approved' && commit === head && by.id !== pull.author.id);
}

export function isApprovedSince(repository: Repository, pull: Pull, head: string, from: number, now: number): boolean {
  const timelines = [...repository.permissions.values(), ...pull.reviews.map(({ state }) => state)] as unknown as Any[];
  const given = pull.reviews.flatMap(({ at }) => (at > from ? [at] : []));
  return [...momentsOf(from, now, timelines), ...given].some((at) => isApprovedAt(repository, pull, head, at));
}

export interface Asked {
  /** As the request names it: in whole seconds, as comments have it; the operator's to the ms. Null: when a press was heard, at any time after it. */
  readonly entry: number | null;
  /** Null: the operator. */
  readonly by: number | null;
  readonly at: number;
  readonly accepted: boolean;
}

/** Everything that asks for the landing of exactly this head, whoever said it. */
export function askedFor(repository: Repository, pull: Pull, head: string): readonly Asked[] {
  const said = pull.comments.flatMap((comment): Asked[] => {
    const wanted = /^\/gate(?: ([0-9a-f]{40}))?$/.exec(comment.text);
    if (!wanted || comment.edited || comment.author.kind === 'bot') return [];
    if ((wanted[1] ?? pull.head.at(comment.createdAt)) !== head) return [];
    const accepted = pull.reactions.get(`${comment.source}/${comment.id}`) === '+1';
    return [{ entry: wholeSecond(comment.createdAt), by: comment.author.id, at: comment.createdAt, accepted }];
  });
  const operated = (repository.git?.asked ?? [])
    .filter((asked) => asked.number === pull.number && asked.head === head)
    // A word to a queue that the App may not see just then may be dropped, or be taken up later.
    .map(({ at, by }): Asked => {
      return { entry: by === null ? at : null, by, at, accepted: by === null && repository.seen.at(at) };
    });
  return [...said, ...operated];
}

/** Requests of this head that nobody was told the end of, by people who may merge. */
export function openRequests(
  watched: Pick<Watched, 'sim' | 'forge'>,
  repository: Repository,
  pull: Pull,
  from: number,
) {
  const head = pull.head.now();
  const now = watched.sim.time.now();
  const runs = (watched.forge.checkRuns.get(head) ?? []).filter(({ name }) => name.startsWith('sluice/gate/'));
  const ended = new Set(
    runs.flatMap(({ state, externalId, finalAt }) =>
      state.status === 'completed' && state.conclusion !== 'success' && finalAt !== null && finalAt < from
        ? [Number(externalId.slice(externalId.lastIndexOf('/') + 1))]
        : [],
    ),
  );
  const dequeued = dequeuedAt(pull, from - 60_000);
  // Only what was pressed is named by the time at which it was heard, which is no whole second.
  const isEnded = ({ entry, at }: Asked): boolean =>
    entry === null ? [...ended].some((each) => each >= at && each % 1000 !== 0) : ended.has(entry);
  return askedFor(repository, pull, head).filter(
    (asked) =>
      !isEnded(asked) && asked.at >= dequeued && (asked.by === null || mayMergeSince(repository, asked.by, from, now)),
  );
}

/** When the last word to take it out was said of those that were accepted before `from`; 0: none was. */
function dequeuedAt(pull: Pull, from: number): number {
  const accepted = pull.comments.filter(({ text, source, id, edited }) => {
    const key = `${source}/${id}`;
    return (
      text === '/dequeue' && !edited && pull.reactions.get(key) === '+1' && (pull.reactedAt.get(key) ?? from) < from
    );
  });
  return Math.max(0, ...accepted.map(({ createdAt }) => createdAt));
}

function mayMergeSince(repository: Repository, person: number, from: number, now: number): boolean {
  const isStill = (repository.permissions.get(person)?.changesSince(from) ?? []).length === 0;
  return !isStill || [from, now].some((at) => mayMergeAt(repository, person, at));
}

/** What another App says of a head: its last conclusion counts. */
export function ciSays(repository: Repository, head: string, from: number): readonly ('success' | 'failure' | null)[] {
  const ci = repository.ci.get(head);
  if (!ci) return [null];
  const concluded = ci.all().filter((each) => each !== null);
  return [...ci.since(from), concluded.at(-1) ?? null];
}

/** An administrator let it pass on this head. */
export function isOverridden(repository: Repository, pull: Pull, head: string): boolean {
  return overridesOf(repository, pull, head).length > 0;
}

/** The same, heard and not lost again at `lostAt`, with what was said of a change that nobody had asked for. */
export function isOverriddenStill(repository: Repository, pull: Pull, head: string, lostAt: number): boolean {
  const wasAsked = askedFor(repository, pull, head).some(({ at }) => at < lostAt);
  return overridesOf(repository, pull, head).some(
    ({ source, id, createdAt }) => (wasAsked || createdAt > lostAt) && pull.reactions.get(`${source}/${id}`) === '+1',
  );
}

function overridesOf(repository: Repository, pull: Pull, head: string) {
  return pull.comments.filter(
    ({ text, author, edited, createdAt }) =>
      text === '/override ci' &&
      !edited &&
      pull.head.at(createdAt) === head &&
      (repository.permissions.get(author.id)?.all() ?? []).includes('admin'),
  );
}

export function needsOf(pull: Pull): readonly number[] {
  return [...pull.body.matchAll(/^Depends-On: #(\d+)$/gm)].map((match) => Number(match[1]));
}

/** Numbers of what a change needs and that no branch held since `from`: neither landed, nor merged by somebody. */
export function missingNeeds(repository: Repository, pull: Pull, from: number): readonly number[] {
  const git = gitOf(repository);
  const held = [...repository.branches.values()].flatMap((tips) => tips.since(from));
  // Whatever somebody makes of a ledger: what it said once, and the branch still holds, is there.
  const said = [...git.entries.values()].flatMap(({ detail }) => (detail.kind === 'landed' ? [detail] : []));
  const isHeld = (commit: Sha): boolean => held.some((tip) => git.model.contains(tip, commit));
  const landed = new Set(said.filter(({ commit }) => isHeld(commit)).map(({ number }) => number));
  const isThere = (number: number): boolean => {
    const head = repository.pulls.get(number)?.head.now();
    return head !== undefined && isHeld(head);
  };
  return needsOf(pull).filter((number) => !landed.has(number) && !isThere(number));
}

/** Pods of the gate that tested this commit, with their jobs. */
export function podsOf({ cluster }: Pick<Watched, 'cluster'>, commit: string, job: string) {
  return cluster.everBeen.filter(({ manifest: { metadata } }) => {
    const { annotations } = metadata;
    const isGate = /^(shared-)?queue\//.test(annotations[podKeys.subject] ?? '');
    return isGate && annotations[podKeys.commit] === commit && annotations['sluice.dev/job'] === job;
  });
}

type Came = 'passed' | 'skipped' | string;

function isBuilt(below: string | null, changed: readonly string[]): boolean {
  return below === null || changed.some((path) => path.startsWith(`${below}/`));
}

/** Whether a job runs for these changes; one that builds images only if it builds one of them. */
function applies({ below, images }: WorldJob, changed: readonly string[]): boolean {
  const isConcerned = images.length === 0 || images.some((image) => isBuilt(image.below, changed));
  return isBuilt(below, changed) && isConcerned;
}

/** What runs of these for these changes, each with the images that it builds. */
export function runsOf(jobs: readonly WorldJob[], changed: readonly string[]): readonly WorldJob[] {
  return jobs
    .filter((job) => applies(job, changed))
    .map((job) => ({ ...job, images: job.images.filter(({ below }) => isBuilt(below, changed)) }));
}

function builds({ manifest: { metadata } }: Pod, image: string): boolean {
  return JSON.parse(metadata.annotations['sluice.dev/point'] ?? '{}').image === image;
}

/** What one job of a candidate came to, told from the pods that really ran. */
function cameTo(
  watched: Pick<Watched, 'cluster'>,
  commit: Sha,
  job: WorldJob,
  jobs: readonly WorldJob[],
  changed: readonly string[],
): Came {
  if (!applies(job, changed)) return 'skipped';
  const need = jobs.find(({ name }) => name === job.needs);
  const needed = need ? cameTo(watched, commit, need, jobs, changed) : 'passed';
  if (needed === 'skipped') return 'skipped';
  if (needed !== 'passed') return `it needs ${job.needs}, which ${needed}`;
  const passed = podsOf(watched, commit, job.name).filter(({ phase }) => phase === 'succeeded');
  const lacks = job.images.some(
    ({ name, below }) => isBuilt(below, changed) && !passed.some((pod) => builds(pod, name)),
  );
  return passed.length > 0 && !lacks ? 'passed' : 'never passed';
}

/**
 * Commits that the gate tested and that stand for this one: where passes count again those of the same tree, and in lanes those in
 * which all that its jobs read is the same.
 */
function alike(
  { sim, cluster }: Pick<Watched, 'sim' | 'cluster'>,
  { model }: RepositoryGit,
  tested: Sha,
  jobs: readonly WorldJob[],
): readonly Sha[] {
  if (sim.knobs.queues?.reuse !== true) return [];
  const tree = model.get(tested)?.tree;
  const commits = cluster.everBeen.flatMap(({ manifest: { metadata } }) => {
    const { annotations } = metadata;
    const commit = annotations[podKeys.commit] as Sha;
    const isSame = annotations[podKeys.tree] === tree;
    return isSame || (sim.knobs.queues?.lanes && readsTheSame(model, commit, tested, jobs)) ? [commit] : [];
  });
  return [...new Set(commits)];
}

/**
 * Why this commit is not green where it stands; null: every voting job of its own configuration passed on exactly its tree, or where
 * it is inside of another, on `tested`.
 */
export function whyNotGreen(
  watched: Pick<Watched, 'sim' | 'cluster'>,
  repository: Repository,
  from: Sha,
  commit: Sha,
  tested = commit,
): string | null {
  const { model } = gitOf(repository);
  const files = model.filesAt(commit);
  const jobs = files === null ? null : configOf(files).jobs?.filter(({ pipelines }) => pipelines.includes('gate'));
  if (!jobs) return 'its configuration is invalid';
  const voting = jobs.filter((job) => job.voting);
  if (voting.length === 0) return 'no job of the gate counts';
  const changed = model.changed(from, commit);
  const whyNotAs = (each: Sha): string | null => {
    const bad = voting
      .map((job) => ({ name: job.name, came: cameTo(watched, each, job, jobs, changed) }))
      .find(({ came }) => came !== 'passed' && came !== 'skipped');
    return bad ? `${bad.name}: ${bad.came}` : null;
  };
  const why = whyNotAs(tested);
  const run = runsOf(voting, changed);
  const isGreen =
    why === null || alike(watched, gitOf(repository), tested, run).some((each) => whyNotAs(each) === null);
  return isGreen ? null : why;
}

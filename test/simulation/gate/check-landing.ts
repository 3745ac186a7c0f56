import type { LedgerDetail } from '../../../src/model/ledger.ts';
import type { QueueRecord } from '../../../src/model/queue.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import type { Pull } from '../forge-world.ts';
import type { Watched } from '../ground-truth.ts';
import { checkClosed } from './check-join.ts';
import { checkReuse } from './check-reuse.ts';
import { entriesOfPush, type LandingAttempt } from './landing-port.ts';
import { gitOf } from './move-branch.ts';
import { entriesOf, landedIn, tipOf } from './repository-git.ts';
import { ciSays, isApprovedSince, isOverridden, landingAge, missingNeeds, openRequests, whyNotGreen } from './truth.ts';

type Landed = Extract<LedgerDetail, { kind: 'landed' }>;

/** S1: the branch goes to its tip plus exactly the changes that its ledger names, and all that each asks for passed on the tree that it is at then. */
function checkTree(watched: Watched, { repository, push }: LandingAttempt, landed: Landed): void {
  const { sim } = watched;
  const git = gitOf(repository);
  const { from, commit } = landed;
  const known = git.model.get(commit);
  const made = known?.makings.find((each) => each.parent === from && each.number === landed.number) ?? known?.made;
  const name = `${commit.slice(0, 8)} of #${landed.number}`;
  if (!made) {
    sim.violate('S1', `${name} was made by nobody of us`);
    return;
  }
  if (made.parent !== from) sim.violate('S1', `${name} was made on ${made.parent.slice(0, 8)}, the tip is ${from}`);
  if (made.head !== landed.head || made.number !== landed.number)
    sim.violate('S1', `${name} lands ${made.head} of #${made.number}`);
  const why = whyNotGreen(watched, repository, from, commit, push.to);
  if (why !== null) sim.violate('S1', `${name} lands though it is not green: ${why}`);
}

/** What lands goes on from where the branch is, each on the one before; several only where that is wished. */
function checkChain({ sim }: Watched, { repository, push }: LandingAttempt, all: readonly Landed[]): void {
  const tip = tipOf(repository.branches, push.branch);
  if (all[0]?.from !== tip) sim.violate('S1', `${push.to.slice(0, 8)} lands on ${all[0]?.from}, the tip is ${tip}`);
  all.forEach(({ from, number }, at) => {
    const before = all[at - 1];
    if (before && before.commit !== from) sim.violate('S1', `#${number} does not stand on #${before.number}`);
  });
  if (all.at(-1)?.commit !== push.to) sim.violate('S1', `nobody lands as ${push.to.slice(0, 8)}`);
  if (all.length === 1) return;
  sim.note(`landed: ${all.length} by one push`);
  if (sim.knobs.queues?.bestFirst?.prefixes !== true) sim.violate('S1', `${all.length} land by one push`);
}

/** S4: once, and only while everything that it needs holds; `besides`: what lands right before it, by the same push. */
function checkChange(
  watched: Watched,
  { repository, push }: LandingAttempt,
  landed: Landed,
  besides: readonly Landed[],
): void {
  const { sim } = watched;
  const git = gitOf(repository);
  const pull = repository.pulls.get(landed.number);
  const before = [...landedIn(git, push.branch, push.from), ...besides].find(
    ({ number, head }) => number === landed.number && head === landed.head,
  );
  if (before) sim.violate('S4', `#${landed.number} lands twice: it did as ${before.commit.slice(0, 8)}`);
  const numbers = new Set(besides.map(({ number }) => number));
  const why = pull ? whyNotNow(watched, { repository, push, pull }, landed, numbers) : 'there is no such pull request';
  if (why !== null) sim.violate('S4', `#${landed.number} lands though ${why}`);
}

/** Its label is there all the time, and nobody has let it go since: a word counts at once, its label may be taken off a little later. */
function isHeldSince(pull: Pull, from: number): boolean {
  const isOn = (since: number): boolean => pull.labels.since(since).every((labels) => labels.includes('sluice/hold'));
  const words = pull.comments.filter(
    ({ text, edited, source, id }) =>
      ['/hold', '/unhold'].includes(text) && !edited && pull.reactions.get(`${source}/${id}`) !== 'eyes',
  );
  const last = words.reduce<(typeof words)[number] | null>(
    (newest, word) => (newest === null || word.createdAt >= newest.createdAt ? word : newest),
    null,
  );
  const isLetGo = last?.text === '/unhold' && isOn(last.createdAt);
  return isOn(from) && !isLetGo;
}

function whyNotNow(
  watched: Watched,
  { repository, push, pull }: Pick<LandingAttempt, 'repository' | 'push'> & { readonly pull: Pull },
  { head }: Landed,
  besides: ReadonlySet<number>,
): string | null {
  const { sim } = watched;
  const now = sim.time.now();
  const from = now - landingAge(sim);
  if (!pull.state.since(from).includes('open')) return `it is ${pull.state.now()}`;
  if (!pull.draft.since(from).includes(false)) return 'it is a draft';
  if (!pull.head.since(from).some((each) => each === head)) return `its head is ${pull.head.now()}, not ${head}`;
  if (!pull.baseRef.since(from).includes(push.branch)) return `it goes to ${pull.baseRef.now()}`;
  if (isHeldSince(pull, from)) return 'it is held';
  if (!isApprovedSince(repository, pull, head, from, now)) return 'nobody who may has approved this head';
  if (pull.head.now() === head && openRequests(watched, repository, pull, from).length === 0)
    return 'nobody asked for it any more';
  const missing = missingNeeds(repository, pull, from - 60_000).filter((number) => !besides.has(number));
  if (missing.length > 0) return `it depends on #${missing.join(', #')}`;
  const isRuled = sim.knobs.queues?.rules === 'ci' && !isOverridden(repository, pull, head);
  if (isRuled && !ciSays(repository, head, from).includes('success')) return 'ci is not green';
  return null;
}

/** What an entry says of its commit: what is inside of another passed by itself, or is said to have passed there. */
function checkVerdict(watched: Watched, { repository, push }: LandingAttempt, landed: Landed): void {
  const { sim } = watched;
  const { verdict, within, number, from, commit } = landed;
  const bad = verdict.checks.filter(({ conclusion }) => conclusion !== 'success' && conclusion !== 'skipped');
  if (verdict.commit !== commit || verdict.tree !== gitOf(repository).model.get(commit)?.tree)
    sim.violate('S8', `the verdict of #${number} is about ${verdict.commit}`);
  if ((within === undefined) !== (commit === push.to) || (within && within.commit !== push.to))
    sim.violate('S8', `#${number} is said to be inside of ${within?.commit ?? 'nothing'}`);
  if (within && verdict.checks.length === 0 && verdict.images === undefined) return;
  if (verdict.checks.length === 0 || bad.length === verdict.checks.length)
    sim.violate('S8', `the verdict of #${number} says nothing passed`);
  const why = within ? whyNotGreen(watched, repository, from, commit) : null;
  if (why !== null) sim.violate('S8', `#${number} is said to have passed by itself: ${why}`);
}

/** S8: what was tested and what is meant are recorded before the push. */
function checkRecorded({ sim, redis }: Watched, { repository, push }: LandingAttempt, landed: Landed): void {
  // What was saved may be lost after it was asked for.
  if (redis.lostAt() > sim.time.now() - 200_000) return;
  const { number, commit } = landed;
  const subject = subjectIdOf({ kind: 'queue', repository: repository.project.id, branch: push.branch });
  const body = redis.data.get<{ readonly body: string }>(`doc:${subject}`)?.body ?? '{"items":[]}';
  const record = JSON.parse(body) as Pick<QueueRecord, 'items' | 'landing'>;
  const item = record.items.find((each) => each.number === number);
  const saved = item?.candidate?.kind === 'made' ? item.candidate : null;
  // It may have been put on other ground while its push was on its way, and back on this.
  const isAnew = (saved?.madeAt ?? 0) > (record.landing?.since ?? Number.POSITIVE_INFINITY);
  if (commit === push.to && saved?.commit === commit && saved.verdict === null && !isAnew)
    sim.violate('S8', `#${number} lands and its verdict is not saved`);
  const meant = record.landing ? [...(record.landing.inside ?? []), record.landing] : [];
  if (record.landing?.to !== push.to || !meant.some((each) => each.number === number && each.to === commit))
    sim.violate('S8', `#${number} lands and that it is to is not saved`);
}

function checkLedger(watched: Watched, { repository, push }: LandingAttempt): void {
  const { sim } = watched;
  const entries = entriesOf(gitOf(repository), push.branch) ?? [];
  if (entries[0]?.detail.kind !== 'owner') sim.violate('S1', `${push.branch} has no owner and something lands`);
  const last = entries.findLast(({ detail }) => detail.kind === 'frozen' || detail.kind === 'thawed');
  if (last?.detail.kind === 'frozen') sim.violate('frozen', `something lands on ${push.branch}, which is frozen`);
}

/** What must hold in the moment in which a branch moves for us. */
export function checkLanding(watched: Watched, attempt: LandingAttempt): void {
  const { sim } = watched;
  const entries = entriesOfPush(attempt.push);
  const all: Landed[] = [];
  for (const { sequence, branch, detail } of entries) {
    sim.note(`landed: by ${sim.knobs.queues?.method}`);
    sim.tell(() => `landing #${sequence} on ${branch}: ${JSON.stringify(detail)}`);
    if (detail.kind !== 'landed') {
      sim.violate('S1', `a branch moves and its ledger says ${detail.kind}`);
      return;
    }
    all.push(detail);
  }
  checkChain(watched, attempt, all);
  checkLedger(watched, attempt);
  for (const [at, landed] of all.entries()) {
    checkTree(watched, attempt, landed);
    checkChange(watched, attempt, landed, all.slice(0, at));
    checkVerdict(watched, attempt, landed);
    checkReuse(watched, attempt, landed);
    checkClosed(watched, attempt, landed);
    checkRecorded(watched, attempt, landed);
  }
}

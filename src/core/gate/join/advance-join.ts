import type { CommitRun, Culprit, CulpritSearch, Join, JoinPhase, JoinRed } from '../../../model/join.ts';
import type { QueueRecord } from '../../../model/queue.ts';
import type { Sha } from '../../../model/sha.ts';
import { branchOf, type GateDraft, stopCandidate } from '../draft.ts';
import type { QueueFacts } from '../facts.ts';
import { pauseAfter } from '../try-again.ts';
import { advanceRun, beginRun } from './commit-run.ts';
import { isByClosure, joinAge, landingsOn, passedOnTip, sinceGreen } from './landings.ts';
import { isJoinTold, reportJoin } from './report-join.ts';
import { nextOfSearch, pointsBetween } from './search-culprit.ts';

/** What cannot be read for so long is given up, ms. */
const patienceMs = 30 * 60_000;

type Searching = Extract<JoinPhase, { kind: 'searching' }>;
type Red = Extract<JoinPhase, { kind: 'red' }>;

/** What runs of a join; null: nothing does. */
export function runOf({ phase }: Join): CommitRun | null {
  return 'run' in phase ? phase.run : phase.kind === 'searching' ? phase.search.run : null;
}

function put(draft: GateDraft, join: Join): void {
  draft.record = { ...draft.record, join };
}

function say(draft: GateDraft, { commit }: Pick<Join, 'commit'>, what: string): void {
  draft.reasons.push(`join of ${commit.slice(0, 12)}: ${what}`);
}

function readable({ unread: _, ...join }: Join): Join {
  return join;
}

function turnedRed(join: Join, jobs: readonly string[], culprit: Culprit, now: number): Join {
  const red: JoinRed = { jobs, at: now, culprit };
  return readable({ ...join, phase: { kind: 'red', red, tip: join.commit, askedAt: now, times: 1, run: null } });
}

/** Begins what is sought on a commit, or says why that cannot be. */
function begun(
  draft: GateDraft,
  facts: QueueFacts,
  join: Join,
  commit: Sha,
  jobs: readonly string[],
): { readonly join: Join; readonly run: CommitRun } | { readonly join: Join; readonly because: string | null } {
  const { branch, runs: before } = join;
  const came = beginRun(draft, facts, { branch, commit, jobs, before });
  if (came.kind === 'begun') return { join: readable({ ...join, runs: before + 1 }), run: came.run };
  if (came.kind === 'unusable') return { join, because: came.because };
  if (!came.isLooked) return { join, because: null };
  const { unread = facts.now } = join;
  const because = facts.now - unread < patienceMs ? null : `${commit.slice(0, 12)} could not be read`;
  return { join: { ...join, unread }, because };
}

function searchOn(draft: GateDraft, facts: QueueFacts, join: Join, phase: Searching): Join {
  const { jobs } = phase;
  const put = (search: CulpritSearch, of = join): Join => ({ ...of, phase: { ...phase, search } });
  let { search } = phase;
  if (search.run !== null) {
    const { run, came } = advanceRun(draft, facts, join.branch, search.run);
    if (came.kind === 'pending') return put({ ...search, run });
    if (came.kind === 'stuck') return turnedRed(join, jobs, { kind: 'unknown', because: came.because }, facts.now);
    const { commit } = run.probe;
    say(draft, join, `${jobs.join(', ')} ${came.kind === 'green' ? 'passed' : 'failed'} on ${commit.slice(0, 12)}`);
    search = { ...search, run: null, seen: { ...search.seen, [commit]: came.kind } };
  }
  const next = nextOfSearch(search);
  if (next.kind === 'found') {
    say(draft, join, `red since ${'commit' in next.culprit ? next.culprit.commit.slice(0, 12) : 'nobody knows when'}`);
    return turnedRed(join, jobs, next.culprit, facts.now);
  }
  const found = begun(draft, facts, join, next.commit, jobs);
  if ('run' in found) return put({ ...search, run: found.run }, found.join);
  if (found.because === null) return put(search, found.join);
  return turnedRed(found.join, jobs, { kind: 'unknown', because: found.because }, facts.now);
}

function startSearch(facts: QueueFacts, record: QueueRecord, join: Join, jobs: readonly string[]): Join | null {
  const all = landingsOn(facts, join.branch);
  if (all === null) return null;
  const since = sinceGreen(
    all.filter(({ sequence }) => sequence <= join.upTo),
    record.joined,
  );
  const points = pointsBetween(since.below, since.landings, join.commit);
  const seen = { [join.commit]: 'red' } as const;
  const search: CulpritSearch = { points, begunGreen: since.below !== null, seen, run: null };
  return { ...join, below: since.below, phase: { kind: 'searching', jobs, at: facts.now, search } };
}

function testOn(draft: GateDraft, facts: QueueFacts, join: Join, given: CommitRun): Join {
  const { run, came } = advanceRun(draft, facts, join.branch, given);
  const { commit, upTo: sequence } = join;
  const tested: Join = { ...join, phase: { kind: 'testing', run } };
  if (came.kind === 'pending') return tested;
  if (came.kind === 'stuck') {
    say(draft, join, `given up, ${came.because}`);
    return { ...join, phase: { kind: 'given-up', because: came.because, at: facts.now } };
  }
  if (came.kind === 'green') {
    say(draft, join, 'all of the branch passed');
    draft.record = { ...draft.record, joined: { commit, sequence, at: facts.now } };
    return { ...join, phase: { kind: 'green', at: facts.now } };
  }
  const searching = startSearch(facts, draft.record, join, came.jobs);
  if (searching === null) return tested;
  say(draft, join, `red, ${came.jobs.join(', ')} failed twice: lanes are closed`);
  return searching;
}

/** Asks the newest tip for what failed, once it has moved and now and then; seen green there, lanes are open again. */
function recover(draft: GateDraft, facts: QueueFacts, join: Join, given: Red): Join {
  const { red } = given;
  const { tip } = branchOf(draft.record, join.branch);
  const over = (where: string): Join => {
    say(draft, join, `${red.jobs.join(', ')} passed ${where}: lanes are open`);
    if (phase.run !== null) stopJoin(draft, { ...join, phase }, 'what failed was seen to pass');
    return readable({ ...join, phase: { kind: 'over', red } });
  };
  let phase = given;
  const passed = passedOnTip(landingsOn(facts, join.branch) ?? [], tip);
  if (tip !== join.commit && red.jobs.every((job) => passed.includes(job))) return over('as it landed');
  if (phase.run !== null) {
    const { run, came } = advanceRun(draft, facts, join.branch, phase.run);
    phase = { ...phase, run };
    if (came.kind === 'green') return over(`on ${run.probe.commit.slice(0, 12)}`);
    if (came.kind === 'pending') return { ...join, phase };
    phase = { ...phase, run: null, times: phase.times + 1, askedAt: facts.now };
  }
  if (tip === null || facts.now < asksAt(phase, tip)) return { ...join, phase };
  const found = begun(draft, facts, join, tip, red.jobs);
  // What cannot be used or read now is asked again as if it had failed.
  const times = tip === phase.tip ? phase.times : 1;
  if ('run' in found) return { ...found.join, phase: { ...phase, run: found.run, tip, times } };
  if (found.because === null) return { ...found.join, phase };
  return readable({ ...found.join, phase: { ...phase, tip, askedAt: facts.now, times: times + 1 } });
}

/** When what failed is asked of the tip again, ms. */
function asksAt({ tip: asked, askedAt, times }: Red, tip: Sha): number {
  return tip === asked ? askedAt + pauseAfter(times) : 0;
}

function advanced(draft: GateDraft, facts: QueueFacts, join: Join): Join {
  const { phase } = join;
  switch (phase.kind) {
    case 'testing':
      return testOn(draft, facts, join, phase.run);
    case 'searching':
      return searchOn(draft, facts, join, phase);
    case 'red':
      return recover(draft, facts, join, phase);
    default:
      return join;
  }
}

/** Has stopped what runs of it. */
function stopJoin(draft: GateDraft, join: Join, because: string): void {
  const run = runOf(join);
  if (run !== null) stopCandidate(draft, { branch: join.branch, number: 0 }, run.probe, because);
}

/** Nobody wants joins any more: what is known of it is told still. */
function ended(draft: GateDraft, facts: QueueFacts, join: Join): Join {
  const { phase } = join;
  if (phase.kind !== 'testing' && phase.kind !== 'searching' && phase.kind !== 'red') return join;
  const because = 'joins are not wanted here any more';
  stopJoin(draft, join, because);
  say(draft, join, because);
  if (phase.kind === 'red') return readable({ ...join, phase: { kind: 'over', red: phase.red } });
  return readable({ ...join, phase: { kind: 'given-up', because, at: facts.now } });
}

/** When the next join is due (ms), and of what; null: nothing landed that asks for one, or that is not known. */
function nextJoin(
  record: QueueRecord,
  facts: QueueFacts,
): { readonly at: number; readonly join: Omit<Join, 'phase'> } | null {
  const { join: last, joined } = record;
  const every = joinAge(record, facts);
  const [branch] = record.branches;
  if (!every || branch === undefined || branch.tip === null) return null;
  const { key, tip: commit } = branch;
  const all = landingsOn(facts, key);
  if (all === null || (last !== undefined && isGoing(last))) return null;
  const { below, landings } = sinceGreen(all, joined);
  const first = landings.find(isByClosure);
  // What could not be told of a commit is not asked of it again.
  if (first === undefined || (last?.phase.kind === 'given-up' && last.commit === commit)) return null;
  const isAgain = last?.commit === commit;
  return {
    at: last === undefined ? facts.now : last.since + every,
    join: {
      branch: key,
      commit,
      since: facts.now,
      turn: isAgain ? last.turn + 1 : 1,
      upTo: all.at(-1)?.sequence ?? 0,
      first: { number: first.number, commit: first.commit },
      below,
      runs: isAgain ? last.runs : 0,
    },
  };
}

/** Something is still to come of it. */
function isGoing({ phase }: Join): boolean {
  return phase.kind === 'testing' || phase.kind === 'searching' || phase.kind === 'red';
}

function beginJoin(draft: GateDraft, facts: QueueFacts): void {
  const { join: last } = draft.record;
  const next = nextJoin(draft.record, facts);
  if (next === null || facts.now < next.at || (last !== undefined && !isJoinTold(facts, last))) return;
  const { branch, commit, runs: before, first } = next.join;
  const came = beginRun(draft, facts, { branch, commit, jobs: null, before });
  if (came.kind === 'unread') return;
  const join = { ...next.join, runs: before + 1 };
  if (came.kind === 'unusable') {
    const { because } = came;
    say(draft, join, `not begun, ${because}`);
    put(draft, { ...join, phase: { kind: 'given-up', because, at: facts.now } });
    return;
  }
  say(draft, join, `begun, as #${first.number} landed on what it was not tested on`);
  put(draft, { ...join, phase: { kind: 'testing', run: came.run } });
}

/**
 * The periodic run of all jobs on a branch on which changes land in lanes, and the search for who broke it where that fails
 * (scheduling.md §5). It decides nothing of what lands but that nothing does in lanes while it is red.
 */
export function advanceJoin(draft: GateDraft, facts: QueueFacts): void {
  const { join } = draft.record;
  if (join !== undefined)
    put(draft, joinAge(draft.record, facts) === 0 ? ended(draft, facts, join) : advanced(draft, facts, join));
  beginJoin(draft, facts);
  reportJoin(draft, facts);
}

/** When a queue is to be looked at again for its join (ms); null: for that, only when something happens. */
export function joinWake(record: QueueRecord, facts: QueueFacts): number | null {
  const { join } = record;
  const going = facts.now + 15_000;
  if (join !== undefined) {
    const { phase } = join;
    if (phase.kind === 'testing' || phase.kind === 'searching' || !isJoinTold(facts, join)) return going;
    const { tip } = branchOf(record, join.branch);
    if (phase.kind === 'red') return phase.run !== null || tip === null ? going : Math.max(going, asksAt(phase, tip));
  }
  const next = nextJoin(record, facts);
  return next === null ? null : Math.max(going, next.at);
}

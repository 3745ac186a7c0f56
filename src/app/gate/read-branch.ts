import type { BranchFacts } from '../../core/gate/facts.ts';
import { keptLandings } from '../../core/gate/take-branches.ts';
import { pushesGone } from '../../core/promote/own-tags.ts';
import type { BranchReading } from '../../model/landing.ts';
import type { LedgerEntry } from '../../model/ledger.ts';
import type { QueueBranch } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import type { Landing } from '../../ports/landing.ts';
import type { AppContext } from '../context.ts';
import type { PassReaders } from '../observe-presubmit.ts';
import { branchSettings } from './branch-settings.ts';
import { queueOf } from './queue-of.ts';

/** Numbers in the ledger of the newest landings that the branch still holds: what was taken back by a reset stays so when others land after it. */
export async function standingOf(
  context: AppContext,
  { project }: Pick<QueueBranch, 'project'>,
  reading: BranchReading | null,
): Promise<ReadonlySet<number>> {
  const standing = new Set<number>();
  const tip = reading?.tip;
  if (!tip || reading.ledger.kind !== 'whole') return standing;
  const holds = (at: Sha, commit: Sha) => context.ports.landing.contains(project, at, commit);
  // What a landing that stands was made on, the branch holds too: mostly it is the landing before.
  let held = tip;
  for (const { sequence, detail } of reading.ledger.entries.toReversed()) {
    if (detail.kind !== 'landed') continue;
    if (standing.size === keptLandings) break;
    const { commit, from } = detail;
    if (commit !== held && !(await holds(held, commit)) && (held === tip || !(await holds(tip, commit)))) continue;
    standing.add(sequence);
    held = from;
  }
  return standing;
}

/** What was pushed so long ago counts as the ledger has it. */
const keptPushes = 50;

/** Whether the branch holds a commit only in the history of a change that landed since: that did not bring it back by itself. */
async function isInChange(
  holds: (at: Sha, commit: Sha) => Promise<boolean>,
  tip: Sha,
  commit: Sha,
  later: readonly LedgerEntry[],
): Promise<boolean> {
  if (commit === tip) return false;
  for (const { detail } of later)
    if (detail.kind === 'landed' && (await holds(detail.commit, commit)) && !(await holds(detail.from, commit)))
      if (await holds(tip, detail.commit)) return true;
  return false;
}

/**
 * Numbers in the ledger of what was pushed and built, and the branch does not hold any more, ascending. What was taken back stays
 * so where only the history of a change has it that landed since.
 */
export async function goneOf(
  { ports }: { readonly ports: { readonly landing: Pick<Landing, 'contains'> } },
  { project }: Pick<QueueBranch, 'project'>,
  reading: BranchReading | null,
): Promise<readonly number[]> {
  const tip = reading?.tip;
  if (!tip || reading.ledger.kind !== 'whole') return [];
  const { entries } = reading.ledger;
  const pushed = entries.flatMap(({ sequence, detail }) =>
    detail.kind === 'pushed' ? [{ sequence, commit: detail.commit }] : [],
  );
  const recent = new Set(pushed.slice(-keptPushes).map(({ sequence }) => sequence));
  const were = new Set(pushesGone(entries));
  const gone = new Set([...were].filter((sequence) => !recent.has(sequence)));
  const holds = (at: Sha, held: Sha) => ports.landing.contains(project, at, held);
  for (const { sequence, commit } of pushed) {
    if (!recent.has(sequence)) continue;
    const isBack = were.has(sequence) && (await isInChange(holds, tip, commit, entries.slice(sequence)));
    if (isBack || !(await holds(tip, commit))) gone.add(sequence);
  }
  return [...gone].sort((one, other) => one - other);
}

/** A ledger that does not hold what we read of it before was cut or written anew: nothing lands on its word. */
async function withoutCuts(context: AppContext, branch: QueueBranch, reading: BranchReading): Promise<BranchReading> {
  const { ledger } = reading;
  if (branch.ledger === null || ledger.kind !== 'whole' || ledger.head === branch.ledger) return reading;
  const { project } = branch;
  const isHeld = ledger.head !== null && (await context.ports.landing.contains(project, ledger.head, branch.ledger));
  if (isHeld) return reading;
  return {
    ...reading,
    ledger: { kind: 'broken', because: `it does not hold ${branch.ledger} any more, which it did` },
  };
}

/** One look at a branch, its ledger, its rules and its settings; what could not be had is null, and said in the log. */
export async function readBranch(
  context: AppContext,
  { config: reader, memory }: PassReaders,
  branch: QueueBranch,
): Promise<BranchFacts> {
  const { landing, gateForge, log } = context.ports;
  const { project } = branch;
  const told = (what: string) => (err: unknown) => {
    log.warn({ repository: project.id, branch: branch.branch, err }, what);
    return null;
  };
  const [reading, rules] = await Promise.all([
    landing
      .read(project, branch.branch)
      .then((found) => withoutCuts(context, branch, found))
      .catch(told('a branch and its ledger could not be read')),
    gateForge.branchRules(project, branch.branch).catch(told('the rules of a branch could not be read')),
  ]);
  const standing = await standingOf(context, branch, reading);
  const settings =
    reading &&
    (await branchSettings(reader, landing, branch, reading.tip).catch(
      told('the settings of a branch could not be read'),
    ));
  // Not to know is not to be told that it is gone.
  const seen = await memory.project(project.id).then(
    (found) => found !== null,
    () => true,
  );
  return { seen, reading, standing, rules, settings, queue: settings && queueOf(branch, settings) };
}

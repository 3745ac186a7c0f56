import type { QueueFacts } from '../../core/gate/facts.ts';
import { gateCheckName } from '../../core/gate/report-candidate.ts';
import { definitionDigest } from '../../model/build.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
import type { GateView } from '../../model/gate-view.ts';
import type { LedgerDetail } from '../../model/ledger.ts';
import type { LandedChange, QueueBranch, QueueRecord } from '../../model/queue.ts';
import { type SubjectId, subjectIdOf } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import { syntheticEvent } from '../resync.ts';

const lookedAt = 5;

type Landed = Extract<LedgerDetail, { kind: 'landed' }>;

/** The last that a pass read first of what landed on a branch, and that nobody waited here for: all was lost after it was pushed. */
function unasked(before: QueueRecord, after: QueueRecord, { key }: QueueBranch): readonly LandedChange[] {
  const landedIn = ({ branches }: QueueRecord) => branches.find((branch) => branch.key === key)?.landed ?? [];
  const known = new Set(landedIn(before).map(({ commit }) => commit));
  const waiting = [...before.items, ...before.asked, ...before.leaving.map(({ change }) => change)];
  return landedIn(after)
    .slice(-lookedAt)
    .filter(({ commit }) => !known.has(commit))
    .filter(
      ({ number, head }) =>
        !waiting.some((change) => change.branch === key && change.number === number && change.request.head === head),
    );
}

/** What landed as another commit is not marked by the forge: where nobody lives who knew that it was still to be closed, it is. */
async function closeLanded(
  { ports }: AppContext,
  branch: QueueBranch,
  { method, number, head }: Landed,
  view: GateView,
) {
  const { pull } = view;
  if (method === 'merge' || pull.state !== 'open' || pull.head !== head || pull.baseRef !== branch.branch) return;
  await ports.gateForge.close(branch.project, number);
}

/** No check run on its head ever told of its request, so that nothing there keeps it: it is made again, for its end to be told. */
async function askAgain(
  { ports }: AppContext,
  queue: SubjectId,
  branch: QueueBranch,
  entry: Landed & { readonly at: number },
  view: GateView,
  app: number,
): Promise<void> {
  const { number, head, by, at, commit } = entry;
  const name = gateCheckName(branch.branch);
  const isTold = view.checks.some((check) => check.name === name && check.app === app && check.kind === 'check-run');
  if (view.pull.head !== head || isTold) return;
  const { id, owner, name: repository, installation } = branch.project;
  const event: ForgeEvent = {
    delivery: `landed-${definitionDigest([queue, number, commit])}`,
    name: 'gate.gate',
    installation,
    repository: { id, owner, name: repository },
    sender: by,
    receivedAt: ports.clock.now(),
    detail: { kind: 'gate', command: 'gate', number, head, by, permission: 'unknown', at, words: '', found: true },
  };
  await ports.intake.accept(event, [queue]);
  await ports.signals.wake(queue);
}

/**
 * What landed right before a loss, or was pushed only after it, may never have been told, nor its pull request closed: the last of
 * it are looked at once more. `before` and `after`: the queue as it was known, and as the pass leaves it. Throws where that cannot
 * be done now.
 */
export async function lookForUntold(
  context: AppContext,
  queue: SubjectId,
  before: QueueRecord,
  after: QueueRecord,
  facts: QueueFacts,
): Promise<void> {
  const { intake, signals, clock, gateForge } = context.ports;
  for (const branch of after.branches) {
    const { project, key } = branch;
    const { ledger } = facts.branches.get(key)?.reading ?? {};
    const entries = ledger?.kind === 'whole' ? ledger.entries : [];
    for (const { number, commit } of unasked(before, after, branch)) {
      const entry = entries.findLast(({ detail }) => detail.kind === 'landed' && detail.commit === commit);
      if (entry?.detail.kind !== 'landed') continue;
      const subject = subjectIdOf({ kind: 'presubmit', repository: project.id, number });
      await intake.accept(syntheticEvent(project, number, `untold-${clock.now()}`, clock.now()), [subject]);
      await signals.wake(subject);
      const view = await gateForge.gateView(project, number);
      if (view === null) continue;
      await closeLanded(context, branch, entry.detail, view);
      await askAgain(context, queue, branch, { ...entry.detail, at: entry.at }, view, facts.app);
    }
  }
}

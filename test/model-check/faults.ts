import { changeIdOf } from '../../src/core/gate/draft.ts';
import type { QueueFacts } from '../../src/core/gate/facts.ts';
import { foldVerdict } from '../../src/core/gate/fold-verdict.ts';
import { planQueue, type QueuePlan } from '../../src/core/gate/plan-queue.ts';
import type { MadeCandidate, QueueItem } from '../../src/model/queue.ts';
import { aVerdict, landedEntry, main, project } from '../core/gate/gate-fixture.ts';
import type { Plan } from './moves.ts';
import { earlier } from './world.ts';

type Chosen = QueueItem & { readonly candidate: MadeCandidate };

/** The same plan, with one landing more where there is none. */
function withLanding(planned: QueuePlan, facts: QueueFacts, choose: (item: Chosen, tip: string) => boolean): QueuePlan {
  const reading = facts.branches.get(main)?.reading;
  const { record } = planned;
  if (record.landing !== null || !reading?.tip || reading.ledger.kind !== 'whole') return planned;
  const { tip } = reading;
  const item = record.items.find(
    (each): each is Chosen => each.candidate?.kind === 'made' && choose(each as Chosen, tip),
  );
  if (!item) return planned;
  const { number, candidate } = item;
  const detail = { ...landedEntry(number, candidate.commit), verdict: aVerdict(candidate.commit) };
  const sequence = reading.ledger.entries.length + 1;
  const entry = { schema: 1, sequence, repository: project.id, branch: 'main', at: facts.now, detail } as const;
  const push = { branch: 'main', from: tip, to: candidate.commit, ledger: reading.ledger.head, entry };
  const landing = { number, branch: main, from: tip, to: candidate.commit, since: facts.now };
  const effects = [...planned.effects, { kind: 'land', project, number, push } as const];
  return { ...planned, effects, record: { ...record, landing } };
}

/** Lands what passed, wherever it stands. */
export const landsOffTheTip: Plan = (record, facts) =>
  withLanding(
    planQueue(record, facts),
    facts,
    ({ candidate }, tip) => candidate.verdict !== null && candidate.parents[main] !== tip,
  );

/** Looks at the own project's tip alone, where projects share the queue. */
export const landsWithoutOthers: Plan = (record, facts) =>
  withLanding(
    planQueue(record, facts),
    facts,
    ({ branch, candidate }, tip) => branch === main && candidate.verdict !== null && candidate.parents[main] === tip,
  );

/** Lands what stands on the tip, tested or not. */
export const landsUntested: Plan = (record, facts) =>
  withLanding(planQueue(record, facts), facts, ({ candidate }, tip) => candidate.parents[main] === tip);

/** Believes the answer of a push and never reads what became of it. */
export const neverReads: Plan = (record, facts) => {
  const branch = facts.branches.get(main);
  const reading = branch?.reading;
  if (!branch || reading?.ledger.kind !== 'whole') return planQueue(record, facts);
  const entries = reading.ledger.entries.filter(({ detail }) => detail.kind !== 'landed' || detail.number === earlier);
  const blind = { ...branch, standing: new Set([2]), reading: { ...reading, ledger: { ...reading.ledger, entries } } };
  return planQueue(record, { ...facts, branches: new Map([[main, blind]]) });
};

/** Rejects what failed, though the fault may lie ahead. */
export const rejectsOffTheTip: Plan = (record, facts) => {
  const planned = planQueue(record, facts);
  const failed = planned.record.items.find(
    ({ candidate }) => candidate?.kind === 'made' && foldVerdict(candidate.jobs ?? []).verdict === 'failed',
  );
  if (failed?.candidate?.kind !== 'made') return planned;
  const departure = { kind: 'rejected', because: 'it failed' } as const;
  const items = planned.record.items.filter((item) => changeIdOf(item) !== changeIdOf(failed));
  const leaving = { change: failed, departure, candidate: failed.candidate, at: facts.now };
  return { ...planned, record: { ...planned.record, items, leaving: [...planned.record.leaving, leaving] } };
};

/** Takes every tip for one that it landed itself. */
export const blamesAnyway: Plan = (record, facts) => {
  const branch = facts.branches.get(main);
  const reading = branch?.reading;
  if (!branch || !reading?.tip || reading.ledger.kind !== 'whole') return planQueue(record, facts);
  const { tip, ledger } = reading;
  const entries = ledger.entries.map((entry) =>
    entry.sequence === 2 ? { ...entry, detail: landedEntry(earlier, tip) } : entry,
  );
  const trusting = { ...branch, reading: { ...reading, ledger: { ...ledger, entries } } };
  return planQueue(record, { ...facts, branches: new Map([[main, trusting]]) });
};

/** Never lands anything. */
export const forgetsToLand: Plan = (record, facts) => {
  const planned = planQueue(record, facts);
  const effects = planned.effects.filter(({ kind }) => kind !== 'land');
  return { ...planned, effects, record: { ...planned.record, landing: null } };
};

import { definitionDigest } from '../../model/build.ts';
import type { ForgeEvent, GateCommand } from '../../model/forge-event.ts';
import type { GateEffect } from '../../model/gate-effect.ts';
import type { AskedChange, BranchKey, LeavingItem, QueueBranch, QueueRecord } from '../../model/queue.ts';
import { type GateDraft, isBeingLanded, takeOut } from './draft.ts';
import type { QueueFacts } from './facts.ts';
import { saidAt } from './said-order.ts';

/** The new queue is told again and again for so long, as a word may be lost with whoever says it, ms. */
export const retoldMs = 60_000;

function isUnused(record: QueueRecord, key: BranchKey): boolean {
  const { items, asked, stopping, leaving, landing } = record;
  const changes = [...items, ...asked, ...stopping, ...leaving.map(({ change }) => change)];
  return landing?.branch !== key && changes.every(({ branch }) => branch !== key);
}

/** Sends changes whose branch has another queue by now there, and lets go of branches that are no part of a shared one any more. */
export function moveOut(draft: GateDraft, facts: QueueFacts): void {
  for (const { key } of draft.record.branches) {
    const to = facts.branches.get(key)?.queue ?? null;
    if (to === null || to === facts.subject) continue;
    const departure = {
      kind: 'moved',
      to,
      because: 'its branch has another queue now, where it was asked for',
    } as const;
    const { record } = draft;
    const isMoved = (change: AskedChange): boolean => change.branch === key && !isBeingLanded(record, change);
    for (const item of draft.record.items.filter(isMoved)) takeOut(draft, item, departure, facts.now);
    const moved = draft.record.asked
      .filter(isMoved)
      .map((change) => ({ change, departure, candidate: null, at: facts.now }));
    const asked = draft.record.asked.filter((change) => !isMoved(change));
    draft.record = { ...draft.record, asked, leaving: [...draft.record.leaving, ...moved] };
  }
  if (!facts.subject.startsWith('shared-queue/')) return;
  const isLeft = ({ key }: QueueBranch): boolean => {
    const seen = facts.branches.get(key);
    const isElsewhere = seen !== undefined && seen.queue !== null && seen.queue !== facts.subject;
    const isGone = seen?.reading !== null && seen?.reading.tip === null;
    return (isElsewhere || isGone) && isUnused(draft.record, key);
  };
  draft.record = { ...draft.record, branches: draft.record.branches.filter((branch) => !isLeft(branch)) };
}

/** Asks another queue for a change as it was asked for here. */
export function tellNewQueue(branch: QueueBranch, { change, departure, at }: LeavingItem): readonly GateEffect[] {
  if (departure.kind !== 'moved') return [];
  const { number, request, lane, overrides } = change;
  const { id, owner, name, installation } = branch.project;
  const told = (command: GateCommand['command'], words: string, by = request.by): GateEffect => {
    const { head, permission } = request;
    const detail = { kind: 'gate', command, number, head, by, permission, ...saidAt(request), words } as const;
    const event: ForgeEvent = {
      delivery: `moved-${definitionDigest([departure.to, id, number, head, command, words, request.at, at])}`,
      name: `gate.${command}`,
      installation,
      repository: { id, owner, name },
      sender: by,
      receivedAt: at,
      detail,
    };
    return { kind: 'on', project: branch.project, number, effect: { kind: 'tell', queue: departure.to, event } };
  };
  return [
    told('gate', ''),
    ...(lane === 'normal' ? [] : [told('priority', lane)]),
    ...overrides.map(({ check, by }) => told('override', check, by)),
  ];
}

import type { StoredClash, StoredSchedule } from '../../../model/best-first.ts';
import type { QueueItem } from '../../../model/queue.ts';
import { tipsOf } from '../candidates.ts';
import type { NewBuild } from '../schedule/spend-slots.ts';
import type { UnitId } from '../schedule/unit.ts';
import { changedTogether, putBatched } from './batches.ts';
import { type Chain, chainOf } from './chain.ts';
import { type Following, itemNow } from './following.ts';
import type { Look, Standing } from './look.ts';
import { putUnmade } from './move-green.ts';
import { putBegun } from './put-builds.ts';
import { shownUnit, unitIdOf } from './unit-id.ts';

function withClash(stored: StoredSchedule, clash: StoredClash): StoredSchedule {
  const isKnown = stored.clashes.some(({ unit, on }) => unit === clash.unit && on.every((id) => clash.on.includes(id)));
  return isKnown ? stored : { ...stored, clashes: [...stored.clashes, clash] };
}

/** Several are tested by one build only where they may land by one push. */
function isAllowed({ best }: Following, { heads, included }: NewBuild): boolean {
  if (heads.length === 0 || !heads.every((id) => included.includes(id))) return false;
  return heads.length === 1 || (best.prefixes && best.batches);
}

/** What a build is to hold, each item as the pass has it by now; null: one of them is not to be tested, or lacks what it needs. */
function itemsFor(following: Following, look: Look, { included }: NewBuild): readonly QueueItem[] | null {
  const standings = included.flatMap(
    (id) => look.standings.find(({ unit, isTested }) => isTested && unit === id) ?? [],
  );
  const items = standings.flatMap(({ item }) => itemNow(following, item) ?? []);
  const isWhole = standings.every(({ needs }: Standing, at) =>
    (needs ?? []).every((need) => included.slice(0, at).includes(need) || look.view.hasLanded(need)),
  );
  // One of them may just have turned out to fit nowhere.
  const isOver = items.some(({ candidate }) => candidate !== null && candidate.kind !== 'made');
  return items.length !== included.length || !isWhole || isOver ? null : items;
}

function namesOf(ids: readonly UnitId[]): string {
  return ids.length === 0 ? 'the tip' : ids.map(shownUnit).join(', ');
}

function noteClash(
  { draft }: Following,
  stored: StoredSchedule,
  clash: Extract<Chain, { kind: 'clash' }>,
): StoredSchedule {
  const { item, on, state } = clash;
  const unit = unitIdOf(item);
  draft.reasons.push(`${shownUnit(unit)}: ${state.kind} on ${namesOf(on)}`);
  const isItsOwn = on.length === 0 || state.kind === 'forbidden' || state.kind === 'unmade';
  if (isItsOwn) putUnmade(draft, item, clash);
  return isItsOwn ? stored : withClash(stored, { unit, on });
}

/**
 * A batch is of neighbours: where one that has a build of its own is between them, those ahead of it are built first. Otherwise one
 * whose jobs a batch did not run would be put into the next one, and the next.
 */
export function ofNeighbours({ heads, included, excluded }: NewBuild): NewBuild {
  const first = included.findIndex((id) => heads.includes(id));
  const gap = included.findIndex((id, at) => at > first && !heads.includes(id));
  if (gap < 0) return { heads, included, excluded };
  return { heads: included.slice(first, gap), included: included.slice(0, gap), excluded };
}

/** Starts one build, if it can be made; a clash that this brings up is kept. */
export function begin(following: Following, look: Look, stored: StoredSchedule, wished: NewBuild): StoredSchedule {
  const { draft, facts } = following;
  const build = ofNeighbours(wished);
  const items = isAllowed(following, build) ? itemsFor(following, look, build) : null;
  const item = items?.at(-1);
  if (!items || !item) return stored;
  const chain = chainOf(draft, facts, tipsOf(draft.record), items);
  if (chain.kind === 'wanted') return stored;
  if (chain.kind === 'clash') return noteClash(following, stored, chain);
  const { candidate, under, below } = chain;
  const onto = stored.forgotten + stored.landed.length;
  const { excluded } = build;
  const heads = under.map(({ unit }) => unit).filter((unit) => build.heads.includes(unit));
  const tested = below.filter((_, at) => heads.includes(under[at]?.unit ?? ''));
  // A job that any of them selects is run (gate.md §2 Which jobs).
  const changed = changedTogether([...tested.map(({ made }) => made.changed), candidate.changed]);
  putBegun(draft, item, { candidate: { ...candidate, changed }, under, excluded, heads, onto, now: facts.now });
  for (const part of tested) putBatched(draft, part, { under: under.slice(0, below.indexOf(part)), excluded, onto });
  const together = heads.length === 0 ? '' : `, together with ${namesOf(heads)}`;
  draft.reasons.push(
    `#${item.number}: candidate ${candidate.commit.slice(0, 12)} on ${namesOf(under.map(({ unit }) => unit))}${together}`,
  );
  return stored;
}

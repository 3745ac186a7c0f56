import type {
  AskedChange,
  ContainedLanding,
  Departure,
  LandedChange,
  LandingIntent,
  QueueItem,
} from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import { putAlone } from './best-first/put-builds.ts';
import { changeIdOf, type GateDraft, landingOf, putItem, takeOut } from './draft.ts';
import { pacesAfter } from './eta.ts';
import type { QueueFacts } from './facts.ts';
import { madeOf } from './made-of.ts';
import { windowAfterLanding } from './window.ts';

/** A request whose answer was lost may still be on its way, longer than one is waited for: it is not given up before, ms. */
export const lostAnswerMs = 150_000;

/** The item that a landing is of, if it is still there. */
export function itemLanding(draft: GateDraft, intent: Pick<LandingIntent, 'branch' | 'number'>): QueueItem | undefined {
  const id = changeIdOf(intent);
  return draft.record.items.find((other) => changeIdOf(other) === id);
}

/** How something leaves of which the ledger says that it has landed. */
export function landedDeparture({ commit, within }: Pick<LandedChange, 'commit' | 'within'>): Departure {
  return { kind: 'landed', commit, ...(within ? { within } : {}) };
}

/** Those of a landing that did not take place whom somebody took out meanwhile. */
function takeOutWithdrawn(draft: GateDraft, facts: QueueFacts, { branch, inside = [] }: LandingIntent): void {
  for (const { number, withdrawn } of inside) {
    const item = withdrawn === undefined ? undefined : itemLanding(draft, { branch, number });
    if (item && withdrawn !== undefined) takeOut(draft, item, { kind: 'withdrawn', because: withdrawn }, facts.now);
  }
}

/** It is known not to have landed: its item keeps its place, unless somebody took it out meanwhile. */
export function dropLanding(draft: GateDraft, facts: QueueFacts, intent: LandingIntent, because: string): void {
  const all = landingOf({ landing: intent }).map(({ number }) => `#${number}`);
  draft.reasons.push(`${all.join(', ')}: not landed, ${because}`);
  draft.record = { ...draft.record, landing: null };
  takeOutWithdrawn(draft, facts, intent);
  const item = itemLanding(draft, intent);
  if (!item) return;
  if (intent.withdrawn !== undefined) takeOut(draft, item, { kind: 'withdrawn', because: intent.withdrawn }, facts.now);
  // It may have left no trace because what was to land is not to be had any more: it is made and shown again.
  else if (item.candidate?.kind === 'made')
    putItem(draft, { ...item, candidate: { ...item.candidate, published: false } });
}

/** It is known to have landed as this commit, with what is inside. */
export function finishLanding(draft: GateDraft, facts: QueueFacts, intent: LandingIntent, commit: Sha): void {
  const { branch, number, inside = [] } = intent;
  const item = itemLanding(draft, intent);
  draft.record = { ...draft.record, landing: null, window: windowAfterLanding(draft.record.window) };
  for (const part of inside) {
    const held = itemLanding(draft, { branch, number: part.number });
    draft.record = { ...draft.record, window: windowAfterLanding(draft.record.window) };
    if (held) takeOut(draft, held, { kind: 'landed', commit: part.to, within: { number, commit } }, facts.now);
  }
  if (!item) return;
  draft.record = { ...draft.record, paces: pacesAfter(draft.record, item.candidate) };
  const numbers = inside.map((part) => part.number);
  takeOut(draft, item, { kind: 'landed', commit, ...(numbers.length > 0 ? { inside: numbers } : {}) }, facts.now);
  if (!intent.press) return;
  const leaving = draft.record.leaving.map((each) =>
    each.change === item ? { ...each, retell: true as const } : each,
  );
  draft.record = { ...draft.record, leaving };
}

/**
 * The forge's words go to the author; those behind stand on the tip again (gate.md §4). Of several it is not known whom they concern:
 * each is to land by itself then, and hears them if they are of it.
 */
export function refuseLanding(draft: GateDraft, facts: QueueFacts, intent: LandingIntent, because: string): void {
  if (intent.inside !== undefined) {
    dropLanding(draft, facts, intent, `and each is to land by itself: ${because}`);
    const item = itemLanding(draft, intent);
    const refused = item && madeOf(item).find(({ commit }) => commit === intent.to);
    if (item && refused) putAlone(draft, item, refused);
    return;
  }
  draft.record = { ...draft.record, landing: null };
  const item = itemLanding(draft, intent);
  if (item) takeOut(draft, item, { kind: 'refused', because }, facts.now);
}

/** Somebody takes one of them out while the push is under way: it leaves if that turns out not to have landed. */
export function withdrawnFrom(landing: LandingIntent, { number }: AskedChange, because: string): LandingIntent {
  if (landing.number === number) return { ...landing, withdrawn: because };
  const mark = (each: ContainedLanding) => (each.number === number ? { ...each, withdrawn: because } : each);
  return { ...landing, inside: (landing.inside ?? []).map(mark) };
}

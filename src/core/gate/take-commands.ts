import type { GateRequest } from '../../model/gate-request.ts';
import type { GateView } from '../../model/gate-view.ts';
import type { AskedChange, BranchKey, HeadWord, LeavingItem, QueueItem, QueueLane } from '../../model/queue.ts';
import {
  branchOf,
  changeIdOf,
  dropAsked,
  type GateDraft,
  isBeingLanded,
  putItem,
  stopCandidate,
  takeOut,
  testAnew,
} from './draft.ts';
import { forgottenRequest, hasEndedSince } from './ended-before.ts';
import { holdLabel } from './entry/judge-request.ts';
import { keepConclusions } from './entry/latest-checks.ts';
import type { HeardCommand, QueueFacts } from './facts.ts';
import { hasLostRight } from './judge-change.ts';
import { withdrawnFrom } from './landing-ends.ts';
import { blameFor } from './red-tip.ts';
import { compareSaid, saidAt } from './said-order.ts';

/** Shows that a landing was asked for. */
export const gateLabel = 'gate';

/** A label that is not seen by then is asked for again, ms. */
const repeatMs = 30_000;

const lanes: readonly QueueLane[] = ['hotfix', 'normal', 'bulk'];

function findChange(
  draft: GateDraft,
  id: string,
): { readonly item: QueueItem | null; readonly asked: AskedChange | null } {
  const { items, asked } = draft.record;
  const is = (change: AskedChange): boolean => changeIdOf(change) === id;
  return { item: items.find(is) ?? null, asked: asked.find(is) ?? null };
}

function replaceAsked(draft: GateDraft, change: AskedChange): void {
  const id = changeIdOf(change);
  const asked = draft.record.asked.map((other) => (changeIdOf(other) === id ? change : other));
  draft.record = { ...draft.record, asked };
}

/** Puts the same change into whichever list holds it. */
export function putChange(draft: GateDraft, id: string, change: (known: AskedChange) => Partial<AskedChange>): void {
  const { item, asked } = findChange(draft, id);
  if (item) putItem(draft, { ...item, ...change(item) });
  else if (asked) replaceAsked(draft, { ...asked, ...change(asked) });
}

function isOfChange(change: AskedChange, branch: BranchKey, number: number): boolean {
  return change.branch === branch && change.number === number;
}

function ask(draft: GateDraft, facts: QueueFacts, branch: BranchKey, command: HeardCommand, view: GateView): void {
  const { number, by, permission, at } = command;
  const head = command.head ?? view.pull.head;
  if (by === null || head !== view.pull.head) return;
  const { item, asked } = findChange(draft, changeIdOf({ branch, number }));
  takeOver(draft, facts, branch, command, head);
  // Told anew because its check run shows it: nothing is new of it.
  const isRepeated = (known: AskedChange | null) =>
    known?.request.head === head && known.request.at === at && [undefined, known.request.order].includes(command.order);
  const left = draft.record.leaving.flatMap(({ change }) => (isOfChange(change, branch, number) ? [change] : []));
  if (isRepeated(item) || left.some(isRepeated)) return;
  if (command.found === true && hasEndedSince(draft, facts, { branch, number })) return;
  if (item?.request.head === head) {
    // The same head twice is one item; what was parked goes on.
    const kept = findChange(draft, changeIdOf(item)).item ?? item;
    if (kept.parked !== null) testAnew(draft, kept);
    if (blameFor(draft.record, kept).kind === 'red') askAgain(draft, kept);
    return;
  }
  if (asked?.request.head === head) return;
  if (asked) dropAsked(draft, asked, 'another head was pushed and asked for', facts.now);
  const request: GateRequest = { head, by, permission, ...saidAt(command) };
  const change: AskedChange = {
    number,
    branch,
    request,
    view,
    seenAt: facts.now,
    ...saidOf(draft, branch, number, head),
    entry: at,
    ...runsOf(command, left),
  };
  if (isTakenOut(draft, branch, command)) {
    dropAsked(draft, change, 'it was taken out after that was said', facts.now);
    return;
  }
  draft.record = { ...draft.record, asked: [...draft.record.asked, change] };
  draft.reasons.push(`#${number}: ${by.login} asked for ${head.slice(0, 12)}`);
  if (view.pull.state === 'open') label(draft, branch, number, gateLabel, true);
}

/** Its check run is another one than that of a request of the same second which has left. */
function runsOf({ runs, at, head }: HeardCommand, left: readonly AskedChange[]): Pick<AskedChange, 'runs'> {
  const same = left.filter(({ request, entry }) => entry === at && (head === null || request.head === head));
  const more = Math.max(runs ?? 0, ...same.map((change) => (change.runs ?? 0) + 1));
  return more === 0 ? {} : { runs: more };
}

/** Whoever asked for this head may not any more, and now somebody else does: it goes on in that name. */
function takeOver(draft: GateDraft, facts: QueueFacts, branch: BranchKey, command: HeardCommand, head: string): void {
  const { number, by, permission } = command;
  const id = changeIdOf({ branch, number });
  const { item, asked } = findChange(draft, id);
  const known = item ?? asked;
  if (by === null || known?.request.head !== head || !hasLostRight(facts, known)) return;
  draft.reasons.push(`#${number}: ${by.login} asks for it in the place of ${known.request.by.login}`);
  putChange(draft, id, ({ request }) => ({ request: { ...request, by, permission } }));
}

const keptWords = 200;

/** Keeps what was said for a head: its landing may be asked for later, or once more. */
function keepWord(draft: GateDraft, branch: BranchKey, { number, head }: HeardCommand, said: HeadWord['said']): void {
  if (head === null && !('dequeuedAt' in said)) return;
  const words = [...(draft.record.words ?? []), { branch, number, head, said }];
  draft.record = { ...draft.record, words: words.slice(-keptWords) };
}

/** The later word wins, in whatever order they are heard (commands.md §3). */
function isTakenOut({ record }: GateDraft, branch: BranchKey, command: HeardCommand): boolean {
  return (record.words ?? []).some(
    ({ said, ...word }) =>
      word.branch === branch &&
      word.number === command.number &&
      'dequeuedAt' in said &&
      compareSaid({ ...said, at: said.dequeuedAt }, command) > 0,
  );
}

function saidOf(
  { record }: GateDraft,
  branch: BranchKey,
  number: number,
  head: string,
): Pick<AskedChange, 'lane' | 'overrides'> {
  const said = (record.words ?? []).flatMap((word) =>
    word.branch === branch && word.number === number && word.head === head ? [word.said] : [],
  );
  const [lane = 'normal'] = said.flatMap((each) => ('lane' in each ? [each.lane] : [])).reverse();
  return { lane, overrides: said.flatMap((each) => ('override' in each ? [each.override] : [])) };
}

/** Somebody thinks that a branch is red no more, though it has not moved: it and what failed on it are tested anew. */
function askAgain(draft: GateDraft, item: QueueItem): void {
  for (const red of draft.record.probes ?? [])
    if (red.branch === item.branch) stopCandidate(draft, red, red.probe, 'it is asked again');
  const probes = (draft.record.probes ?? []).filter(({ branch }) => branch !== item.branch);
  draft.record = { ...draft.record, probes };
  testAnew(draft, item);
}

function label(draft: GateDraft, branch: BranchKey, number: number, name: string, present: boolean): void {
  const { project } = branchOf(draft.record, branch);
  draft.effects.push({ kind: 'label', project, number, label: name, present });
}

function withLabel(view: GateView, name: string, present: boolean): GateView {
  const others = view.pull.labels.filter((other) => other !== name);
  return { ...view, pull: { ...view.pull, labels: present ? [...others, name] : others } };
}

function dequeue(draft: GateDraft, facts: QueueFacts, id: string, command: HeardCommand): void {
  const { item, asked } = findChange(draft, id);
  const because = `${command.by?.login ?? 'an operator'} took it out`;
  const { landing } = draft.record;
  const known = item ?? asked;
  if (known !== null && compareSaid(known.request, command) > 0) return;
  if (landing !== null && known !== null && isBeingLanded(draft.record, known)) {
    // Its push may have landed it already: that is read first, and only if it did not, it leaves.
    draft.record = { ...draft.record, landing: withdrawnFrom(landing, known, because) };
    draft.reasons.push(`#${known.number}: ${because} while it was being landed`);
  } else if (item) takeOut(draft, item, { kind: 'withdrawn', because }, facts.now);
  else if (asked) dropAsked(draft, asked, because, facts.now);
}

/** Void for every other head. */
function takeOverride(draft: GateDraft, branch: BranchKey, command: HeardCommand): void {
  const { number, by, head, words: check, at } = command;
  if (by === null || head === null) return;
  const override = { check, head, by, at };
  keepWord(draft, branch, command, { override });
  putChange(draft, changeIdOf({ branch, number }), ({ request, overrides }) =>
    request.head === head ? { overrides: [...overrides, override] } : {},
  );
}

function takeOne(draft: GateDraft, facts: QueueFacts, branch: BranchKey, command: HeardCommand): void {
  const { number, words, by } = command;
  const who = by?.login ?? 'an operator';
  const id = changeIdOf({ branch, number });
  const view = facts.views.get(id) ?? null;
  switch (command.command) {
    case 'gate':
      if (view) ask(draft, facts, branch, command, view);
      return;
    case 'dequeue':
      keepWord(draft, branch, command, {
        dequeuedAt: command.at,
        ...(command.order === undefined ? {} : { order: command.order }),
      });
      dequeue(draft, facts, id, command);
      return;
    case 'hold':
    case 'unhold': {
      const held = command.command === 'hold';
      const { item, asked } = findChange(draft, id);
      const earlier = (item ?? asked)?.hold;
      if (earlier !== undefined && compareSaid(earlier, command) > 0) return;
      draft.reasons.push(`#${number}: ${who} ${held ? 'holds it' : 'lets it go'}${words === '' ? '' : `, ${words}`}`);
      label(draft, branch, number, holdLabel, held);
      const hold = { held, ...saidAt(command), askedAt: facts.now };
      putChange(draft, id, (known) => ({ view: withLabel(known.view, holdLabel, held), hold }));
      return;
    }
    case 'priority': {
      const lane = lanes.find((known) => known === words);
      if (!lane) return;
      draft.reasons.push(`#${number}: ${who} put it into the lane ${lane}`);
      keepWord(draft, branch, command, { lane });
      putChange(draft, id, () => ({ lane }));
      return;
    }
    case 'override':
      draft.reasons.push(`#${number}: ${who} overrode ${words}`);
      takeOverride(draft, branch, command);
      return;
    case 'freeze':
    case 'thaw': {
      const kind = command.command === 'freeze' ? 'frozen' : 'thawed';
      draft.reasons.push(`${who} asked for it to be ${kind}${words === '' ? '' : `: ${words}`}`);
      draft.record = { ...draft.record, wish: { kind, by, because: words, at: command.at } };
      return;
    }
    case 'hint':
      return;
  }
}

/** Takes up what people said, oldest first. Whether they may was asked before and is asked again when it matters. */
export function takeCommands(draft: GateDraft, facts: QueueFacts): void {
  const known = new Set(draft.record.branches.map(({ key }) => key));
  const spoken = [...facts.commands].sort(compareSaid);
  for (const command of spoken) if (known.has(command.branch)) takeOne(draft, facts, command.branch, command);
}

/** A view counts with what was wanted of the label, until one shows it: the forge may not have it yet, or ever have heard of it. */
function withHold({ hold }: AskedChange, view: GateView): Pick<AskedChange, 'view' | 'hold'> {
  if (hold === undefined || hold.askedAt === null) return hold === undefined ? { view } : { view, hold };
  const isShown = view.pull.labels.includes(holdLabel) === hold.held;
  return isShown ? { view, hold: { ...hold, askedAt: null } } : { view: withLabel(view, holdLabel, hold.held), hold };
}

/** Asks for the label again where it was asked for a while ago and is not there: whoever asked may have died. */
export function repeatHolds(draft: GateDraft, facts: QueueFacts): void {
  for (const { branch, number, hold } of [...draft.record.items, ...draft.record.asked]) {
    if (!hold || hold.askedAt === null || facts.now - hold.askedAt < repeatMs) continue;
    label(draft, branch, number, holdLabel, hold.held);
    putChange(draft, changeIdOf({ branch, number }), () => ({ hold: { ...hold, askedAt: facts.now } }));
  }
}

/** Takes up what was read of the changes; a check that is run again counts by its last conclusion until it has a new one. */
export function takeViews(draft: GateDraft, facts: QueueFacts): void {
  const { items, asked, leaving } = draft.record;
  const viewOf = (change: AskedChange): GateView | null => facts.views.get(changeIdOf(change)) ?? null;
  const seen = <Known extends AskedChange>(known: Known): Known => {
    const view = viewOf(known);
    if (view === null) return known;
    const { hold, ...now } = withHold(known, keepConclusions(known.view, view));
    const later = forgottenRequest(draft, facts, known);
    return { ...known, ...now, seenAt: facts.now, ...(hold === undefined ? {} : { hold }), ...later };
  };
  const seeLeaving = (left: LeavingItem): LeavingItem => {
    const view = viewOf(left.change);
    return view === null ? left : { ...left, change: { ...left.change, view, seenAt: facts.now } };
  };
  const queued = new Set(items.map(changeIdOf));
  // Of one that is asked for while an earlier head of it is queued, that item is looked at.
  const others = asked.map((change) => (queued.has(changeIdOf(change)) ? change : seen(change)));
  draft.record = { ...draft.record, items: items.map(seen), asked: others, leaving: leaving.map(seeLeaving) };
}

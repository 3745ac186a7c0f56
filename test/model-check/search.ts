import { blameFor } from '../../src/core/gate/red-tip.ts';
import { isSameGround } from '../../src/core/gate/walk-queue.ts';
import type { BranchKey, Parents } from '../../src/model/queue.ts';
import { movesFrom, type Plan, stateKey } from './moves.ts';
import {
  begin,
  contentOf,
  earlier,
  groundOf,
  type Place,
  parentOf,
  placeIn,
  type Story,
  tipsIn,
  type World,
} from './world.ts';

/** What a search found: how many states, and the first bad thing with the way to it. */
export interface Found {
  readonly states: number;
  readonly settled: number;
  readonly bad: { readonly what: string; readonly way: readonly string[] } | null;
}

interface Node {
  readonly world: World;
  readonly from: Node | null;
  readonly by: string;
  readonly before: Node[];
  settles: boolean;
}

function landedAt({ ledger }: Place): readonly number[] {
  return ledger.flatMap(({ detail }) => (detail.kind === 'landed' && detail.number !== earlier ? [detail.number] : []));
}

/** What no state may be. */
function badState(story: Story, world: World): string | null {
  const landed = world.places.flatMap(landedAt);
  if (new Set(landed).size !== landed.length) return 'a change landed twice';
  for (const place of world.places) {
    const held = contentOf(place.tip).filter((number) => number < earlier);
    const said = landedAt(place);
    if (held.join() !== said.join()) return `the ledger says ${said.join()}, the branch holds ${held.join()}`;
  }
  for (const [number, kind] of Object.entries(world.told)) {
    if ((kind === 'landed') !== landed.includes(Number(number)))
      return `#${number} is told ${kind}, landed: ${landed.join()}`;
  }
  const [later, first] = story.depends ?? [];
  if (later !== undefined && first !== undefined && landed.includes(later) && !landed.includes(first))
    return `#${later} landed without #${first}, which it depends on`;
  return null;
}

/** What the gate did not land is seen to pass by itself before anybody is blamed for what fails on it. */
function mayBlame({ places, green }: World, key: BranchKey, tips: Parents): boolean {
  const tip = tips[key];
  const isOurs = places.every(({ key: each, ledger }) =>
    ledger.some(({ detail }) => detail.kind === 'landed' && detail.commit === tips[each]),
  );
  return isOurs || (tip !== undefined && green.includes(groundOf(tip, tips)));
}

function badLanding(before: World, place: Place): string | null {
  const was = placeIn(before, place.key);
  const entry = place.ledger.at(-1)?.detail;
  if (place.ledger.length === was.ledger.length || entry?.kind !== 'landed') return null;
  if (parentOf(entry.commit) !== was.tip) return 'what landed was not made on the tip';
  // What others moved after it was sent, no push of one branch can see.
  const ground = { ...before.pushes.find(({ to }) => to === entry.commit)?.tips, [place.key]: was.tip };
  const isTested = before.green.includes(groundOf(entry.commit, ground)) && entry.verdict.commit === entry.commit;
  return isTested ? null : 'what landed was not tested';
}

/** What no step may do. */
function badStep(before: World, after: World): string | null {
  for (const place of after.places) {
    const bad = badLanding(before, place);
    if (bad !== null) return bad;
  }
  for (const { change, departure, candidate } of after.record.leaving) {
    const isNew = before.record.items.some(({ number }) => number === change.number);
    if (!isNew || departure.kind !== 'rejected' || candidate === null) continue;
    const tips = tipsIn(before);
    if (!isSameGround(candidate.parents, tips)) return `#${change.number} is rejected for a failure off the tip`;
    if (!mayBlame(after, change.branch, tips))
      return `#${change.number} is rejected on a tip that may be what is broken`;
  }
  return null;
}

/** Nothing is left to do, but for those that wait for a change which will not land, or on a branch that is red by itself. */
function isSettled(story: Story, { record, pushes, pods, told }: World): boolean {
  const { items, asked, leaving, stopping, landing } = record;
  const needed = story.depends?.[1];
  const inVain = needed !== undefined && needed in told && told[needed] !== 'landed' ? story.depends : null;
  const undecided = items.filter((item) => blameFor(record, item).kind !== 'red');
  const left = [...undecided, ...asked, ...leaving.map(({ change }) => change)];
  const busy = left.filter(({ number }) => !inVain?.includes(number));
  return busy.length + stopping.length + pushes.length + pods.length === 0 && landing === null;
}

function wayTo(node: Node): readonly string[] {
  const way: string[] = [];
  for (let at: Node | null = node; at !== null; at = at.from) way.push(at.by);
  return way.reverse();
}

function markSettling(node: Node): void {
  const stack = [node];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (at.settles) continue;
    at.settles = true;
    stack.push(...at.before);
  }
}

/** Every interleaving, each state once, nearest first. From each, what happens by itself must be able to settle the queue. */
export function searchAll(story: Story, plan: Plan): Found {
  const first: Node = { world: begin(story), from: null, by: 'begin', before: [], settles: false };
  const known = new Map([[stateKey(first.world), first]]);
  const line = [first];
  for (let index = 0; index < line.length; index += 1) {
    const node = line[index];
    if (!node) break;
    for (const { name, quiet, to } of movesFrom(story, plan, node.world)) {
      const key = stateKey(to);
      const next = known.get(key) ?? { world: to, from: node, by: name, before: [], settles: false };
      const what = badStep(node.world, to) ?? badState(story, to);
      if (what !== null) return { states: known.size, settled: 0, bad: { what, way: [...wayTo(node), name] } };
      if (quiet) next.before.push(node);
      if (known.has(key)) continue;
      known.set(key, next);
      line.push(next);
    }
  }
  const settled = line.filter(({ world }) => isSettled(story, world));
  settled.forEach(markSettling);
  const stuck = line.find(({ settles }) => !settles);
  const bad = stuck ? { what: 'it never settles', way: wayTo(stuck) } : null;
  return { states: known.size, settled: settled.length, bad };
}

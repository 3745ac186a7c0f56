import { blameFor } from '../../src/core/gate/red-tip.ts';
import type { Sha } from '../../src/model/sha.ts';
import { movesFrom, type Plan, stateKey } from './moves.ts';
import { begin, contentOf, earlier, parentOf, type Story, type World } from './world.ts';

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

function landedIn({ ledger }: World): readonly number[] {
  return ledger.flatMap(({ detail }) => (detail.kind === 'landed' && detail.number !== earlier ? [detail.number] : []));
}

/** What no state may be. */
function badState(world: World): string | null {
  const landed = landedIn(world);
  if (new Set(landed).size !== landed.length) return 'a change landed twice';
  const held = contentOf(world.tip).filter((number) => number < 100);
  if (held.join() !== landed.join()) return `the ledger says ${landed.join()}, the branch holds ${held.join()}`;
  for (const [number, kind] of Object.entries(world.told)) {
    if ((kind === 'landed') !== landed.includes(Number(number)))
      return `#${number} is told ${kind}, landed: ${landed.join()}`;
  }
  return null;
}

/** What the gate did not land is seen to pass by itself before anybody is blamed for what fails on it. */
function mayBlame({ ledger, green }: World, tip: Sha): boolean {
  return green.includes(tip) || ledger.some(({ detail }) => detail.kind === 'landed' && detail.commit === tip);
}

/** What no step may do. */
function badStep(before: World, after: World): string | null {
  const entry = after.ledger.at(-1)?.detail;
  if (after.ledger.length > before.ledger.length && entry?.kind === 'landed') {
    if (parentOf(entry.commit) !== before.tip) return 'what landed was not made on the tip';
    if (!before.green.includes(entry.commit) || entry.verdict.commit !== entry.commit)
      return 'what landed was not tested';
  }
  for (const { change, departure, candidate } of after.record.leaving) {
    const isNew = before.record.items.some(({ number }) => number === change.number);
    const ground = candidate && Object.values(candidate.parents)[0];
    if (isNew && departure.kind === 'rejected' && ground !== null && ground !== before.tip)
      return `#${change.number} is rejected for a failure off the tip`;
    if (isNew && departure.kind === 'rejected' && candidate && !mayBlame(after, before.tip))
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
      const what = badStep(node.world, to) ?? badState(to);
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

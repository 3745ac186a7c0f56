import type { planQueue } from '../../src/core/gate/plan-queue.ts';
import type { GateEffect } from '../../src/model/gate-effect.ts';
import type { LandingAnswer, LandingOutcome } from '../../src/model/landing.ts';
import { branchKeyOf, type CandidateState, type QueueItem } from '../../src/model/queue.ts';
import {
  groundTested,
  look,
  type Mishap,
  placeIn,
  pushedByHand,
  rebuilt,
  type Story,
  tipsIn,
  type World,
  withPlace,
} from './world.ts';

export type Plan = typeof planQueue;

/** One thing that may happen next; `quiet`: it also happens when nothing goes wrong. */
export interface Move {
  readonly name: string;
  readonly quiet: boolean;
  readonly to: World;
}

function perform(world: World, effect: GateEffect): World {
  if (effect.kind === 'publish') return { ...world, published: [...new Set([...world.published, ...effect.commits])] };
  if (effect.kind === 'land') {
    const key = branchKeyOf(effect.project.id, effect.push.branch);
    return { ...world, pushes: [...world.pushes, { ...effect.push, key, tips: tipsIn(world) }] };
  }
  if (effect.kind !== 'on') return world;
  const { effect: asked } = effect;
  switch (asked.kind) {
    case 'start': {
      if (world.pods.some(({ order }) => order.build.id === asked.order.build.id)) return world;
      return { ...world, pods: [...world.pods, { order: asked.order, end: null }] };
    }
    case 'stop':
    case 'remove':
      return { ...world, pods: world.pods.filter(({ order }) => order.build.id !== asked.build) };
    case 'report':
      if (asked.report.state.status !== 'completed') return world;
      return { ...world, reports: [...new Set([...world.reports, asked.report.externalId])].sort() };
    default:
      return world;
  }
}

function tell(world: World): World {
  const left = world.record.leaving.map(({ change, departure }) => [change.number, departure.kind] as const);
  return left.length === 0 ? world : { ...world, told: { ...world.told, ...Object.fromEntries(left) } };
}

/** One pass: look, plan, save, and, unless the process dies then, perform. */
function onePass(story: Story, plan: Plan, world: World, late: boolean, dies: boolean): World {
  const planned = plan(world.record, look(story, world, late));
  const { candidates, trees, roots, views } = planned.wants;
  if (candidates.length + trees.length + roots.length + views.length > 0)
    throw new Error('a plan lacks what everybody has');
  const saved = { ...world, record: planned.record, answer: null };
  if (dies) return saved;
  return tell(planned.effects.reduce(perform, saved));
}

/** Passes follow each other until there is nothing to do but wait: for a build, for the answer to a push, for another. */
function passes(story: Story, plan: Plan, world: World, late: boolean): World {
  let at = onePass(story, plan, world, late, false);
  for (let count = 0; count < 20 && at.pushes.length === world.pushes.length; count += 1) {
    const next = onePass(story, plan, at, late, false);
    if (stateKey(next) === stateKey(at)) return at;
    at = next;
  }
  return at;
}

function candidateKey(candidate: CandidateState | null): string {
  if (candidate?.kind !== 'made') return `${candidate?.kind}${Object.values(candidate?.parents ?? {}).join()}`;
  const jobs = (candidate.jobs ?? []).flatMap(({ status }) => [
    status.kind,
    ...('result' in status ? [status.result] : []),
    ...('builds' in status ? status.builds.map(({ id, state }) => `${id}${state.phase}`) : []),
  ]);
  return [candidate.commit, candidate.published, candidate.verdict !== null, candidate.jobs === null, jobs].join();
}

function itemKey(item: QueueItem): string {
  return [item.number, item.makes, item.parked !== null, item.overtaken, candidateKey(item.candidate)].join();
}

const keys = new WeakMap<World, string>();

/** Equal for states that can go on in the same ways: no times in it, no window, and nothing that only people read. */
export function stateKey(world: World): string {
  const known = keys.get(world);
  if (known !== undefined) return known;
  const { record, places, pods, pushes, told, mishaps } = world;
  const { landing } = record;
  const text = [
    record.items.map(itemKey).join('|'),
    record.asked.map(({ number }) => number).join(),
    record.leaving.map(({ change, departure }) => `${change.number}${departure.kind}`).join(),
    record.stopping.map(({ number, candidate }) => `${number}${candidateKey(candidate)}`).join(),
    (record.probes ?? []).map(({ probe }) => candidateKey(probe)).join('|'),
    landing === null ? '' : landing.to,
    places.map(({ tip }) => tip).join(),
    record.branches.map(({ tip }) => tip).join(),
    places
      .flatMap(({ ledger }) => ledger.map(({ detail }) => (detail.kind === 'landed' ? detail.commit : detail.kind)))
      .join(),
    pods.map(({ order, end }) => `${order.build.id}${end}`).join(),
    pushes.map(({ from, to }) => `${from}${to}`).join(),
    world.answer === null ? '' : `${world.answer.commit}${world.answer.outcome.kind}`,
    world.published.join(),
    world.reports.length,
    JSON.stringify(told),
    mishaps.join(),
  ].join(';');
  keys.set(world, text);
  return text;
}

function take(world: World, refused: boolean): { readonly to: World; readonly answer: LandingAnswer } {
  const [push, ...pushes] = world.pushes;
  if (!push) throw new Error('nothing was pushed');
  const left = { ...world, pushes };
  const place = placeIn(world, push.key);
  const answer = (outcome: LandingOutcome): LandingAnswer => ({ commit: push.to, outcome });
  const isOld = push.from !== place.tip || push.entry.sequence !== place.ledger.length + 1;
  if (isOld) return { to: left, answer: answer({ kind: 'moved', because: 'the branch is elsewhere' }) };
  if (refused) return { to: left, answer: answer({ kind: 'refused', because: 'GH006' }) };
  const to = withPlace(left, { ...place, tip: push.to, ledger: [...place.ledger, push.entry] });
  return { to, answer: answer({ kind: 'landed', ledger: push.to }) };
}

/** Everything that may happen in a state. */
export function movesFrom(story: Story, plan: Plan, world: World): readonly Move[] {
  const moves: Move[] = [];
  const can = (mishap: Mishap): boolean =>
    story.mishaps.includes(mishap) && !world.mishaps.includes(mishap) && world.mishaps.length < story.most;
  const add = (name: string, to: World, mishap?: Mishap): void => {
    const next = mishap ? { ...to, mishaps: [...to.mishaps, mishap].sort() } : to;
    moves.push({ name, quiet: mishap === undefined && !name.includes('fails'), to: next });
  };
  add('passes', passes(story, plan, world, false));
  // An answer that is not there by then does not come any more; what has ended and is not taken up by then was forgotten.
  const isIdle = world.pods.length > 0 && world.pods.every(({ end }) => end !== null);
  if (world.pushes.length === 0 && (world.record.landing !== null || isIdle))
    add('passes after a while', passes(story, plan, world, true));
  if (can('crash')) add('a pass dies after saving', onePass(story, plan, world, false, true), 'crash');
  if (world.pushes.length > 0) {
    const { to, answer } = take(world, false);
    add('a push is taken up', { ...to, answer });
    if (can('lost')) add('a push is taken up, its answer is lost', to, 'lost');
    if (can('lost')) add('a push is lost', { ...world, pushes: world.pushes.slice(1) }, 'lost');
    if (can('refused')) {
      const no = take(world, true);
      add('a push is refused', { ...no.to, answer: no.answer }, 'refused');
    }
  }
  world.pods.forEach((pod, index) => {
    // A push is over long before anything can be tested anew that was forgotten while it was under way.
    const isForgotten = world.pushes.length > 0 && world.record.landing === null;
    if (pod.end !== null || isForgotten) return;
    const ended = (end: 'success' | 'failure') =>
      world.pods.map((each, at) => (at === index ? { ...each, end } : each));
    const { commit } = pod.order.build.parts;
    add(`${commit.slice(0, 6)} passes`, {
      ...world,
      pods: ended('success'),
      green: [...world.green, groundTested(pod)],
    });
    add(`${commit.slice(0, 6)} fails`, { ...world, pods: ended('failure') });
  });
  if (can('foreign')) add('somebody pushes by hand', pushedByHand(world), 'foreign');
  if (can('record-lost'))
    add('the record is lost', { ...world, record: rebuilt(story, world.told), answer: null }, 'record-lost');
  return moves.filter(({ to }) => stateKey(to) !== stateKey(world));
}

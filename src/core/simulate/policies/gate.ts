import type { BuildId } from '../../../model/build.ts';
import type { LandingAnswer } from '../../../model/landing.ts';
import type { LedgerEntry } from '../../../model/ledger.ts';
import type { ObservedPod } from '../../../model/pod.ts';
import type { QueueRecord } from '../../../model/queue.ts';
import type { Sha } from '../../../model/sha.ts';
import { type CandidateFact, type QueueFacts, rightsKey } from '../../gate/facts.ts';
import { planQueue, type QueuePlan } from '../../gate/plan-queue.ts';
import { itemCheckId } from '../../gate/report-item.ts';
import { authorsContainer } from '../../pod/judge-reason.ts';
import { type Field, type Move, type Policy, policyOf, type SimBuild } from '../field.ts';
import {
  app,
  askedFor,
  branchWith,
  emptyRecord,
  firstEntries,
  main,
  person,
  queue,
  shaOf,
  tree,
} from './gate-world.ts';
import { Lookup } from './lookup.ts';

interface State {
  readonly record: QueueRecord;
  readonly entries: readonly LedgerEntry[];
  readonly branches: QueueFacts['branches'];
  readonly commits: Commits;
  /** The last change that the queue was told of: what its window does not reach is told later. */
  readonly told: number;
  readonly landing: LandingAnswer | null;
  /** Those whose end was passed on. */
  readonly left: ReadonlySet<number>;
}

/** What was merged with what: the same parent and change give the same commit. */
interface Commits {
  readonly byKey: Map<string, CandidateFact>;
  /** Of a commit, its parent and the change that it adds. */
  readonly made: Map<Sha, { readonly parent: Sha; readonly number: number }>;
}

const changed = { known: true, paths: ['a'] } as const;
const minuteMs = 60_000;
function numberOf(head: string): number {
  return Number.parseInt(head.slice(1), 16);
}

/** `key` as `candidateKey` makes it: branch, parent, head. */
function makeCommit({ byKey, made }: Commits, key: string): CandidateFact {
  const known = byKey.get(key);
  if (known) return known;
  const [, parent = '', head = ''] = key.split(' ');
  const count = byKey.size + 1;
  const commit = shaOf('commit', count);
  const fact: CandidateFact = { kind: 'made', commit, tree: shaOf('tree', count), changed };
  byKey.set(key, fact);
  made.set(commit, { parent: parent as Sha, number: numberOf(head) });
  return fact;
}

/**
 * The changes that a commit holds beyond what has landed, in order. One that waits for a slot beyond the window may stand on a
 * commit that the branch has left behind: whatever its build says, it cannot land as it is.
 */
function membersOf({ made }: Commits, commit: Sha, landed: ReadonlySet<Sha>): readonly number[] {
  const members: number[] = [];
  for (let at = commit; !landed.has(at); ) {
    const step = made.get(at);
    if (!step) throw new Error(`${commit} does not stand on anything that has landed`);
    members.unshift(step.number);
    at = step.parent;
  }
  return members;
}

function podOf({ key, state }: SimBuild, now: number): ObservedPod {
  const plain = { name: key, uid: key, labels: {}, annotations: {}, reason: null, message: null };
  const container = { name: authorsContainer, init: false };
  if (state === 'waiting' || state === 'running')
    return { ...plain, phase: 'running', containers: [{ ...container, state: { kind: 'running', startedAt: now } }] };
  const passed = state === 'passed';
  const ended = { kind: 'terminated', exitCode: passed ? 0 : 1, reason: null, message: '', startedAt: now } as const;
  return {
    ...plain,
    phase: passed ? 'succeeded' : 'failed',
    containers: [{ ...container, state: { ...ended, finishedAt: now } }],
  };
}

/** Slots are granted in the order in which the queue asks: from its head to its tail. */
function grantsOf({ builds, slots }: Field): QueueFacts['line'] {
  let free = slots - [...builds.values()].filter(({ state }) => state === 'waiting' || state === 'running').length;
  const granted = new Set<BuildId>();
  return new Lookup((id: BuildId) => {
    if (!granted.has(id) && free > 0) {
      free -= 1;
      granted.add(id);
    }
    return { granted: granted.has(id), ahead: 0 };
  });
}

function factsOf(state: State, field: Field, views: QueueFacts['views']): QueueFacts {
  const now = Math.round(field.now * minuteMs);
  // Who has left is told in the pass after that: until then the record says how.
  const told = new Set(state.record.leaving.map(({ change }) => itemCheckId(queue, change)));
  return {
    now,
    subject: queue,
    app,
    branches: state.branches,
    views,
    rights: new Map([[rightsKey(main, person), { known: true, permission: 'write', member: true }]]),
    elsewhere: new Map(),
    commands: [],
    unheard: new Map(),
    made: new Lookup((key: string) => makeCommit(state.commits, key)),
    trees: new Lookup(() => tree),
    roots: new Map(),
    differences: new Map(),
    indexes: new Map(),
    claims: new Map(),
    looks: new Map(),
    environment: null,
    siblings: new Map(),
    reports: new Lookup((id: string) => ({ fingerprint: '', final: told.has(id), delivered: true })),
    published: new Lookup(() => true) as unknown as ReadonlySet<Sha>,
    landing: state.landing,
    starts: new Map(),
    git: 'simulated',
    line: grantsOf(field),
    pods: [...field.builds.values()].map((build) => podOf(build, now)),
    logs: new Map(),
    forge: {},
    logUrl: () => null,
  };
}

/**
 * A plan with everything that it lacked: only what was read of a change right before it lands is ever lacking. Until then
 * each was seen just now.
 */
function planWhole(given: State, field: Field): QueuePlan {
  const seenAt = Math.round(field.now * minuteMs);
  const state = {
    ...given,
    record: { ...given.record, items: given.record.items.map((item) => ({ ...item, seenAt })) },
  };
  const first = planQueue(state.record, factsOf(state, field, new Map()));
  const { candidates, trees, roots, views } = first.wants;
  if (candidates.length + trees.length + roots.length > 0) throw new Error('the gate lacks what it was given');
  if (views.length === 0) return first;
  const read = new Map(
    state.record.items
      .filter(({ number }) => views.includes(`${main}#${number}`))
      .map((item) => [`${main}#${item.number}`, item.view]),
  );
  return planQueue(state.record, factsOf(state, field, read));
}

/** Lets the queue know of those whom its window may reach. */
function tell(state: State, { waiting }: Field, beyondWindow: number): State {
  const { record, told } = state;
  const room = record.window + beyondWindow - record.items.length - record.asked.length;
  const next = room > 0 ? waiting.filter(({ number }) => number > told).slice(0, room) : [];
  const last = next.at(-1)?.number;
  if (last === undefined) return state;
  const asked = next.map(({ number, atMinute }) => askedFor(number, Math.round(atMinute * minuteMs)));
  return { ...state, told: last, record: { ...record, asked: [...record.asked, ...asked] } };
}

function landedIn(entries: readonly LedgerEntry[]): ReadonlySet<Sha> {
  return new Set(entries.flatMap(({ detail }) => (detail.kind === 'landed' ? [detail.commit] : [])));
}

/** What the plan asks of the world, and what of it is known at once. */
function perform(state: State, plan: QueuePlan, field: Field): { state: State; moves: readonly Move[] } {
  const moves: Move[] = [];
  let next: State = { ...state, record: plan.record, landing: null };
  const landed = landedIn(state.entries);
  for (const effect of plan.effects) {
    if (effect.kind === 'land') {
      const entries = [...state.entries, effect.push.entry];
      const branches = new Map([[main, branchWith(effect.push.to, entries)]]);
      const outcome = { kind: 'landed', ledger: shaOf('ledger', entries.length) } as const;
      next = { ...next, entries, branches, landing: { commit: effect.push.to, outcome } };
      moves.push({ kind: 'land', changes: [effect.number] });
    }
    if (effect.kind !== 'on') continue;
    const { effect: asked, number } = effect;
    if (asked.kind === 'start' && !field.builds.has(asked.order.build.id)) {
      const { id, parts } = asked.order.build;
      const members = membersOf(state.commits, parts.commit, landed);
      moves.push({ kind: 'start', key: id, members, tests: [number], urgency: number });
    }
    if ((asked.kind === 'stop' || asked.kind === 'remove') && field.builds.has(asked.build))
      moves.push({ kind: 'drop', key: asked.build });
  }
  const left = new Set(state.left);
  for (const { change, departure } of plan.record.leaving) {
    if (left.has(change.number)) continue;
    left.add(change.number);
    if (departure.kind === 'rejected') moves.push({ kind: 'reject', change: change.number });
    else if (departure.kind !== 'landed')
      throw new Error(`change ${change.number} left as ${departure.kind}: ${departure.because}`);
  }
  return { state: { ...next, left }, moves };
}

function begin(): State {
  const tip = shaOf('commit', 0);
  const entries = firstEntries(tip);
  return {
    record: emptyRecord(tip),
    entries,
    branches: new Map([[main, branchWith(tip, entries)]]),
    commits: { byKey: new Map(), made: new Map() },
    told: 0,
    landing: null,
    left: new Set(),
  };
}

/**
 * The product's own gate, pass by pass, until a pass neither asks nor says anything. `beyondWindow`: so many changes that its
 * window does not reach are in its record; the others decide nothing and would only make each pass longer.
 */
export function gateTold(beyondWindow: number): Policy {
  return policyOf<State>({
    name: 'sluice',
    about: "this product's own gate with its window (`gate.scheduler: window`)",
    begin,
    decide: (given, field) => {
      let state = given;
      for (;;) {
        state = tell(state, field, beyondWindow);
        const plan = planWhole(state, field);
        const done = perform(state, plan, field);
        state = done.state;
        const isQuiet = plan.reasons.length === 0 && state.landing === null;
        if (done.moves.length > 0 || isQuiet) return { state, moves: done.moves };
      }
    },
  });
}

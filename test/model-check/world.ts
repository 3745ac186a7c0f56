import { createHash } from 'node:crypto';
import { changeIdOf } from '../../src/core/gate/draft.ts';
import { type QueueFacts, rightsKey } from '../../src/core/gate/facts.ts';
import type { TreeFacts } from '../../src/core/presubmit/facts.ts';
import { definitionDigest } from '../../src/model/build.ts';
import type { GateView } from '../../src/model/gate-view.ts';
import type { CandidateOutcome, LandingAnswer } from '../../src/model/landing.ts';
import type { LandingPush, LedgerEntry } from '../../src/model/ledger.ts';
import type { BuildOrder } from '../../src/model/order.ts';
import type { ObservedPod } from '../../src/model/pod.ts';
import { type BranchKey, branchKeyOf, type Departure, type Parents, type QueueRecord } from '../../src/model/queue.ts';
import { type Sha, toSha } from '../../src/model/sha.ts';
import { subjectIdOf } from '../../src/model/subject.ts';
import { view } from '../core/gate/entry/entry-fixture.ts';
import {
  aBranch,
  anAsked,
  aRecord,
  headOf,
  landedEntry,
  ledgerOf,
  main,
  now,
  owned,
  theFacts,
  tip,
} from '../core/gate/gate-fixture.ts';
import { aConfig, aJob, aProject, people, rights } from '../fakes/model-data.ts';
import { endedPod, runningPod } from '../fakes/pod-data.ts';

/** What may go wrong besides builds that fail; each at most once. */
export type Mishap = 'crash' | 'foreign' | 'lost' | 'refused' | 'record-lost';

/** What the changes of a story are to each other. */
export interface Story {
  readonly changes: readonly number[];
  /** These two cannot be merged together. */
  readonly conflict: readonly [number, number] | null;
  /** The first depends on the second. */
  readonly depends: readonly [number, number] | null;
  readonly mishaps: readonly Mishap[];
  /** How many mishaps at most on one path. */
  readonly most: number;
  /** Changes of a second project, which shares the queue; left out: there is none. */
  readonly second?: readonly number[];
}

export interface Pod {
  readonly order: BuildOrder;
  readonly end: 'success' | 'failure' | null;
}

/** A branch of a project and its ledger, as the forge has them. */
export interface Place {
  readonly key: BranchKey;
  readonly tip: Sha;
  readonly ledger: readonly LedgerEntry[];
}

export interface SentPush extends LandingPush {
  readonly key: BranchKey;
  readonly tips: Parents;
}

/** Everything that is true at one moment; never changed, only replaced. */
export interface World {
  readonly record: QueueRecord;
  readonly places: readonly Place[];
  /** Sent, and not yet taken up by the forge, with what the branches were when it was decided. */
  readonly pushes: readonly SentPush[];
  /** The answer that the process holds for its next pass. */
  readonly answer: LandingAnswer | null;
  readonly pods: readonly Pod[];
  readonly published: readonly Sha[];
  /** External ids of check runs that the forge has. */
  readonly reports: readonly string[];
  /** Candidates whose job passed, by `groundOf`. */
  readonly green: readonly string[];
  /** What was last said of each change that is not in the queue any more. */
  readonly told: Readonly<Record<number, Departure['kind']>>;
  readonly mishaps: readonly Mishap[];
}

const other = aProject({ id: 4712, name: 'web', cloneUrl: 'https://github.test/acme/web.git' });
export const second = branchKeyOf(other.id, 'main');
const secondTip = toSha('2'.repeat(40));
const sharedQueue = subjectIdOf({
  kind: 'shared-queue',
  installation: other.installation,
  name: 'shop',
  branch: 'main',
});

const parents = new Map<Sha, Sha>();
const contents = new Map<Sha, readonly number[]>([
  [tip, []],
  [secondTip, []],
]);

/** Names what was tested: the commit, and where other projects share the queue, what theirs were. */
export function groundOf(commit: Sha, ground: Parents): string {
  return Object.keys(ground).length < 2 ? commit : `${commit} ${definitionDigest(Object.entries(ground).sort())}`;
}

/** The same of a pod, from what its Build is derived from. */
export function groundTested({ order }: Pod): string {
  const { commit, entry } = order.build.parts;
  const digest = entry.split('/')[2];
  return digest === undefined ? commit : `${commit} ${digest}`;
}

export function branchOfChange(story: Story, number: number): BranchKey {
  return story.second?.includes(number) ? second : main;
}

export function placeIn(world: World, key: BranchKey): Place {
  const found = world.places.find((place) => place.key === key);
  if (!found) throw new Error(`no ${key}`);
  return found;
}

export function tipsIn({ places }: World): Parents {
  return Object.fromEntries(places.map(({ key, tip: at }) => [key, at]));
}

export function withPlace(world: World, place: Place): World {
  return { ...world, places: world.places.map((each) => (each.key === place.key ? place : each)) };
}
/** Numbers of what is not of the story: a push by hand, and what the gate landed before it. */
const foreign = 100;
export const earlier = 99;

function derive(...words: readonly string[]): Sha {
  return toSha(createHash('sha1').update(words.join(' ')).digest('hex'));
}

export function parentOf(commit: Sha): Sha | undefined {
  return parents.get(commit);
}

export function contentOf(commit: Sha): readonly number[] {
  return contents.get(commit) ?? [];
}

function commitOn(parent: Sha, number: number): Sha {
  const commit = derive(parent, String(number));
  parents.set(commit, parent);
  contents.set(commit, [...contentOf(parent), number]);
  return commit;
}

/** What git makes of a head on a parent: a pure function, like git. */
function makeOn(story: Story, key: string): CandidateOutcome | undefined {
  const [branch, parent = '', head = ''] = key.split(' ');
  const number = story.changes.find((each) => headOf(each) === head && branchOfChange(story, each) === branch);
  if (number === undefined) return undefined;
  const held = contentOf(toSha(parent));
  if (held.includes(number)) return { kind: 'contained' };
  const { conflict } = story;
  const rival = conflict?.includes(number) ? conflict.find((each) => each !== number) : undefined;
  if (rival !== undefined && held.includes(rival)) return { kind: 'conflict', paths: ['api/a.go'] };
  const commit = commitOn(toSha(parent), number);
  const tree = derive('tree', ...[...contentOf(commit)].sort((one, two) => one - two).map(String));
  return { kind: 'made', commit, tree, changed: { known: true, paths: ['api/a.go'] } };
}

/** Answers every question, as a world that has everything. */
class Answers<T> extends Map<string, T> {
  private readonly answer: (key: string) => T | undefined;
  constructor(answer: (key: string) => T | undefined) {
    super();
    this.answer = answer;
  }
  override get(key: string): T | undefined {
    return this.answer(key);
  }
  override has(key: string): boolean {
    return this.answer(key) !== undefined;
  }
}

const job = aJob('unit', { pipelines: ['gate'] });
const tree: TreeFacts = { config: { kind: 'usable', config: aConfig([job]), notes: [] }, kinds: new Map() };
const trees = new Answers<TreeFacts>(() => tree);
const roots = new Answers<Sha>((commit) => derive('tree', commit));
const granted = new Answers<{ granted: boolean; ahead: number }>(() => ({ granted: true, ahead: 0 }));

function viewOf(story: Story, world: World, number: number): GateView {
  const needed = story.depends?.[0] === number ? story.depends[1] : null;
  const name = needed !== null && branchOfChange(story, needed) === second ? 'web' : 'api';
  const body = needed === null ? '' : `Depends-On: acme/${name}#${needed}`;
  const { ledger } = placeIn(world, branchOfChange(story, number));
  const hasLanded = ledger.some(({ detail }) => detail.kind === 'landed' && detail.number === number);
  const state = hasLanded ? 'merged' : 'open';
  return view({ body }, { number, head: headOf(number), state });
}

function podOf({ order, end }: Pod): ObservedPod {
  return end === null
    ? runningPod(order, now)
    : endedPod(order, runningPod(order, now), { exitCode: end === 'success' ? 0 : 1, at: now });
}

/** One look at the world; `late`: so long after the last one that an answer is not expected any more. */
export function look(story: Story, world: World, late: boolean): QueueFacts {
  const isShared = story.second !== undefined;
  const branches = world.places.map(({ key, tip: at, ledger: entries }) => {
    const ledger = { kind: 'whole', head: derive(key, String(entries.length)), entries } as const;
    const standing = new Set(entries.map(({ sequence }) => sequence));
    const queue = isShared ? { queue: sharedQueue } : {};
    return [key, aBranch({ reading: { tip: at, ledger }, standing, ...queue })] as const;
  });
  const made = new Answers((key) => makeOn(story, key));
  const report = { fingerprint: '', final: true, delivered: true };
  const known = new Set(world.reports);
  return theFacts({
    now: late ? now + 200_000 : now,
    ...(isShared ? { subject: sharedQueue } : {}),
    branches: new Map(branches),
    rights: new Map(world.places.map(({ key }) => [rightsKey(key, people.boss), rights('write')])),
    views: new Map(
      story.changes.map((number) => [
        changeIdOf({ branch: branchOfChange(story, number), number }),
        viewOf(story, world, number),
      ]),
    ),
    made,
    trees,
    roots: roots as ReadonlyMap<string, Sha> as QueueFacts['roots'],
    line: granted as ReadonlyMap<string, { granted: boolean; ahead: number }> as QueueFacts['line'],
    pods: world.pods.map(podOf),
    published: new Set(world.published),
    reports: new Answers((id) => (known.has(id) ? report : undefined)),
    landing: world.answer,
  });
}

/** As it is rebuilt from the check runs of changes whose end was not told yet. */
export function rebuilt(story: Story, told: World['told']): QueueRecord {
  const asked = story.changes
    .filter((number) => !(number in told))
    .map((number) => anAsked(number, { branch: branchOfChange(story, number) }));
  const record = aRecord({ window: 20, asked });
  if (story.second === undefined) return record;
  const web = { key: second, project: other, branch: 'main', tip: null, ledger: null, landed: [] };
  return { ...record, branches: [...record.branches, web] };
}

export function begin(story: Story): World {
  return {
    record: rebuilt(story, {}),
    places: [
      { key: main, tip, ledger: ledgerOf(owned, landedEntry(earlier, tip)) },
      ...(story.second === undefined
        ? []
        : [{ key: second, tip: secondTip, ledger: ledgerOf(owned, landedEntry(earlier, secondTip)) }]),
    ],
    pushes: [],
    answer: null,
    pods: [],
    published: [],
    reports: [],
    green: [],
    told: {},
    mishaps: [],
  };
}

/** Somebody pushes to the branch past the gate. */
export function pushedByHand(world: World): World {
  const place = placeIn(world, main);
  return withPlace(world, { ...place, tip: commitOn(place.tip, foreign) });
}

import type { GateView } from '../../model/gate-view.ts';
import type { Project } from '../../model/project.ts';
import type { AskedChange, BranchKey, QueueRecord } from '../../model/queue.ts';
import { branchOf, changeIdOf } from './draft.ts';
import { type DependencyEdge, findCycle } from './entry/find-cycle.ts';
import { missingOfCycle } from './entry/judge-dependencies.ts';
import type { Dependency, Missing } from './entry/question.ts';
import { type DependencyRef, type ReadDependencies, readDependencies } from './entry/read-dependencies.ts';
import type { Elsewhere, QueueFacts } from './facts.ts';

type Known = Pick<QueueFacts, 'elsewhere'>;
type Named = Pick<Project, 'owner' | 'name'>;

/** Names a change of any project; names that differ in case only are one to the forge. */
export function refKey({ owner, name }: Named, number: number): string {
  return `${owner}/${name}#${number}`.toLowerCase();
}

function hostOf(project: Project): string {
  return /^https?:\/\/([^/]+)\//.exec(project.cloneUrl)?.[1]?.replace(/^[^@]*@/, '') ?? '';
}

const texts = new WeakMap<GateView, ReadDependencies>();

/** What a change's text says that it depends on. Read once for each view, which belongs to one project. */
export function dependenciesOf(view: GateView, project: Project): ReadDependencies {
  const known = texts.get(view);
  if (known) return known;
  const read = readDependencies(view.body, hostOf(project));
  texts.set(view, read);
  return read;
}

interface Place extends Named {
  readonly number: number;
  readonly key: string;
  /** Its branch in this queue; null: its project has none here. */
  readonly branch: BranchKey | null;
}

function placeOf(record: QueueRecord, change: AskedChange, ref: DependencyRef): Place {
  const { project } = branchOf(record, change.branch);
  const { owner, name } = ref.project ?? project;
  const key = refKey({ owner, name }, ref.number);
  const own = refKey(project, ref.number) === key;
  const shared = record.branches.find((branch) => refKey(branch.project, ref.number) === key);
  return { owner, name, number: ref.number, key, branch: own ? change.branch : (shared?.key ?? null) };
}

function placesOf(record: QueueRecord, change: AskedChange): readonly Place[] {
  const { project } = branchOf(record, change.branch);
  return dependenciesOf(change.view, project).dependencies.map((ref) => placeOf(record, change, ref));
}

function hasLanded(record: QueueRecord, known: Known, { branch, number, key }: Place): boolean {
  if (known.elsewhere.get(key)?.state === 'landed') return true;
  return branch !== null && branchOf(record, branch).landed.some((landed) => landed.number === number);
}

/** Ids of what a change depends on in this queue and that has not landed. */
export function needsOf(record: QueueRecord, known: Known, change: AskedChange): readonly string[] {
  return placesOf(record, change).flatMap((place) =>
    place.branch === null || hasLanded(record, known, place)
      ? []
      : [changeIdOf({ branch: place.branch, number: place.number })],
  );
}

function isHere({ items, asked }: QueueRecord, { branch, number }: Place): boolean {
  return [...items, ...asked].some((change) => change.branch === branch && change.number === number);
}

/** What is depended on and neither here nor landed by this queue: to be looked at where it is. Each once. */
export function lookedForElsewhere(
  record: QueueRecord,
): readonly { readonly key: string; readonly owner: string; readonly name: string; readonly number: number }[] {
  const found = new Map<string, Place>();
  for (const change of [...record.items, ...record.asked])
    for (const place of placesOf(record, change))
      if (!isHere(record, place) && !hasLanded(record, { elsewhere: new Map() }, place)) found.set(place.key, place);
  return [...found.values()];
}

function stateOf(record: QueueRecord, known: Known, change: AskedChange, place: Place): Dependency['state'] {
  if (hasLanded(record, known, place)) return 'landed';
  const at = (number: number, branch: BranchKey): number =>
    record.items.findIndex((item) => item.number === number && item.branch === branch);
  const own = at(change.number, change.branch);
  const other = place.branch === null ? -1 : at(place.number, place.branch);
  if (other !== -1 && (own === -1 || other < own)) return 'ahead';
  if (isHere(record, place)) return other === -1 ? 'asked' : 'not-asked';
  const state = known.elsewhere.get(place.key)?.state;
  if (state === undefined) return place.branch === null ? 'unknown' : 'not-asked';
  return state === 'open' ? (isForHere(record, known.elsewhere.get(place.key)) ? 'not-asked' : 'other-queue') : state;
}

function isForHere(record: QueueRecord, elsewhere: Elsewhere | undefined): boolean {
  return record.branches.some(({ key }) => key === elsewhere?.base);
}

/** Shown are its own project, those that share the queue, and what is public. */
function shownAs(known: Known, { owner, name, branch, key }: Place): string | null {
  return branch !== null || known.elsewhere.get(key)?.shown === true ? `${owner}/${name}` : null;
}

/** Each that a change depends on, and where it is. */
export function judgedDependencies(record: QueueRecord, known: Known, change: AskedChange): readonly Dependency[] {
  return placesOf(record, change).map((place) => ({
    number: place.number,
    project: shownAs(known, place),
    state: stateOf(record, known, change, place),
  }));
}

const edges = new WeakMap<QueueRecord, readonly DependencyEdge[]>();

function edgesOf(record: QueueRecord, known: Known): readonly DependencyEdge[] {
  const kept = edges.get(record);
  if (kept) return kept;
  const here = [...record.items, ...record.asked].flatMap((change) => {
    const from = refKey(branchOf(record, change.branch).project, change.number);
    return placesOf(record, change).flatMap((place) =>
      hasLanded(record, known, place) ? [] : [{ change: from, dependsOn: place.key }],
    );
  });
  const others = [...known.elsewhere].flatMap(([change, { state, needs }]) =>
    state === 'open' ? needs.map((dependsOn) => ({ change, dependsOn })) : [],
  );
  const found = [...here, ...others];
  edges.set(record, found);
  return found;
}

/** A change that waits for itself by way of others, in this queue or across queues, can never land; null: it does not. */
export function cycleThrough(record: QueueRecord, known: Known, change: AskedChange): Missing | null {
  if (placesOf(record, change).length === 0) return null;
  const { project } = branchOf(record, change.branch);
  const members = findCycle(edgesOf(record, known), refKey(project, change.number));
  if (members === null) return null;
  const named = members.map((key) => {
    const at = key.lastIndexOf('#');
    const number = Number(key.slice(at + 1));
    const here = record.branches.find((branch) => refKey(branch.project, number) === key);
    const shown = here ? `${here.project.owner}/${here.project.name}` : key.slice(0, at);
    return { number, project: here || known.elsewhere.get(key)?.shown ? shown : null };
  });
  return missingOfCycle(named);
}

import type { Sha } from '../../model/sha.ts';
import type { Version } from '../../model/version.ts';
import { isSameVersion } from './compare-versions.ts';
import type { ReleaseDecision } from './decide-release.ts';
import type { PushFacts, ReleaseRecord, Transition } from './push-facts.ts';

/** What is released, wherever that is known from: nothing goes backwards after a loss (versions.md §1). */
export interface KnownReleases<Record extends ReleaseRecord = ReleaseRecord> {
  /** What ledgers say. */
  readonly records: readonly Record[];
  /** Git tags that name a version. */
  readonly tags: readonly { readonly tag: string; readonly version: Version; readonly commit: Sha }[];
  /** Tags of registries that name a version. */
  readonly published: readonly { readonly place: string; readonly version: Version }[];
}

export function canBeReleased({ kind }: Version): boolean {
  return kind === 'final' || kind === 'pre';
}

/** What a push itself speaks of: that it is there says nothing against it. */
export function versionsIn(list: readonly Pick<Transition, 'from' | 'to'>[]): readonly Version[] {
  return list.flatMap(({ from, to }) => [from, to]).flatMap((each) => ('version' in each ? [each.version] : []));
}

/** The versions that must not be passed by; of those that are asked about only what ledgers say counts. */
export function releasedBeside(
  { records, tags, published }: KnownReleases,
  asked: readonly Version[],
): readonly Version[] {
  const others = [...tags, ...published].filter((each) => !asked.some((one) => isSameVersion(each.version, one)));
  return [...records, ...others].map((each) => each.version);
}

/** Of them what no ledger knows, beside what is asked about, with where it is, for people. */
export function unrecordedBeside(
  { records, tags, published }: KnownReleases,
  asked: readonly Version[],
): NonNullable<PushFacts['unrecorded']> {
  const all = [
    ...tags.map(({ tag, version, commit }) => {
      return { version, where: `the git tag ${tag} at ${commit.slice(0, 12)}`, commit };
    }),
    ...published.map(({ place, version }) => ({ version, where: place })),
  ];
  const known = [...asked, ...records.map((each) => each.version)];
  return all.filter(({ version }) => !known.some((one) => isSameVersion(version, one)));
}

/** Where ledger, git and registry contradict each other about a version at a commit, for people; null: they do not. */
function contradictionOf({ records, tags, published }: KnownReleases, version: Version, commit: Sha) {
  if (records.some((each) => isSameVersion(each.version, version))) return null;
  const tag = tags.find((each) => isSameVersion(each.version, version) && each.commit !== commit);
  if (tag !== undefined)
    return `the tag ${tag.tag} names ${tag.commit.slice(0, 12)}, of which no ledger knows a release`;
  const there = published.find((each) => isSameVersion(each.version, version));
  return there === undefined ? null : `${there.place} is there already, and no ledger knows a release of it`;
}

/** The decision, or held with the reason: where they contradict each other a person says which is right (versions.md §1). */
export function unlessContradicted(decided: ReleaseDecision, known: KnownReleases): ReleaseDecision {
  const because = decided.kind === 'build' ? contradictionOf(known, decided.version, decided.commit) : null;
  return because === null ? decided : { ...decided, row: 'V14', kind: 'held', because };
}

import { readTag } from '../../core/postsubmit/plan-tag.ts';
import { isSameVersion } from '../../core/version/compare-versions.ts';
import type { ReleaseRecord } from '../../core/version/push-facts.ts';
import { parseVersion } from '../../core/version/read-version.ts';
import type { Image } from '../../model/image.ts';
import type { ReleaseDetail } from '../../model/ledger.ts';
import { fullName, type Project } from '../../model/project.ts';
import { RegistryTrouble } from '../../model/registry.ts';
import type { Sha } from '../../model/sha.ts';
import type { Version } from '../../model/version.ts';
import type { VersionComponent, VersionSettings } from '../../model/version-settings.ts';
import type { AppContext } from '../context.ts';

/** A release as a ledger has it. */
export type LedgerRelease = ReleaseRecord & { readonly branch: string };

/** What is released, wherever that is known from: nothing goes backwards after a loss (versions.md §1). */
export interface KnownReleases {
  /** What ledgers say. */
  readonly records: readonly LedgerRelease[];
  readonly tags: readonly { readonly tag: string; readonly version: Version; readonly commit: Sha }[];
  /** Tags of registries that name a version. */
  readonly published: readonly { readonly place: string; readonly version: Version }[];
}

function canBeReleased({ kind }: Version): boolean {
  return kind === 'final' || kind === 'pre';
}

/** Every release that is in a ledger of the project, with the branch whose ledger it is. Throws where one cannot be read. */
export async function releasesInLedgers(
  { ports }: Pick<AppContext, 'ports'>,
  project: Project,
): Promise<readonly (ReleaseDetail & { readonly branch: string })[]> {
  const found: (ReleaseDetail & { readonly branch: string })[] = [];
  for (const branch of await ports.landing.ledgers(project)) {
    const { ledger } = await ports.landing.read(project, branch);
    if (ledger.kind === 'broken') throw new Error(`the ledger of ${branch} is not sound: ${ledger.because}`);
    for (const { detail } of ledger.entries)
      if (detail.kind === 'releasing' || detail.kind === 'released') found.push({ ...detail, branch });
  }
  return found;
}

/** Where the project is asked about; images: those of the component. */
export interface ReleaseSearch {
  readonly project: Project;
  readonly branch: string;
  readonly settings: VersionSettings;
  readonly component: VersionComponent;
  readonly images: readonly Image[];
}

/** Releases of a component, by the ledgers of the project. Throws where one cannot be read. */
export async function releasesByLedgers(
  context: AppContext,
  search: Pick<ReleaseSearch, 'project' | 'settings' | 'component'>,
): Promise<readonly LedgerRelease[]> {
  const { project, settings, component } = search;
  const newest = new Map<string, LedgerRelease>();
  for (const detail of await releasesInLedgers(context, project)) {
    const version = parseVersion(detail.version, settings.scheme);
    if (detail.component !== component.name || typeof version === 'string') continue;
    const { commit, tree, kind, branch } = detail;
    newest.set(`${branch} ${version.raw}`, { version, commit, tree, state: kind, branch });
  }
  return [...newest.values()];
}

async function byTags({ ports }: AppContext, { project, settings, component }: ReleaseSearch) {
  const found: { readonly tag: string; readonly version: Version; readonly commit: Sha }[] = [];
  for (const [tag, commit] of await ports.history.tags(project)) {
    const meaning = readTag(tag, settings, (text) => parseVersion(text, settings.scheme));
    if (meaning?.component.file === component.file && canBeReleased(meaning.version))
      found.push({ tag, version: meaning.version, commit });
  }
  return found;
}

async function tagsIn({ ports }: AppContext, { project, branch }: ReleaseSearch, repository: string) {
  const caller = { project: project.id, fullName: fullName(project), branch, use: 'promote' } as const;
  try {
    return await ports.registry.tags(repository, caller);
  } catch (cause) {
    // A registry that lists nothing to us hides nothing either: no tag of it is overwritten, whoever set it.
    if (cause instanceof RegistryTrouble && cause.kind !== 'away') return [];
    throw cause;
  }
}

async function byRegistries(context: AppContext, search: ReleaseSearch) {
  const { images, settings } = search;
  const found: { readonly place: string; readonly version: Version }[] = [];
  const repositories = new Set(images.flatMap(({ repository }) => repository ?? []));
  for (const repository of repositories)
    for (const tag of await tagsIn(context, search, repository)) {
      const { tagPrefix } = settings;
      const version = parseVersion(tag.startsWith(tagPrefix) ? tag.slice(tagPrefix.length) : tag, settings.scheme);
      if (typeof version !== 'string' && canBeReleased(version)) found.push({ place: `${repository}:${tag}`, version });
    }
  return found;
}

/** Asked of ledgers, git and registries, now. Throws where one gives no answer: in doubt nothing is released. */
export async function knownReleases(context: AppContext, search: ReleaseSearch): Promise<KnownReleases> {
  return {
    records: await releasesByLedgers(context, search),
    tags: await byTags(context, search),
    published: await byRegistries(context, search),
  };
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
export function unrecordedBeside({ records, tags, published }: KnownReleases, asked: readonly Version[]) {
  const all = [
    ...tags.map(({ tag, version, commit }) => ({ version, where: `the git tag ${tag} at ${commit.slice(0, 12)}` })),
    ...published.map(({ place, version }) => ({ version, where: place })),
  ];
  const known = [...asked, ...records.map((each) => each.version)];
  return all.filter(({ version }) => !known.some((one) => isSameVersion(version, one)));
}

/** Where ledger, git and registry contradict each other about a version at a commit, for people; null: they do not. */
export function contradictionOf({ records, tags, published }: KnownReleases, version: Version, commit: Sha) {
  if (records.some((each) => isSameVersion(each.version, version))) return null;
  const tag = tags.find((each) => isSameVersion(each.version, version) && each.commit !== commit);
  if (tag !== undefined)
    return `the tag ${tag.tag} names ${tag.commit.slice(0, 12)}, of which no ledger knows a release`;
  const there = published.find((each) => isSameVersion(each.version, version));
  return there === undefined ? null : `${there.place} is there already, and no ledger knows a release of it`;
}

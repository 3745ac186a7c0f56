import { readTag } from '../../core/postsubmit/plan-tag.ts';
import { canBeReleased, type KnownReleases } from '../../core/version/known-releases.ts';
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
export async function knownReleases(context: AppContext, search: ReleaseSearch): Promise<KnownReleases<LedgerRelease>> {
  return {
    records: await releasesByLedgers(context, search),
    tags: await byTags(context, search),
    published: await byRegistries(context, search),
  };
}

import { nameCommit, nameDev, nameImages } from '../../core/postsubmit/name-images.ts';
import { roleOf, rulesOf } from '../../core/version/branch-role.ts';
import { changesOf, imagesOfComponent } from '../../core/version/component-images.ts';
import { decidePush } from '../../core/version/decide-push.ts';
import { readTransitions } from '../../core/version/read-transitions.ts';
import type { ProjectConfig } from '../../model/config.ts';
import type { BranchReading } from '../../model/landing.ts';
import type { LedgerDetail, LedgerEntry } from '../../model/ledger.ts';
import type { Project } from '../../model/project.ts';
import type { RecordedImage } from '../../model/promotion.ts';
import type { Sha } from '../../model/sha.ts';
import type { VersionComponent, VersionSettings } from '../../model/version-settings.ts';
import type { AppContext } from '../context.ts';
import { versionsKept } from '../push/watched-branch.ts';
import type { ConfigReader } from '../read-config.ts';

/** Tags that landings give to images by their versions, filled in; what is found out of a commit once is kept. */
export interface LandingNames {
  /** The reading of a branch with those tags in the place of the images' own, where the project keeps versions. */
  named(project: Project, branch: string, reading: BranchReading | null): Promise<BranchReading | null>;
  /** Whether nothing is published of a landing, by its version. */
  isSkipped(
    project: Project,
    branch: string,
    landing: { readonly at: number; readonly landed: Landed },
  ): Promise<boolean>;
}

type Landed = Extract<LedgerDetail, { kind: 'landed' }>;
/** Tags of an image by its name and stage; null: its own. */
type Names = (image: Pick<RecordedImage, 'name' | 'target'>) => readonly string[] | null;

const kept = 5_000;
/** Tags of the images of one landing, and whether any has one. */
interface Naming {
  readonly names: Names;
  readonly isAny: boolean;
}

const own: Naming = { names: () => null, isAny: true };

interface Landing {
  readonly project: Project;
  readonly branch: string;
  readonly at: number;
  readonly landed: Landed;
}

/**
 * The same rows as for what is pushed by hand: what would be built is published, what would be skipped is not (versions.md §2). Of
 * what landed by one push the last has the images of all.
 */
async function decide({ ports }: AppContext, landing: Landing, settings: VersionSettings, component: VersionComponent) {
  const { project, branch, landed } = landing;
  const read = await ports.history.push(project, landed.since ?? landed.from, landed.commit, component.file);
  const { version, delta, transitions } = readTransitions(read, settings.scheme);
  const list = transitions.known
    ? transitions.list.map((each) => ({ ...each, since: changesOf(component, each.since) }))
    : [];
  return decidePush({
    branch,
    role: roleOf(settings, branch, project.defaultBranch),
    change: 'pushed',
    after: landed.commit,
    file: component.file,
    version,
    delta: changesOf(component, delta),
    transitions: transitions.known ? { known: true, list } : transitions,
    records: [],
    released: [],
    initiator: { whyNot: null },
    settings: rulesOf(settings),
  }).dev;
}

async function namingOf(context: AppContext, landing: Landing, config: ProjectConfig): Promise<Naming> {
  const { project, branch, at, landed } = landing;
  const settings = await versionsKept(context, project, config, landed.commit);
  if (settings === null) return own;
  const tags = new Map<string, readonly string[]>();
  const place = { sha: landed.commit, branch };
  const { images } = config;
  for (const component of settings.components) {
    // Where no version can be read nothing is published, and `sluice/version` says why (V3, V4).
    const { kind, version } = await decide(context, landing, settings, component);
    const naming = version === null ? nameCommit(place) : nameDev(settings, version, place, at);
    for (const image of imagesOfComponent(component, settings.components, images)) {
      const found = kind === 'build' ? nameImages([image], naming) : null;
      const made = found?.kind === 'named' ? found.images : [];
      tags.set(image.name, made[0]?.tags ?? []);
      for (const [target, ofTarget] of Object.entries(made[0]?.byTarget ?? {}))
        tags.set(`${image.name}/${target}`, ofTarget);
    }
  }
  const names: Names = ({ name, target }) =>
    tags.get(target === null ? name : `${name}/${target}`) ?? tags.get(name) ?? null;
  return { names, isAny: images.some(({ name }) => (tags.get(name) ?? [name]).length > 0) };
}

function renamed(images: readonly RecordedImage[], names: Names): readonly RecordedImage[] {
  return images.map((image) => ({ ...image, tags: names(image) ?? image.tags }));
}

function withNames(entry: LedgerEntry, names: ReadonlyMap<Sha, Names>): LedgerEntry {
  const { detail } = entry;
  const own = 'commit' in detail ? names.get(detail.commit) : undefined;
  if (own === undefined) return entry;
  if (detail.kind === 'published') return { ...entry, detail: { ...detail, images: renamed(detail.images, own) } };
  if (detail.kind !== 'landed' || detail.verdict.images === undefined) return entry;
  const verdict = { ...detail.verdict, images: renamed(detail.verdict.images, own) };
  return { ...entry, detail: { ...detail, verdict } };
}

export function createLandingNames(context: AppContext, config: ConfigReader): LandingNames {
  const known = new Map<string, Naming>();

  async function nameOf(landing: Landing): Promise<Naming> {
    const { project, branch, landed } = landing;
    const key = `${project.id} ${landed.commit} ${branch}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const state = await config.configAt(project, landed.commit);
    if (state.kind === 'unreadable') throw new Error(state.because);
    const naming = state.kind === 'valid' ? await namingOf(context, landing, state.config) : own;
    known.set(key, naming);
    for (const oldest of known.keys()) if (known.size > kept) known.delete(oldest);
    return naming;
  }

  return {
    async named(project, branch, reading) {
      if (reading?.ledger.kind !== 'whole') return reading;
      const { entries } = reading.ledger;
      const published = new Set(entries.flatMap(({ detail }) => (detail.kind === 'published' ? [detail.commit] : [])));
      const names = new Map<Sha, Names>();
      for (const { detail, at } of entries)
        if (detail.kind === 'landed' && (detail.verdict.images !== undefined || published.has(detail.commit)))
          names.set(detail.commit, (await nameOf({ project, branch, at, landed: detail })).names);
      return { ...reading, ledger: { ...reading.ledger, entries: entries.map((each) => withNames(each, names)) } };
    },
    async isSkipped(project, branch, landing) {
      return !(await nameOf({ project, branch, ...landing })).isAny;
    },
  };
}

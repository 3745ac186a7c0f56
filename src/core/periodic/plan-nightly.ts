import type { Image } from '../../model/image.ts';
import type { Job } from '../../model/job.ts';
import type { Sha } from '../../model/sha.ts';
import type { VersionReading } from '../../model/version.ts';
import type { VersionComponent, VersionSettings } from '../../model/version-settings.ts';
import { nameCommit, nameDev, nameImages, type TagNaming } from '../postsubmit/name-images.ts';
import { afterNeeds, type PlannedJob, type TaggedImage } from '../postsubmit/planned-job.ts';
import { whyNotHere } from '../postsubmit/push-jobs.ts';
import { imagesOf } from '../select-jobs.ts';
import { imagesOfComponent } from '../version/component-images.ts';

/** A commit at which a nightly starts, with all that decides what its jobs do. */
export interface NightlyGround {
  readonly branch: string;
  readonly commit: Sha;
  /** When it starts (ms). */
  readonly at: number;
  /** Those of the nightly, by the configuration at the commit. */
  readonly jobs: readonly Job[];
  /** Null: the project has no versions. */
  readonly versions: {
    readonly settings: VersionSettings;
    readonly read: ReadonlyMap<VersionComponent, VersionReading>;
  } | null;
  /** Names of the images that the ledger has at this very commit: the tags that name it are theirs. */
  readonly published: ReadonlySet<string>;
}

interface Share {
  readonly images: readonly Image[];
  readonly naming: TagNaming | { readonly because: string };
}

function devNaming(ground: NightlyGround, settings: VersionSettings, reading: VersionReading | undefined) {
  const { commit: sha, branch, at } = ground;
  const version = reading?.kind === 'version' ? reading.version : settings.dev.fallback;
  if (reading?.kind === 'broken') return { because: `its version could not be read: ${reading.because}` };
  if (version === null) return { because: 'the file of its version is not there' };
  return nameDev(settings, version, { sha, branch }, at);
}

/** Images that share their version: those of one component, or those of none. */
function sharesOf(ground: NightlyGround, images: readonly Image[]): readonly Share[] {
  const { versions, commit: sha, branch } = ground;
  const plain = nameCommit({ sha, branch });
  if (versions === null) return [{ images, naming: plain }];
  const all = versions.settings.components;
  const shares = all.map((component) => ({
    images: imagesOfComponent(component, all, images),
    naming: devNaming(ground, versions.settings, versions.read.get(component)),
  }));
  const rest = images.filter((image) => !shares.some((share) => share.images.includes(image)));
  return [...shares, { images: rest, naming: plain }].filter((share) => share.images.length > 0);
}

/** Without the tags that name a commit whose image is there already: what stands under those never changes. */
function withoutTaken({ commit, published }: NightlyGround, image: TaggedImage): TaggedImage {
  if (!published.has(image.name)) return image;
  const free = (tags: readonly string[]) => tags.filter((tag) => !tag.includes(commit));
  const { byTarget } = image;
  const own =
    byTarget && Object.fromEntries(Object.entries(byTarget).map(([target, tags]) => [target, free(tags)] as const));
  return { name: image.name, tags: free(image.tags), ...(own === undefined ? {} : { byTarget: own }) };
}

function planShare(ground: NightlyGround, job: Job, { images, naming }: Share): PlannedJob {
  const planned = { pipeline: 'periodic', job: job.name } as const;
  const reason = `its time came${afterNeeds(job)}`;
  if (job.content.template !== 'upload-image')
    return { ...planned, decision: 'run', reason, images: images.map(({ name }) => ({ name, tags: [] })) };
  if ('because' in naming) return { ...planned, decision: 'refuse', reason: naming.because, images: [] };
  const named = nameImages(images, naming);
  if (named.kind === 'illegal') return { ...planned, decision: 'refuse', reason: named.because, images: [] };
  return { ...planned, decision: 'run', reason, images: named.images.map((image) => withoutTaken(ground, image)) };
}

/** What becomes of each job of a nightly: all run, whatever changed; `branches` of a job may keep it from this one. */
export function planNightly(ground: NightlyGround): readonly PlannedJob[] {
  return ground.jobs.flatMap((job): readonly PlannedJob[] => {
    const planned = { pipeline: 'periodic', job: job.name, images: [] } as const;
    // A job that people start by hand on pull requests may still have its times.
    const timed: Job = { ...job, selection: { ...job.selection, trigger: 'auto' } };
    const why = whyNotHere(timed, { branch: ground.branch, isWatched: true });
    if (why !== null) return [{ ...planned, decision: 'skip', reason: why }];
    if (!('images' in job.content)) return [{ ...planned, decision: 'run', reason: `its time came${afterNeeds(job)}` }];
    return sharesOf(ground, imagesOf(job)).map((share) => planShare(ground, job, share));
  });
}

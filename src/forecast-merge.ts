import { changedFiles } from './adapters/git/changed-files.ts';
import type { LocalClone } from './adapters/git/local-clone.ts';
import { readLocalRefs } from './adapters/git/local-history.ts';
import { readPush } from './adapters/git/read-push.ts';
import { decideMerge, forecastWords } from './core/postsubmit/forecast-merge.ts';
import { readVersion } from './core/version/read-version.ts';
import { knownReleases } from './known-releases.ts';
import type { Project } from './model/project.ts';
import type { Sha } from './model/sha.ts';
import type { VersionReading } from './model/version.ts';
import type { VersionComponent, VersionSettings } from './model/version-settings.ts';
import { configHere, versionsAt } from './versions-at.ts';

const maxChangedBytes = 4 * 2 ** 20;

/** A merge that has not happened: what the branch would become. */
interface Merge {
  readonly clone: LocalClone;
  readonly project: Project;
  readonly branch: string;
  readonly base: Sha;
  /** Of the merged tree. */
  readonly tree: Sha;
}

async function readAt({ clone }: Merge, settings: VersionSettings, at: Sha, file: string): Promise<VersionReading> {
  return readVersion((await readPush(clone.objects, at, at, file)).file, settings.scheme);
}

async function forecastOf(merge: Merge, settings: VersionSettings, component: VersionComponent): Promise<string> {
  const { clone, project, branch, base, tree } = merge;
  const { defaultBranch } = project;
  const refs = await readLocalRefs(clone);
  const forecast = {
    branch,
    defaultBranch,
    settings,
    component,
    base,
    tree,
    from: await readAt(merge, settings, base, component.file),
    to: await readAt(merge, settings, tree, component.file),
    changed: await changedFiles(clone.objects, base, tree, maxChangedBytes),
    known: await knownReleases(clone, { settings, component, defaultBranch, refs, pushed: new Set() }, []),
    whyNot: null,
  };
  return forecastWords(forecast, decideMerge(forecast), false);
}

/** What merging would build and release, a sentence for each version of the project (row V23); none where it has no version. */
export async function forecastMerge(merge: Merge): Promise<readonly string[]> {
  const here = await configHere(merge.clone, merge.project, merge.base);
  const settings = here.kind === 'usable' ? await versionsAt(merge.clone, here.config, merge.base) : null;
  if (settings === null) return [];
  const told: string[] = [];
  for (const component of settings.components) told.push(await forecastOf(merge, settings, component));
  return told;
}

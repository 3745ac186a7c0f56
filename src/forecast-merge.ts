import { changedFiles } from './adapters/git/changed-files.ts';
import type { LocalClone } from './adapters/git/local-clone.ts';
import { readLocalRefs } from './adapters/git/local-history.ts';
import { readPush } from './adapters/git/read-push.ts';
import { forecastPush } from './core/postsubmit/report-push.ts';
import { roleOf, rulesOf } from './core/version/branch-role.ts';
import { isSameVersion } from './core/version/compare-versions.ts';
import { decidePush } from './core/version/decide-push.ts';
import { unlessContradicted, unrecordedBeside, versionsIn } from './core/version/known-releases.ts';
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

function isSame(one: VersionReading, other: VersionReading): boolean {
  if (one.kind === 'version' && other.kind === 'version') return isSameVersion(one.version, other.version);
  return one.kind === other.kind;
}

async function forecastOf(merge: Merge, settings: VersionSettings, component: VersionComponent): Promise<string> {
  const { clone, project, branch, base, tree } = merge;
  const { defaultBranch } = project;
  const delta = await changedFiles(clone.objects, base, tree, maxChangedBytes);
  const from = await readAt(merge, settings, base, component.file);
  const to = await readAt(merge, settings, tree, component.file);
  const nothing = { known: true, paths: [] } as const;
  // Merged or squashed it is one step of the branch; rebased, its last commit has the same version.
  const step = { commit: tree, parent: base, tree, from, to, changed: delta, since: nothing };
  const refs = await readLocalRefs(clone);
  const known = await knownReleases(clone, { settings, component, defaultBranch, refs, pushed: new Set() }, []);
  const decided = decidePush({
    branch,
    role: roleOf(settings, branch, defaultBranch),
    change: 'pushed',
    after: tree,
    file: component.file,
    version: to,
    delta,
    transitions: { known: true, list: isSame(from, to) ? [] : [step] },
    records: known.records,
    released: known.records.map(({ version }) => version),
    unrecorded: unrecordedBeside(known, versionsIn([step])),
    initiator: { whyNot: null },
    settings: rulesOf(settings),
  });
  const decision = { ...decided, releases: decided.releases.map((each) => unlessContradicted(each, known)) };
  const { initiators } = settings.release;
  const releases = decision.releases.some(({ kind }) => kind === 'build') && initiators !== null;
  return `${forecastPush(decision)}${releases ? ` Held unless one of ${initiators.join(', ')} lands it.` : ''}`;
}

/** What merging would build and release, a sentence for each version of the project (row V23); none where it has no version. */
export async function forecastMerge(merge: Merge): Promise<readonly string[]> {
  const here = await configHere(merge.clone, merge.project, merge.base);
  const settings = here.kind === 'usable' ? await versionsAt(merge.clone, here.config, merge.base) : null;
  if (settings === null) return [];
  const told: string[] = [];
  for (const component of settings.components) {
    const name = component.name === null ? '' : `${component.name}: `;
    told.push(`${name}${await forecastOf(merge, settings, component)}`);
  }
  return told;
}

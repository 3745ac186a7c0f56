import type { LocalClone } from './adapters/git/local-clone.ts';
import { type LocalRefs, leftMainAt } from './adapters/git/local-history.ts';
import { readPush } from './adapters/git/read-push.ts';
import { cliError } from './cli/exit-codes.ts';
import { readTag } from './core/postsubmit/plan-tag.ts';
import { roleOf } from './core/version/branch-role.ts';
import { isSameVersion } from './core/version/compare-versions.ts';
import { canBeReleased, type KnownReleases } from './core/version/known-releases.ts';
import type { ReleaseRecord } from './core/version/push-facts.ts';
import { readTransitions } from './core/version/read-transitions.ts';
import { parseVersion } from './core/version/read-version.ts';
import { type Sha, toSha } from './model/sha.ts';
import type { Version } from './model/version.ts';
import type { VersionComponent, VersionSettings } from './model/version-settings.ts';

/** Where releases are looked for; what was just pushed is no evidence of itself. */
export interface ReleaseSearch {
  readonly settings: VersionSettings;
  readonly component: VersionComponent;
  readonly defaultBranch: string;
  /** Of before the push. */
  readonly refs: LocalRefs;
  /** Commits of the push: a tag that came along with one of them says nothing of releases. */
  readonly pushed: ReadonlySet<Sha>;
}

export interface ReleasesHere extends KnownReleases {
  /** Git shows them, and no ledger was asked. */
  readonly presumed: boolean;
}

async function recordOf({ objects }: LocalClone, version: Version, commit: Sha): Promise<ReleaseRecord> {
  return { version, commit, tree: toSha((await objects.commit(commit)).tree), state: 'released' };
}

function byTags({ settings, component, refs, pushed }: ReleaseSearch): KnownReleases['tags'] {
  return [...refs.tags].flatMap(([tag, commit]) => {
    const meaning = pushed.has(commit) ? null : readTag(tag, settings, (text) => parseVersion(text, settings.scheme));
    if (meaning?.component.file !== component.file || !canBeReleased(meaning.version)) return [];
    return [{ tag, version: meaning.version, commit }];
  });
}

/** A release branch on which the version became final once is taken for one that released it then. */
async function byBranches(clone: LocalClone, search: ReleaseSearch): Promise<readonly ReleaseRecord[]> {
  const { settings, component, refs, defaultBranch } = search;
  const main = refs.branches.get(settings.main ?? defaultBranch) ?? null;
  const found: ReleaseRecord[] = [];
  for (const [branch, tip] of refs.branches) {
    if (roleOf(settings, branch, defaultBranch).kind !== 'release') continue;
    const start = await leftMainAt(clone, tip, main);
    const reading = await readPush(clone.objects, start, tip, component.file);
    const { transitions } = readTransitions(reading, settings.scheme);
    for (const { commit, tree, to } of transitions.known ? transitions.list : [])
      if (to.kind === 'version' && canBeReleased(to.version))
        found.push({ version: to.version, commit, tree, state: 'released' });
  }
  return found;
}

async function byWords(clone: LocalClone, words: readonly string[], settings: VersionSettings): Promise<ReleasesHere> {
  const records: ReleaseRecord[] = [];
  for (const word of words.filter((each) => each !== 'none')) {
    const [text = '', name = ''] = word.split('=');
    const version = parseVersion(text, settings.scheme);
    if (typeof version === 'string') throw cliError('usage', `--released is VERSION=COMMIT or none: ${version}`);
    const commit = name === '' ? null : await clone.commitOf(name);
    if (commit === null)
      throw cliError('usage', `--released ${word} names no commit of this clone: write ${text}=COMMIT`);
    records.push(await recordOf(clone, version, commit));
  }
  return { records, tags: [], published: [], presumed: false };
}

/**
 * What is released already: as `words` say (VERSION=COMMIT, or none), or without any as release branches show and, of what they do
 * not know, tags: those are no records, just as to a server whose ledger knows nothing of them.
 */
export async function knownReleases(
  clone: LocalClone,
  search: ReleaseSearch,
  words: readonly string[],
): Promise<ReleasesHere> {
  if (words.length > 0) return byWords(clone, words, search.settings);
  const records: ReleaseRecord[] = [];
  // The first of a line says more than what came again.
  for (const record of await byBranches(clone, search))
    if (!records.some(({ version }) => isSameVersion(version, record.version))) records.push(record);
  return { records, tags: byTags(search), published: [], presumed: true };
}

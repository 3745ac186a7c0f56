import { changedFiles } from './adapters/git/changed-files.ts';
import type { LocalClone } from './adapters/git/local-clone.ts';
import { branchesWith, firstParentOf, readLocalRefs } from './adapters/git/local-history.ts';
import { readPush } from './adapters/git/read-push.ts';
import type { Plan, PushWish } from './cli/deps.ts';
import { type PushedTag, planTag, readTag, type TagMeaning } from './core/postsubmit/plan-tag.ts';
import { whyNotRelease } from './core/version/branch-role.ts';
import { parseVersion, readVersion } from './core/version/read-version.ts';
import { knownReleases, type ReleasesHere } from './known-releases.ts';
import { projectOf } from './local-project.ts';
import type { Project } from './model/project.ts';
import { type Sha, toSha } from './model/sha.ts';
import type { VersionSettings } from './model/version-settings.ts';
import type { PushRange } from './read-push-range.ts';
import { configHere, refusal } from './versions-at.ts';

const maxChangedBytes = 4 * 2 ** 20;
const unread = { kind: 'absent' } as const;
const nobody: ReleasesHere = { records: [], tags: [], published: [], presumed: false };

interface TagPush {
  readonly clone: LocalClone;
  readonly project: Project;
  readonly wish: PushWish;
  readonly tag: string;
  readonly commit: Sha;
}

/** Releases that are known without the tag itself. */
async function releasesBeside(push: TagPush, settings: VersionSettings, { component }: TagMeaning) {
  const { clone, project, wish, tag } = push;
  const refs = await readLocalRefs(clone);
  const tags = new Map([...refs.tags].filter(([name]) => name !== tag));
  const { defaultBranch } = project;
  const search = { settings, component, defaultBranch, refs: { ...refs, tags }, pushed: new Set<Sha>() };
  return knownReleases(clone, search, wish.released);
}

async function changedBy({ clone, commit }: TagPush): Promise<PushedTag['changed']> {
  const parent = await firstParentOf(clone, commit);
  if (parent === null) return { known: false, because: 'it is the first commit' };
  return changedFiles(clone.objects, parent, commit, maxChangedBytes);
}

/** What a pushed tag would build or release, and why. */
export async function planPushedTag(clone: LocalClone, range: PushRange, wish: PushWish): Promise<Plan> {
  const { name: tag, before, after } = range;
  const commit = after ?? before;
  if (commit === null) throw new Error('a push without commits was accepted');
  const project = await projectOf(clone);
  const push: TagPush = { clone, project, wish, tag, commit };
  const here = await configHere(clone, project, commit);
  if (here.kind === 'refused') return { decisions: [{ ...refusal(here.because), pipeline: 'tag' }], notes: [] };
  const settings = here.config.version;
  const meaning = settings === null ? null : readTag(tag, settings, (text) => parseVersion(text, settings.scheme));
  const known = settings === null || meaning === null ? nobody : await releasesBeside(push, settings, meaning);
  const file = meaning === null ? null : (await readPush(clone.objects, commit, commit, meaning.component.file)).file;
  const decisions = planTag(
    {
      tag,
      change: after === null ? 'deleted' : before === null ? 'created' : 'moved',
      commit,
      tree: toSha((await clone.objects.commit(commit)).tree),
      jobs: here.config.jobs,
      settings,
      defaultBranch: project.defaultBranch,
      branches: await branchesWith(clone, commit),
      reading: file === null || settings === null ? unread : readVersion(file, settings.scheme),
      changed: await changedBy(push),
      ...known,
      released: known.records.map(({ version }) => version),
      initiator: {
        whyNot: settings === null || wish.pushedBy.length === 0 ? null : whyNotRelease(settings, wish.pushedBy),
      },
    },
    meaning,
  );
  const presumed = known.presumed
    ? ['What is released already is taken from the tags and release branches here; --released says otherwise.']
    : [];
  const none = decisions.length === 0 ? ['No tag or release job is configured here.'] : [];
  return { decisions, notes: [...presumed, ...none] };
}

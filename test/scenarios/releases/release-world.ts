import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LedgerDetail } from '../../../src/model/ledger.ts';
import { type ImageWorld, type ImageWorldOptions, startImageWorld } from '../../harness/image-world.ts';
import { makeImage, seedImage } from '../../harness/oci-image.ts';

/** What people read of a check run that is concluded. */
export interface SaidCheck {
  readonly conclusion: string | null;
  readonly title: string;
  readonly summary: string;
}

/** A commit as a story tells it: files that it writes (null: takes away), and its message. */
export interface StoryCommit {
  readonly files: Readonly<Record<string, string | null>>;
  readonly message?: string;
}

/** A world with images and a release branch. */
export interface ReleaseWorld extends ImageWorld {
  /** Commits on top of a commit, which no branch names yet; the last one's id. */
  commit(parent: string, ...commits: readonly StoryCommit[]): string;
  /** One push to a branch: all of these commits at once; gives their ids, oldest first. */
  pushTo(branch: string, by: string, ...commits: readonly StoryCommit[]): Promise<readonly string[]>;
  concludedOn(commit: string, name: string): Promise<SaidCheck>;
  /** Somebody else puts an image there under a tag. */
  seed(image: string, tag: string): Promise<void>;
  /** The details of a branch's ledger, oldest first. */
  ledgerOf(branch: string): readonly LedgerDetail[];
  /** Those of releases, as `releasing v1.2.3`. */
  releasesOf(branch: string): readonly string[];
  /** Digest of what was built of a commit by its release. */
  digestOf(image: string, commit: string): string | undefined;
}

export const versionLines = 'version: { main: main, releaseBranches: "release-v*" }';

/** The same, and only a robot and a team may release. */
export const restricted =
  'version: { main: main, releaseBranches: "release-v*", release: { initiators: [robot, "team:acme/releasers"] } }';

/** With a branch `release-v1.2` cut from `main`, on which 1.2.3 is next. */
export async function startReleaseWorld(options: ImageWorldOptions = {}): Promise<ReleaseWorld> {
  const world = await startImageWorld({ lines: versionLines, ...options });
  const folder = world.github.gitFolder(world.repo);
  const index = mkdtempSync(join(tmpdir(), 'sluice-story-index-'));
  const env = {
    ...process.env,
    GIT_INDEX_FILE: join(index, 'index'),
    GIT_AUTHOR_NAME: 'story',
    GIT_AUTHOR_EMAIL: 'story@example.org',
    GIT_COMMITTER_NAME: 'story',
    GIT_COMMITTER_EMAIL: 'story@example.org',
  };
  const git = (args: readonly string[], input = ''): string =>
    execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', env, input }).trim();

  function one(parent: string, { files, message = 'Story' }: StoryCommit): string {
    git(['read-tree', parent]);
    for (const [path, content] of Object.entries(files)) {
      if (content === null) git(['update-index', '--force-remove', path]);
      else
        git([
          'update-index',
          '--add',
          '--cacheinfo',
          `100644,${git(['hash-object', '-w', '--stdin'], content)},${path}`,
        ]);
    }
    return git(['commit-tree', git(['write-tree']), '-p', parent, '-m', message]);
  }

  const line = (parent: string, commits: readonly StoryCommit[]): readonly string[] => {
    const made: string[] = [];
    for (const each of commits) made.push(one(made.at(-1) ?? parent, each));
    return made;
  };

  const ledgerOf = (branch: string): readonly LedgerDetail[] => {
    const ref = `refs/sluice/ledger/${branch}`;
    if (git(['for-each-ref', ref]) === '') return [];
    const ids = git(['rev-list', '--reverse', ref]).split('\n');
    return ids.map((id) => (JSON.parse(git(['show', `${id}:entry.json`])) as { detail: LedgerDetail }).detail);
  };

  const { stop } = world;
  return Object.assign(world, {
    commit: (parent: string, ...commits: readonly StoryCommit[]) => line(parent, commits).at(-1) ?? parent,
    async pushTo(branch: string, by: string, ...commits: readonly StoryCommit[]) {
      const made = line(world.git('rev-parse', branch), commits);
      await world.github.setBranch({ repo: world.repo, by, branch, sha: made.at(-1) ?? '' });
      return made;
    },
    async concludedOn(commit: string, name: string) {
      const run = await world
        .until(`${name} on ${commit.slice(0, 7)} is concluded`, async () => {
          const found = (await world.github.checkRuns(world.repo, commit)).findLast((each) => each.name === name);
          return found?.status === 'completed' && found;
        })
        .catch(async (cause: unknown) => {
          const all = await world.github.checkRuns(world.repo, commit);
          throw new Error(`it says ${JSON.stringify(all.map((each) => [each.name, each.status, each.title]))}`, {
            cause,
          });
        });
      return {
        conclusion: run.conclusion === null ? null : `${run.conclusion}`,
        title: run.title ?? '',
        summary: run.summary ?? '',
      };
    },
    ledgerOf,
    seed: async (image: string, tag: string) =>
      void (await seedImage(`http://${world.final.host}`, `acme/${image}`, makeImage([1_000]), tag)),
    releasesOf: (branch: string) =>
      ledgerOf(branch).flatMap((detail) =>
        detail.kind === 'releasing' || detail.kind === 'released' ? [`${detail.kind} ${detail.version}`] : [],
      ),
    digestOf: (image: string, commit: string) => world.uploaded.get(`${image}@${commit}`)?.digest,
    async stop() {
      rmSync(index, { recursive: true, force: true });
      await stop();
    },
  });
}

/** Cuts the release branch and has Sluice see it, with a version that is being developed. */
export async function cutRelease(
  world: ReleaseWorld,
  branch = 'release-v1.2',
  version = 'v1.2.3-dev',
): Promise<string> {
  const main = world.git('rev-parse', 'main');
  await world.github.setBranch({ repo: world.repo, by: 'boss', branch, sha: main });
  const [first = ''] = await world.pushTo(branch, 'boss', { files: { VERSION: `${version}\n` } });
  await world.concludedOn(first, 'sluice/version');
  return first;
}

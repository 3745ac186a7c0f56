import type { Sha } from '../../model/sha.ts';
import type { History } from '../../ports/history.ts';
import { demandCommit } from './bring-commit.ts';
import { changedFiles } from './changed-files.ts';
import type { Clone, Clones } from './clones.ts';
import { parseCommitText } from './commit-text.ts';
import { listRemoteRefs } from './fetch-commits.ts';
import { readMerge, readPush } from './read-push.ts';

const maxChangedBytes = 4 * 2 ** 20;

/** A History over bare clones that others use too; what is missing is fetched by its id. */
export function createHistory(clones: Clones): History {
  async function holding(clone: Clone, ...commits: readonly Sha[]): Promise<Clone> {
    for (const commit of commits) await demandCommit(clone, commit);
    return clone;
  }
  return {
    async push(project, before, after, path) {
      const { objects } = await holding(await clones.of(project), before, after);
      return readPush(objects, before, after, path);
    },
    async merged(project, base, tree, path) {
      const { objects } = await holding(await clones.of(project), base);
      return readMerge(objects, base, tree, path);
    },
    async changed(project, from, to) {
      const { objects } = await holding(await clones.of(project), from, to);
      return changedFiles(objects, from, to, maxChangedBytes);
    },
    async tags(project) {
      const { git, folder, remote } = await clones.of(project);
      const found = await listRemoteRefs(git, folder, await remote()(), ['refs/tags/']);
      // What an annotated one leads to is listed under its name with three signs more, and counts.
      return new Map([...found].map(([ref, id]) => [ref.slice('refs/tags/'.length).replace(/\^\{\}$/, ''), id]));
    },
    async branches(project) {
      const { git, folder, remote } = await clones.of(project);
      const found = await listRemoteRefs(git, folder, await remote()(), ['refs/heads/']);
      return new Map([...found].map(([ref, id]) => [ref.slice('refs/heads/'.length), id]));
    },
    async message(project, commit) {
      const { objects } = await holding(await clones.of(project), commit);
      return parseCommitText(await objects.commitText(commit)).message.toString();
    },
  };
}

import type { Sha } from '../../model/sha.ts';
import type { PreparedChange, Source } from '../../ports/source.ts';
import { createNameCheck } from './branch-names.ts';
import { type AskRemote, type Clone, type Clones, createClones, type SourceOptions } from './clones.ts';
import { mergeChange } from './merge-change.ts';
import { presentIn } from './object-reader.ts';
import { readEntries, readFile } from './read-objects.ts';

const noCommit = /^0+$/;

/** A Source over bare clones of its own. `close` ends what git runs for it. */
export function createSource(options: SourceOptions): Source & { close(): void } {
  const clones = createClones(options);
  return { ...createSourceOn(clones), close: clones.close };
}

/** A Source over clones that others use too; everything is read as git objects and never checked out. */
export function createSourceOn(clones: Clones): Source {
  const isBranchName = createNameCheck();
  return {
    async prepare(project, number, baseRef, head) {
      const clone = await clones.of(project);
      if (!(await isBranchName(clone, baseRef))) return null;
      return prepare(clone, number, baseRef, head);
    },
    async noteTip(project, branch, before, after) {
      // Only where we work already: a push alone is no reason to clone a repository.
      const clone = await clones.opened(project);
      if (clone === undefined) return;
      clone.tips.moved(branch, before, after);
      if (noCommit.test(after) || (await presentIn(clone.objects, [after])).has(after)) return;
      await clone.fetch([{ from: after, keptAs: null }], clone.remote());
    },
    async tipOf(project, branch) {
      const clone = await clones.of(project);
      if (!(await isBranchName(clone, branch))) return null;
      return (await clone.tipOf(branch, clone.remote())) ?? null;
    },
    readText: async (project, at, path, maxBytes) =>
      readFile((await cloneHolding(await clones.of(project), at)).objects, at, path, maxBytes),
    entries: async (project, at, paths) =>
      readEntries((await cloneHolding(await clones.of(project), at)).objects, at, paths),
  };
}

async function prepare(clone: Clone, number: number, baseRef: string, head: Sha): Promise<PreparedChange | null> {
  const remote = clone.remote();
  const base = await clone.tipOf(baseRef, remote);
  if (base === undefined || !(await bringCommits(clone, remote, number, base, head))) return null;
  const { git, objects, folder, limits } = clone;
  return mergeChange({ git, objects, clone: folder, maxOutputBytes: limits.maxOutputBytes }, base, head);
}

/**
 * True when both are in the clone afterwards. Asked for by full id, what arrives cannot be anything else; the refs they
 * are stored under only tell the next fetch what need not be sent again.
 */
async function bringCommits(clone: Clone, remote: AskRemote, number: number, base: Sha, head: Sha): Promise<boolean> {
  const here = await presentIn(clone.objects, [base, head]);
  if (here.has(base) && here.has(head)) return true;
  const kept = `refs/sluice/pull/${number}`;
  const wanted = here.has(base) ? [] : [{ from: base, keptAs: 'refs/sluice/base' }];
  const outcome = await clone.fetch([...wanted, { from: head, keptAs: kept }], remote);
  // Some servers give only what a ref of theirs names.
  if (outcome === 'refused') await clone.fetch([...wanted, { from: `refs/pull/${number}/head`, keptAs: kept }], remote);
  const arrived = await presentIn(clone.objects, [base, head]);
  return arrived.has(base) && arrived.has(head);
}

/** The clone, with this commit in it; a tree that we merged can only be where it was made. */
async function cloneHolding(clone: Clone, at: Sha): Promise<Clone> {
  if ((await presentIn(clone.objects, [at])).has(at)) return clone;
  const outcome = await clone.fetch([{ from: at, keptAs: 'refs/sluice/read' }], clone.remote());
  if (outcome === 'refused')
    throw new Error(`the remote of ${clone.folder} has no ${at}, and it was not prepared here`);
  return clone;
}

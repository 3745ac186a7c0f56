import type { ChangedFiles } from '../../../src/model/matcher.ts';
import type { Project } from '../../../src/model/project.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { FileStep, PushReading, VersionFile } from '../../../src/model/version.ts';
import type { History } from '../../../src/ports/history.ts';
import type { Calls } from '../calls.ts';
import { cloneOn, type Disk } from '../gate/clone.ts';
import type { GitModel } from '../gate/git-model.ts';
import { type Forges, gitOf } from '../gate/move-branch.ts';
import type { Process } from '../sim.ts';

function fileAt(model: GitModel, commit: Sha, path: string): VersionFile {
  const text = model.filesAt(commit)?.[path];
  return text === undefined ? { kind: 'absent' } : { kind: 'file', bytes: new TextEncoder().encode(text) };
}

function changedIn(model: GitModel, from: Sha, to: Sha): ChangedFiles {
  return { known: true, paths: [...model.changed(from, to)].sort() };
}

/** As `read-push.ts`: the first-parent line of what was not there before, and where on it the file changes. */
function readPush(model: GitModel, before: Sha, after: Sha, path: string): PushReading {
  const list: FileStep[] = [];
  for (let at: Sha | undefined = after; at !== undefined && !model.contains(before, at); ) {
    const found = model.get(at);
    const parent: Sha | undefined = found?.parents[0];
    if (found === undefined || parent === undefined) break;
    if (model.filesAt(parent)?.[path] !== model.filesAt(at)?.[path])
      list.unshift({
        commit: at,
        parent,
        tree: found.tree,
        before: fileAt(model, parent, path),
        after: fileAt(model, at, path),
        changed: changedIn(model, parent, at),
        since: changedIn(model, at, after),
      });
    at = parent;
  }
  return {
    file: fileAt(model, after, path),
    changed: changedIn(model, before, after),
    steps: { known: true, list },
  };
}

/** What was pushed, as one process reads it: from its clone, and from the forge what that lacks. */
export function historyPort(parts: Forges & { readonly calls: Calls; readonly disk: Disk }, process: Process): History {
  const { forge, calls, disk } = parts;
  const holding = (project: Project, ...commits: readonly Sha[]): GitModel => {
    const git = gitOf(forge.repositoryOf(project));
    const clone = cloneOn(disk, project.id, git);
    for (const commit of commits) {
      if (clone.has(commit)) continue;
      forge.mustAnswer();
      if (!forge.repositoryOf(project).seen.now()) throw new Error('remote: Repository not found');
      if (!clone.bring(git, commit)) throw new Error(`the remote of r${project.id} has no ${commit}`);
    }
    return git.model;
  };
  const ask = <T>(what: string, effect: () => T): Promise<T> => calls.call(process, `history.${what}`, effect);
  const listed = (project: Project) => {
    forge.mustAnswer();
    const repository = forge.repositoryOf(project);
    if (!repository.seen.now()) throw new Error('remote: Repository not found');
    return repository;
  };
  return {
    push: (project, before, after, path) =>
      ask('push', () => readPush(holding(project, before, after), before, after, path)),
    merged: (project, base, tree, path) =>
      ask('merged', () => {
        const model = holding(project, base);
        const before = fileAt(model, base, path);
        return { before, after: fileAt(model, tree, path), changed: changedIn(model, base, tree) };
      }),
    changed: (project, from, to) => ask('changed', () => changedIn(holding(project, from, to), from, to)),
    tags: (project) =>
      ask('tags', () => {
        const { tags } = gitOf(listed(project));
        return new Map(
          [...tags].flatMap(([tag, commit]) => (commit.now() === null ? [] : [[tag, commit.now() as Sha]])),
        );
      }),
    branches: (project) =>
      ask('branches', () => new Map([...listed(project).branches].map(([name, tip]) => [name, tip.now()]))),
    message: (project, commit) => ask('message', () => holding(project, commit).textOf(commit)),
  };
}

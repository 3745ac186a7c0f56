import type { PreparedChange, TreeEntry } from '../../src/model/code.ts';
import type { Rights } from '../../src/model/person.ts';
import type { Project } from '../../src/model/project.ts';
import { type Comment, commentKey, type PullRequest } from '../../src/model/pull-request.ts';
import { type Sha, toSha } from '../../src/model/sha.ts';
import type { Forge } from '../../src/ports/forge.ts';
import type { Source } from '../../src/ports/source.ts';
import type { Calls } from './calls.ts';
import { hexOf } from './chance.ts';
import { type Commit, type ForgeWorld, type Pull, type Repository, wholeSecond } from './forge-world.ts';
import { cloneOn, type Disk } from './gate/clone.ts';
import type { RepositoryGit } from './gate/repository-git.ts';
import type { Process, Sim } from './sim.ts';

/** A head that was there before is what somebody forced it to, and in git whatever does not hold the one before. */
function forcedAt({ git }: Repository, pull: Pull): number | null {
  const moves = pull.head.history();
  const last = moves.findLastIndex(({ value }, index) => {
    const before = moves[index - 1]?.value;
    if (before === undefined) return false;
    return git ? !git.model.contains(value, before) : moves.slice(0, index).some((each) => each.value === value);
  });
  return last === -1 ? null : wholeSecond(moves[last]?.at ?? 0);
}

/** A pull request as the forge shows it now. */
export function shownPull(repository: Repository, pull: Pull): PullRequest {
  const { owner, name } = repository.project;
  return {
    number: pull.number,
    title: `change ${pull.number}`,
    author: pull.author,
    state: pull.state.now(),
    draft: pull.draft.now(),
    head: pull.head.now(),
    headRef: `topic-${pull.number}`,
    baseRef: pull.baseRef.now(),
    labels: pull.labels.now(),
    createdAt: wholeSecond(pull.createdAt),
    updatedAt: wholeSecond(pull.updatedAt),
    url: `https://github.test/${owner}/${name}/pull/${pull.number}`,
  };
}

function contentOf(base: Commit, head: Commit): Readonly<Record<string, string>> {
  const own = head.changed.flatMap((path) => (path in head.files ? [[path, head.files[path] ?? '']] : []));
  return { ...base.files, ...Object.fromEntries(own) };
}

/** What the head would be, merged onto the base; the tree can be read from then on. */
export function mergeOnto(repository: Repository, baseSha: Sha, headSha: Sha): PreparedChange | null {
  if (repository.git) return mergeInGit(repository.git, baseSha, headSha);
  const base = repository.commits.get(baseSha);
  const head = repository.commits.get(headSha);
  if (!base || !head) return null;
  const both = { base: baseSha, head: headSha, changed: { known: true as const, paths: head.changed } };
  if (head.editsHot && head.hot !== base.hot) return { ...both, merge: { kind: 'conflict', paths: ['hot.txt'] } };
  const tree = toSha(hexOf('tree', baseSha, headSha));
  if (!repository.commits.has(tree))
    repository.commits.set(tree, { sha: tree, files: contentOf(base, head), changed: [], hot: 0, editsHot: false });
  return { ...both, merge: { kind: 'merged', tree } };
}

function mergeInGit({ model }: RepositoryGit, base: Sha, head: Sha): PreparedChange | null {
  if (!model.get(base) || !model.get(head)) return null;
  const changed = { known: true as const, paths: model.changedBy(base, head) };
  return { base, head, changed, merge: model.merge(base, head) };
}

function shownComments(pull: Pull, since: number, now: number): readonly Comment[] {
  return pull.comments
    .filter((comment) => comment.visibleAt <= now && wholeSecond(comment.createdAt) >= wholeSecond(since))
    .map(({ visibleAt: _, ...comment }) => ({ ...comment, createdAt: wholeSecond(comment.createdAt) }))
    .sort((a, b) => a.createdAt - b.createdAt || a.id - b.id);
}

function rightsOf(repository: Repository, person: number): Rights {
  const permission = repository.permissions.get(person)?.now() ?? 'none';
  return { known: true, permission, member: repository.members.has(person) };
}

export interface Minted {
  readonly token: string;
  readonly project: number;
}

/** The forge as one process reaches it. `minted` keeps every token for the watch over secrets. */
export function forgePort(sim: Sim, calls: Calls, world: ForgeWorld, process: Process, minted: Minted[]): Forge {
  const ask = <T>(what: string, look: () => T): Promise<T> =>
    calls.call(process, `forge.${what}`, () => {
      world.mustAnswer();
      return look();
    });
  const visible = (): Repository[] => [...world.repositories.values()].filter((each) => each.seen.now());
  const mustSee = (project: Project): Repository => {
    const repository = world.repositoryOf(project);
    if (!repository.seen.now()) throw new Error('403 not accessible by integration');
    return repository;
  };
  const mustHave = (project: Project, number: number): Pull => {
    const pull = mustSee(project).pulls.get(number);
    if (!pull) throw new Error(`404 no pull request ${number}`);
    return pull;
  };
  return {
    projects: () => ask('projects', () => visible().map(({ project }) => project)),
    project: (id) => ask('project', () => visible().find(({ project }) => project.id === id)?.project ?? null),
    installedAt: (project) => ask('installedAt', () => wholeSecond(mustSee(project).installedAt)),
    pullRequest: (project, number) =>
      ask('pullRequest', () => {
        const repository = mustSee(project);
        const pull = repository.pulls.get(number);
        return pull ? shownPull(repository, pull) : null;
      }),
    openPullRequests: (project) =>
      ask('openPullRequests', () => {
        const repository = mustSee(project);
        const open = [...repository.pulls.values()].filter((pull) => pull.state.now() === 'open');
        return open.map((pull) => shownPull(repository, pull));
      }),
    pullRequestsAt: (project, head) =>
      ask('pullRequestsAt', () =>
        [...mustSee(project).pulls.values()]
          .filter((pull) => pull.head.now() === head && pull.state.now() === 'open')
          .map((pull) => pull.number),
      ),
    comments: (project, number, since) =>
      ask('comments', () => shownComments(mustHave(project, number), since, sim.time.now())),
    forcedAt: (project, number) => ask('forcedAt', () => forcedAt(mustSee(project), mustHave(project, number))),
    rights: (project, person) =>
      ask('rights', () => rightsOf(mustSee(project), person.id)).catch((cause: unknown) => ({
        known: false,
        because: cause instanceof Error ? cause.message : 'unknown error',
      })),
    isOneOf: (project, person, names) =>
      ask('isOneOf', () => {
        mustSee(project);
        // Logins of these worlds are never given to anybody else.
        return { known: true as const, listed: names.includes(person.login) };
      }).catch((cause: unknown) => ({
        known: false as const,
        because: cause instanceof Error ? cause.message : 'unknown error',
      })),
    checkRuns: (project, commit) =>
      ask('checkRuns', () => {
        mustSee(project);
        return world.checkRuns.get(commit) ?? [];
      }),
    react: (project, number, comment, reaction) =>
      ask('react', () => {
        const { reactions, reactedAt } = mustHave(project, number);
        const key = commentKey(comment);
        if (!reactions.has(key)) reactedAt.set(key, sim.time.now());
        reactions.set(key, reaction);
      }),
    hasReacted: (project, number, comment) =>
      ask('hasReacted', () => mustHave(project, number).reactions.has(commentKey(comment))),
    reply: (project, number, to, text) =>
      ask('reply', () => {
        if (text.trim() === '') sim.violate('reasons', `an empty reply to ${to.login} on ${number}`);
        mustHave(project, number).replies.set(to.id, text);
      }),
    checkoutToken: (project) =>
      ask('checkoutToken', () => {
        mustSee(project);
        const token = `ghs_${project.id}_${minted.length}`;
        minted.push({ token, project: project.id });
        return token;
      }),
  };
}

/** The clone as one process has it. */
export function sourcePort(calls: Calls, world: ForgeWorld, process: Process, disk: Disk): Source {
  const filesAt = (project: Project, at: Sha): Readonly<Record<string, string>> => {
    const { git, commits } = world.repositoryOf(project);
    const files = git ? filesInClone(git, project, at) : commits.get(at)?.files;
    if (!files) throw new Error(`fatal: not a tree object: ${at}`);
    return files;
  };
  /** A commit may be fetched, a tree is only where its commit is or where it was merged. */
  const filesInClone = (git: RepositoryGit, project: Project, at: Sha): Readonly<Record<string, string>> | null => {
    const clone = cloneOn(disk, project.id, git);
    if (!clone.has(at) && !git.looked.has(at)) {
      world.mustAnswer();
      if (!clone.bring(git, at)) throw new Error(`the remote has no ${at}, and it was not prepared here`);
    }
    return git.model.filesAt(at);
  };
  const prepare = (repository: Repository, base: Sha, head: Sha): PreparedChange | null => {
    const { git, project } = repository;
    const prepared = mergeOnto(repository, base, head);
    if (git && prepared) {
      const clone = cloneOn(disk, project.id, git);
      for (const commit of [base, head]) clone.bring(git, commit);
      if (prepared.merge.kind === 'merged') git.looked.add(prepared.merge.tree);
    }
    return prepared;
  };
  return {
    prepare: (project, _number, baseRef, head) =>
      calls.call(process, 'source.prepare', () => {
        world.mustAnswer();
        const repository = world.repositoryOf(project);
        if (!repository.seen.now()) throw new Error('remote: Repository not found');
        const base = repository.branches.get(baseRef)?.now();
        return base ? prepare(repository, base, head) : null;
      }),
    noteTip: (project) =>
      calls.call(process, 'source.noteTip', () => {
        world.mustAnswer();
        world.repositoryOf(project);
      }),
    tipOf: (project, branch) =>
      calls.call(process, 'source.tipOf', () => {
        world.mustAnswer();
        return world.repositoryOf(project).branches.get(branch)?.now() ?? null;
      }),
    readText: (project, at, path) => calls.call(process, 'source.readText', () => filesAt(project, at)[path] ?? null),
    entries: (project, at, paths) =>
      calls.call(process, 'source.entries', () => {
        const files = filesAt(project, at);
        const entry = (path: string): TreeEntry => {
          const text = files[path];
          const isFolder = Object.keys(files).some((each) => each.startsWith(`${path}/`));
          if (isFolder) return { kind: 'folder' };
          return text === undefined ? { kind: 'missing' } : { kind: 'file', executable: false, bytes: text.length };
        };
        return new Map(paths.map((path) => [path, entry(path)]));
      }),
  };
}

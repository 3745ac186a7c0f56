import { type Sha, toSha } from '../../../src/model/sha.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { isCompleted, type Repository, type StoredCheckRun } from '../forge-world.ts';
import { commitInGit } from '../gate/commits.ts';
import { gitOf, moveBranch } from '../gate/move-branch.ts';
import { persons } from '../people.ts';
import type { Surroundings } from '../processes.ts';
import type { Action } from '../story.ts';
import { Timeline } from '../timeline.ts';
import { addDeed } from './acts.ts';
import { releaseBranches } from './lines.ts';
import { versionAt } from './model.ts';

const nowhere = toSha('0'.repeat(40));

/** `WORD onto BRANCH`, with the branch as git has it. */
function read(word: string): { readonly said: string; readonly branch: string } {
  const { said = word, name = 'main' } = /^(?<said>.*) onto (?<name>[\w.]+)$/.exec(word)?.groups ?? {};
  return { said, branch: releaseBranches[name as keyof typeof releaseBranches] ?? 'main' };
}

export interface VersionPeople {
  /** False: it is nothing about versions. */
  act(repository: Repository, action: Action): boolean;
}

/** What people do about versions: pushes, new branches, git tags and buttons. */
export function createVersionPeople(world: Surroundings): VersionPeople {
  const { sim, forge, webhooks, redis } = world;
  const { now } = sim.time;
  let commits = 0;
  for (const { git, branches, project } of forge.repositories.values()) {
    const first = branches.get(project.defaultBranch)?.now();
    const isKept = sim.knobs.queues?.images?.pushes?.versions ?? null;
    if (git !== null && first !== undefined && isKept !== null)
      branches.set(releaseBranches['1.2'], new Timeline(now, first));
  }

  function isKnown(repository: Repository, branch: string | null): boolean {
    if (branch !== null) return forge.knowsBranch(repository.project.id, branch);
    const tags = subjectIdOf({ kind: 'tags', repository: repository.project.id });
    const kept = redis.data.get<{ readonly body: string }>(`doc:${tags}`);
    return kept !== undefined && kept.body !== 'null';
  }

  function push(repository: Repository, { who, word }: Action): void {
    const { said, branch } = read(word);
    const { queues } = sim.knobs;
    let to = repository.branches.get(branch)?.now();
    if (to === undefined || queues === null) return;
    for (const content of said.split(', ')) {
      commits += 1;
      to = commitInGit(gitOf(repository), to, content, 3000 + commits, queues);
    }
    sim.note('people: a version is pushed');
    moveBranch(world, repository, branch, to, { person: persons[who], ours: false });
  }

  function takeBack(repository: Repository, { word }: Action): void {
    const { branch } = read(word);
    const tip = repository.branches.get(branch)?.now();
    const to = tip && gitOf(repository).model.get(tip)?.parents[0];
    if (to === undefined) return;
    sim.note('people: a version is taken back');
    moveBranch(world, repository, branch, to, { person: persons.boss, ours: false });
  }

  function cut(repository: Repository, { who, word }: Action): void {
    const { said, branch: from } = read(word);
    const branch = releaseBranches[said as keyof typeof releaseBranches];
    const at = repository.branches.get(from)?.now();
    if (at === undefined || repository.branches.has(branch)) return;
    sim.note('people: a branch is cut');
    repository.branches.set(branch, new Timeline(now, at));
    const by = persons[who];
    addDeed(repository, { kind: 'cut', name: branch, commit: at, by, at: now(), isKnown: false });
    const ref = `refs/heads/${branch}`;
    webhooks.emit(repository, 'push', by, { kind: 'push', ref, before: nowhere, after: at, forced: false });
  }

  /** Of more than three at once the forge tells nothing. */
  function tag(repository: Repository, { who, word }: Action): void {
    const { said: named, branch } = read(word);
    const commit = repository.branches.get(branch)?.now();
    if (commit === undefined) return;
    const own = versionAt(gitOf(repository), commit)?.text ?? 'none';
    const names = named.replace('own', own).split(', ');
    for (const name of names) {
      const before = setTag(repository, name, commit, who);
      if (before === commit || names.length > 3) continue;
      const ref = `refs/tags/${name}`;
      const detail = { kind: 'push', ref, before: before ?? nowhere, after: commit, forced: before !== null } as const;
      webhooks.emit(repository, 'push', persons[who], detail);
    }
  }

  function setTag(repository: Repository, name: string, commit: Sha, who: Action['who']): Sha | null {
    const { tags } = gitOf(repository);
    const there = tags.get(name) ?? new Timeline<Sha | null>(now, null);
    const before = there.now();
    tags.set(name, there);
    there.set(commit);
    sim.note(before === null ? 'people: a git tag is set' : 'people: a git tag is moved');
    const by = persons[who];
    addDeed(repository, { kind: 'tag', name, commit, by, at: now(), isKnown: isKnown(repository, null) });
    return before;
  }

  function dropTag(repository: Repository, { who, word }: Action): void {
    const there = gitOf(repository).tags.get(word);
    const before = there?.now() ?? null;
    if (there === undefined || before === null) return;
    there.set(null);
    sim.note('people: a git tag is deleted');
    const ref = `refs/tags/${word}`;
    webhooks.emit(repository, 'push', persons[who], {
      kind: 'push',
      ref,
      before,
      after: nowhere,
      forced: false,
    });
  }

  function releaseRuns(repository: Repository): readonly StoredCheckRun[] {
    const { model } = gitOf(repository);
    const all = [...forge.checkRuns.values()].flat().filter(({ commit }) => model.get(commit) !== undefined);
    return all.filter(({ name }) => name.startsWith('sluice/release/') || name.startsWith('sluice/tag/'));
  }

  /** A button is pressed where there is one; else Re-run on what has ended. */
  function press(repository: Repository, { who, word }: Action): void {
    const runs = releaseRuns(repository);
    const held = runs.filter(({ actions }) => actions.includes('release'));
    const among = held.length > 0 ? held : runs.filter(isCompleted);
    const run = among[Number(word) % Math.max(1, among.length)];
    if (run === undefined) return;
    const isHeld = held.length > 0;
    sim.note(isHeld ? 'people: a release is let through' : 'people: Re-run on a release');
    const by = persons[who];
    if (isHeld)
      addDeed(repository, { kind: 'press', name: run.name, commit: run.commit, by, at: now(), isKnown: true });
    webhooks.emit(repository, isHeld ? 'check_run.requested_action' : 'check_run.rerequested', by, {
      kind: 'check-button',
      button: isHeld ? 'action' : 'rerun',
      head: run.commit,
      check: run.name,
      externalId: run.externalId,
      identifier: isHeld ? 'release' : null,
      numbers: [],
    });
  }

  return {
    act(repository, action) {
      switch (action.what) {
        case 'version push':
          push(repository, action);
          return true;
        case 'take back':
          takeBack(repository, action);
          return true;
        case 'cut branch':
          cut(repository, action);
          return true;
        case 'git tag':
        case 'many tags':
          tag(repository, action);
          return true;
        case 'drop tag':
          dropTag(repository, action);
          return true;
        case 'press release':
          press(repository, action);
          return true;
        default:
          return false;
      }
    },
  };
}

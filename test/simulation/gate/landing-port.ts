import type { BranchReading, LandingOutcome } from '../../../src/model/landing.ts';
import type { LandingPush, LedgerEntry } from '../../../src/model/ledger.ts';
import type { Project } from '../../../src/model/project.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { Landing } from '../../../src/ports/landing.ts';
import type { Calls } from '../calls.ts';
import type { Repository } from '../forge-world.ts';
import type { Process } from '../sim.ts';
import { aimAtSeveral } from './aim-at-several.ts';
import { type Clone, cloneOn, type Disk } from './clone.ts';
import { type Forges, gitOf, moveBranch } from './move-branch.ts';
import { type RepositoryGit, tipOf } from './repository-git.ts';
import { whyRefused } from './rules.ts';

/** A landing that the forge is about to carry out. */
export interface LandingAttempt {
  readonly process: Process;
  readonly repository: Repository;
  readonly push: LandingPush;
}

export interface LandingWatch {
  /** Called right before a branch moves. */
  onLand(attempt: LandingAttempt): void;
  onAppend(repository: Repository, entry: LedgerEntry): void;
}

export interface LandingParts extends Forges {
  readonly calls: Calls;
  readonly watch: LandingWatch;
  readonly disk: Disk;
  /** Old ids are not named in a push. */
  readonly leaseless: boolean;
}

const us = { id: 99, login: 'sluice[bot]', kind: 'bot' } as const;

/** The commit that adds an entry to a ledger: the same again for the same entry. */
function ledgerCommit({ model, entries }: RepositoryGit, parent: Sha | null, entry: LedgerEntry): Sha {
  const text = JSON.stringify(entry);
  const commit = model.commit({ entry: text }, parent === null ? [] : [parent], `ledger ${entry.sequence}`);
  entries.set(commit, entry);
  return commit;
}

/** The ledger as its reader verifies it: every commit ours, every number the next. */
function readLedger(git: RepositoryGit, branch: string): BranchReading['ledger'] {
  const head = git.ledgers.get(branch) ?? null;
  const entries: LedgerEntry[] = [];
  for (let at: Sha | undefined = head ?? undefined; at !== undefined; at = git.model.get(at)?.parents[0]) {
    const entry = git.entries.get(at);
    if (!entry) return { kind: 'broken', because: `ledger commit ${at} is not signed by a key of this server` };
    entries.unshift(entry);
  }
  const gap = entries.findIndex(({ sequence }, index) => sequence !== index + 1);
  if (gap !== -1) return { kind: 'broken', because: `entry ${gap + 1} is missing` };
  return { kind: 'whole', head, entries };
}

/** As `guard-landing.ts`: throws before anything is sent. */
function guard(git: RepositoryGit, project: Project, ledger: Sha | null, entry: LedgerEntry): void {
  const refuse = (because: string) => new Error(`cannot add entry ${entry.sequence} to the ledger: ${because}`);
  const last = ledger === null ? undefined : git.entries.get(ledger);
  if (ledger !== null && last === undefined) throw refuse(`ledger commit ${ledger} is not ours`);
  if (entry.repository !== project.id || (last && last.branch !== entry.branch)) throw refuse('it is of another one');
  if (entry.sequence !== (last?.sequence ?? 0) + 1) throw refuse(`the next one is ${(last?.sequence ?? 0) + 1}`);
}

function guardPush(git: RepositoryGit, push: LandingPush): void {
  const { branch, to } = push;
  const refuse = (because: string) => new Error(`cannot land ${to} on ${branch} at ${push.from}: ${because}`);
  let { from } = push;
  for (const { detail, branch: named } of entriesOfPush(push)) {
    if (detail.kind !== 'landed' || detail.from !== from || named !== branch)
      throw refuse('its ledger entry says something else');
    let at: Sha | undefined = detail.commit;
    while (at !== from) {
      if (at === undefined) throw refuse('it does not stand on it');
      at = git.model.get(at)?.parents[0];
    }
    from = detail.commit;
  }
  if (from !== to) throw refuse('its ledger entry says something else');
}

/** All that one push adds to the ledger, oldest first. */
export function entriesOfPush({ inside = [], entry }: LandingPush): readonly LedgerEntry[] {
  return [...inside, entry];
}

function firstParentsOf({ model }: RepositoryGit, commit: Sha, count: number): readonly Sha[] {
  const found: Sha[] = [];
  for (let at = model.get(commit)?.parents[0]; at !== undefined && found.length < count; at = model.get(at)?.parents[0])
    found.push(at);
  return found;
}

/** Git and the forge as one process reaches them for landing. */
export function landingPort(parts: LandingParts, process: Process): Landing {
  const { sim, calls, forge, watch } = parts;
  const draws = sim.chance.stream('landings');
  const placeOf = (project: Project): { repository: Repository; git: RepositoryGit; clone: Clone } => {
    const repository = forge.repositoryOf(project);
    const git = gitOf(repository);
    return { repository, git, clone: cloneOn(parts.disk, project.id, git) };
  };
  /** What is asked of the forge itself, not of the clone. */
  const reach = (project: Project): ReturnType<typeof placeOf> => {
    forge.mustAnswer();
    const place = placeOf(project);
    if (!place.repository.seen.now()) throw new Error('remote: Repository not found');
    return place;
  };
  const demand = (place: ReturnType<typeof placeOf>, commit: Sha): void => {
    if (!place.clone.bring(place.git, commit)) throw new Error(`the remote has no ${commit}`);
  };

  /** The forge's part of a push of entries, oldest first, and of a branch: all or nothing. */
  function pushEntries(
    project: Project,
    ledger: Sha | null,
    entries: readonly [LedgerEntry, ...LedgerEntry[]],
    push: LandingPush | null,
  ): LandingOutcome {
    const { repository, git } = reach(project);
    const [entry, ...later] = entries;
    const { branch } = entry;
    const commits = [ledgerCommit(git, ledger, entry)];
    for (const each of later) commits.push(ledgerCommit(git, commits.at(-1) ?? null, each));
    const next = commits.at(-1) as Sha;
    const at = { tip: tipOf(repository.branches, branch), ledger: git.ledgers.get(branch) ?? null };
    if (at.ledger === next && (push === null || at.tip === push.to)) return { kind: 'landed', ledger: next };
    if (at.ledger !== ledger || (push !== null && !parts.leaseless && at.tip !== push.from))
      return { kind: 'moved', because: '[rejected] (stale info)' };
    const refusal = push === null ? null : whyRefused(sim, forge, repository, push);
    if (refusal !== null) return { kind: 'refused', because: refusal };
    if (push !== null) watch.onLand({ process, repository, push });
    else watch.onAppend(repository, entry);
    git.ledgers.set(branch, next);
    for (const commit of commits) {
      git.arrived.set(commit, sim.time.now());
      git.pushed.add(commit);
      sim.note(`ledger: ${entry.detail.kind}`);
    }
    if (push !== null) moveBranch(parts, repository, branch, push.to, { person: us, ours: true });
    return { kind: 'landed', ledger: next };
  }

  function pushWhole(project: Project, push: LandingPush): LandingOutcome {
    const [first = push.entry, ...later] = entriesOfPush(push);
    return pushEntries(project, push.ledger, [first, ...later], push);
  }

  /** A push whose end nobody waits for any more may still take place. */
  function arriveLate(project: Project, push: LandingPush): LandingOutcome {
    sim.note('landing: a push arrives late');
    sim.time.after(draws.between(5_000, 140_000), () => {
      try {
        pushWhole(project, push);
      } catch (cause) {
        sim.tell(() => `the late push failed: ${String(cause)}`);
      }
    });
    return { kind: 'unknown', because: 'git push ended timeout' };
  }

  const ask = <T>(what: string, effect: () => T): Promise<T> => calls.call(process, `landing.${what}`, effect);

  return {
    read: (project, branch) =>
      ask('read', () => {
        const place = reach(project);
        const tip = tipOf(place.repository.branches, branch);
        if (tip !== null) place.clone.bring(place.git, tip);
        return { tip, ledger: readLedger(place.git, branch) };
      }),
    make: (project, request) =>
      ask('make', () => {
        const place = placeOf(project);
        for (const commit of [request.parent, request.head]) {
          if (place.clone.has(commit)) continue;
          forge.mustAnswer();
          if (!place.clone.bring(place.git, commit)) return { kind: 'missing', because: `${commit} is not to be had` };
        }
        const made = place.git.model.make(request);
        if (made.kind === 'made') place.clone.add(made.commit);
        return made;
      }),
    publish: (project, commits) =>
      ask('publish', () => {
        const place = reach(project);
        for (const commit of commits) {
          if (!place.clone.has(commit)) throw new Error(`error: src refspec ${commit} does not match any`);
          place.git.candidates.add(commit);
        }
      }),
    land: (project, push) => {
      aimAtSeveral(parts, process, push);
      return ask('land', () => {
        const place = placeOf(project);
        demand(place, push.to);
        guardPush(place.git, push);
        guard(place.git, project, push.ledger, entriesOfPush(push)[0] ?? push.entry);
        if (sim.faultsOn() && draws.happens(sim.knobs.rates.pushLate)) return arriveLate(project, push);
        const outcome = pushWhole(project, push);
        sim.note(`landing: ${outcome.kind}`);
        return outcome;
      });
    },
    append: (project, ledger, entry) =>
      ask('append', () => {
        guard(placeOf(project).git, project, ledger, entry);
        return pushEntries(project, ledger, [entry], null);
      }),
    // No project of the simulation asks for it.
    cut: (_project, branch) => Promise.reject(new Error(`the branch ${branch} is to be created`)),
    offer: (_project, branch) => Promise.reject(new Error(`the branch ${branch} is to be offered`)),
    close: (_project, branch) => Promise.reject(new Error(`the branch ${branch} is to be closed`)),
    async sweep(project, keep) {
      const listed = await ask('sweep', () => [...reach(project).git.candidates]);
      const kept = await keep();
      const gone = listed.filter((commit) => !kept.has(commit));
      if (gone.length === 0) return 0;
      return ask('sweep', () => {
        const { git } = reach(project);
        for (const commit of gone) git.candidates.delete(commit);
        return gone.length;
      });
    },
    contains: (project, tip, commit) =>
      ask('contains', () => {
        const place = placeOf(project);
        if (!place.clone.has(tip)) forge.mustAnswer();
        demand(place, tip);
        return place.clone.has(commit) && place.git.model.contains(tip, commit);
      }),
    treeOf: (project, commit) =>
      ask('treeOf', () => {
        const place = placeOf(project);
        if (!place.clone.has(commit)) forge.mustAnswer();
        demand(place, commit);
        return place.git.model.get(commit)?.tree as Sha;
      }),
    firstParents: (project, commit, count) =>
      ask('firstParents', () => {
        const place = placeOf(project);
        if (!place.clone.has(commit)) forge.mustAnswer();
        demand(place, commit);
        return firstParentsOf(place.git, commit, count);
      }),
    ledgers: (project) =>
      ask('ledgers', () => {
        forge.mustAnswer();
        return [...placeOf(project).git.ledgers.keys()];
      }),
    knowsCandidate: (project, _number, digits) =>
      ask('knowsCandidate', () => {
        const { clone, git } = placeOf(project);
        return clone.knows(digits) || [...git.candidates].some((sha) => sha.startsWith(digits));
      }),
    gitVersion: () => ask('gitVersion', () => '2.39.5'),
  };
}

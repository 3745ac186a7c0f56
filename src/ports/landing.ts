import type { BranchReading, CandidateOutcome, CandidateRequest, LandingOutcome } from '../model/landing.ts';
import type { LandingPush, LedgerEntry } from '../model/ledger.ts';
import type { Project } from '../model/project.ts';
import type { Sha } from '../model/sha.ts';

export type { BranchReading, CandidateOutcome, CandidateRequest, LandingOutcome, LandingPush };

/** A change of one file on top of a commit; `content` is the whole file, `message` a line. */
export interface FileChange {
  readonly at: Sha;
  readonly path: string;
  readonly content: string;
  readonly message: string;
}

export type CloseOutcome = { readonly kind: 'closed' } | { readonly kind: 'refused'; readonly because: string };

/** Makes candidates, shows them to pods, and moves branches. Throws when git or the forge give no answer. */
export interface Landing {
  /** Branch and ledger in one look, fetched and verified. */
  read(project: Project, branch: string): Promise<BranchReading>;
  make(project: Project, request: CandidateRequest): Promise<CandidateOutcome>;
  /** Pushes these under `refs/sluice/candidate/`, in one push; those that are there already are left. */
  publish(project: Project, commits: readonly Sha[]): Promise<void>;
  /** One atomic push of branch and ledger entries, both with the old id named. Never tries again by itself. */
  land(project: Project, push: LandingPush): Promise<LandingOutcome>;
  /** Adds an entry to the ledger alone; `moved` when its newest commit is another one. */
  append(project: Project, ledger: Sha | null, entry: LedgerEntry): Promise<LandingOutcome>;
  /**
   * Creates a branch of the project at a commit that is there. One of that name stays as it is; whether it is there is only ever
   * read. `refused`: the forge lets nobody or not us, in its words; nothing was tried again.
   */
  cut(project: Project, branch: string, at: Sha): Promise<{ kind: 'asked' } | { kind: 'refused'; because: string }>;
  /**
   * Creates a branch with this change on it, where none of that name is: one that is there stays, whoever went on with it.
   * `refused` as by `cut`.
   */
  offer(
    project: Project,
    branch: string,
    change: FileChange,
  ): Promise<{ kind: 'asked' } | { kind: 'refused'; because: string }>;
  /**
   * Takes a branch away that is at this commit, which from then on is kept under another ref, whole: all or nothing, and once.
   * Asked again it says the same. `refused`: it went on, or is back or gone by somebody's hand, or the forge does not let us.
   */
  close(project: Project, branch: string, at: Sha, kept: string): Promise<CloseOutcome>;
  /**
   * Takes candidates away that are in none of `keep`; gives how many. What to keep is asked after they were listed: what is
   * published later is not among them.
   */
  sweep(project: Project, keep: () => Promise<ReadonlySet<Sha>>): Promise<number>;
  /** True when `commit` is `tip` or one of its ancestors; the tip is fetched if need be, with all that it stands on. */
  contains(project: Project, tip: Sha, commit: Sha): Promise<boolean>;
  /** The commits before this one along its first parents, newest first, at most so many. Throws when one is not to be had. */
  firstParents(project: Project, commit: Sha, most: number): Promise<readonly Sha[]>;
  /** Names of the branches that have a ledger. */
  ledgers(project: Project): Promise<readonly string[]>;
  /**
   * Whether a commit that begins with these 12 digits was made for this change of this project, as far as its clone here and
   * its candidates tell; `number` 0: for a push. What names no change may be of any.
   */
  knowsCandidate(project: Project, number: number, digits: string): Promise<boolean>;
  /** The tree of a commit, which is fetched if need be. Throws when it is not to be had. */
  treeOf(project: Project, commit: Sha): Promise<Sha>;
  /** The version of git that merges: part of the verdict. */
  gitVersion(): Promise<string>;
}

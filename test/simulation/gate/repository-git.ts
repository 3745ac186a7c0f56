import type { LedgerEntry } from '../../../src/model/ledger.ts';
import type { Person } from '../../../src/model/person.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { Timeline } from '../timeline.ts';
import { createGitModel, type GitModel } from './git-model.ts';

/** What the forge holds of one repository in git: it outlives everything of ours. */
export interface RepositoryGit {
  readonly model: GitModel;
  /** What candidate refs name. */
  readonly candidates: Set<Sha>;
  /** Where each branch's ledger is. */
  readonly ledgers: Map<string, Sha>;
  /** Until when somebody else's commit stood in a branch's ledger, so that nothing in it counts; infinite: it stands there. */
  readonly unsoundUntil: Map<string, number>;
  /** The entry that a commit of a ledger holds; a commit of somebody else has none. */
  readonly entries: Map<string, LedgerEntry>;
  /** When each commit of a ledger came to be there (ms), which may be long after the time that its entry is given. */
  readonly arrived: Map<string, number>;
  /** Commits that pull requests and branches had: they can be fetched for good. */
  readonly pushed: Set<Sha>;
  /** Trees of merges that were only looked at: wherever they were made, all can read them here. */
  readonly looked: Set<string>;
  /** Every tip that a branch ever had, with who moved it. */
  readonly moves: Move[];
  /** Landings that were asked for without a comment: by the operator (null), or by a press of Re-run on the gate's check. */
  readonly asked: { readonly number: number; readonly head: Sha; readonly at: number; readonly by: number | null }[];
  /** Git tags: what each names, with all that it ever did; null: it is not there. */
  readonly tags: Map<string, Timeline<Sha | null>>;
  readonly issues: StoredIssue[];
}

export interface Move {
  readonly branch: string;
  readonly from: Sha;
  readonly to: Sha;
  readonly at: number;
  readonly ours: boolean;
  readonly by: Person;
  /** The App had a record of the branch when it moved. */
  readonly isKnown: boolean;
}

/** An issue that our bot opened. */
export interface StoredIssue {
  readonly number: number;
  title: string;
  body: string;
  isOpen: boolean;
  /** The person who closed it last; null: nobody, or we did. */
  closedBy: Person | null;
}

export function createRepositoryGit(): RepositoryGit {
  return {
    model: createGitModel(),
    candidates: new Set(),
    ledgers: new Map(),
    unsoundUntil: new Map(),
    entries: new Map(),
    arrived: new Map(),
    pushed: new Set(),
    looked: new Set(),
    moves: [],
    asked: [],
    tags: new Map(),
    issues: [],
  };
}

/** True when the forge gives this commit, or this tree of one, to whoever asks for it. */
export function isOnForge(git: RepositoryGit, id: string): boolean {
  const { model, pushed, candidates } = git;
  const commit = model.get(id);
  if (!commit) return model.withTree(id).some(({ sha }) => isOnForge(git, sha));
  return pushed.has(commit.sha) || [...candidates, ...pushed].some((each) => model.contains(each, commit.sha));
}

/** The entries of a ledger, oldest first; null where a commit of it is not ours. */
export function entriesOf(git: RepositoryGit, branch: string): readonly LedgerEntry[] | null {
  const found: LedgerEntry[] = [];
  for (let at = git.ledgers.get(branch); at !== undefined; at = git.model.get(at)?.parents[0]) {
    const entry = git.entries.get(at);
    if (!entry) return null;
    found.unshift(entry);
  }
  return found;
}

/** What landed and is still there: in the ledger, and contained in the branch. */
export function landedIn(git: RepositoryGit, branch: string, tip: Sha) {
  return (entriesOf(git, branch) ?? []).flatMap(({ detail }) =>
    detail.kind === 'landed' && git.model.contains(tip, detail.commit) ? [detail] : [],
  );
}

export function tipOf(branches: ReadonlyMap<string, Timeline<Sha>>, branch: string): Sha | null {
  return branches.get(branch)?.now() ?? null;
}

import type { CheckRunReport } from './check-run.ts';
import type { Person } from './person.ts';
import type { JobRecord } from './presubmit.ts';
import type { Project } from './project.ts';
import type { Proposed } from './proposal.ts';
import type { ReleaseWish } from './release.ts';
import type { Sha } from './sha.ts';

/** What one push to a branch came to: its jobs at the commit that it ended with. */
export interface PushRun {
  readonly commit: Sha;
  readonly tree: Sha;
  /** What the branch pointed at before; null: it was new, or that is gone. */
  readonly before: Sha | null;
  /** More than what changed since may have been pushed with it, which nothing shows after a loss; left out: it is known. */
  readonly isUnsure?: true;
  /** It was judged while the ledger could not be trusted, so that it may be what landed; left out: it is none. */
  readonly isUnread?: true;
  /** When it was first seen (ms). */
  readonly at: number;
  /** Who pushed it; null: nobody told. */
  readonly by: Person | null;
  readonly jobs: readonly JobRecord[];
  /** By job, then image: its tags, filled in; without tags it is pushed nowhere. */
  readonly tags: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** What `sluice/version` says of it; null: the project has no versions. */
  readonly version: PushWords | null;
  /** The project only tries us out: nothing is uploaded, and everything is reported neutral. */
  readonly shadow: boolean;
  /** Releases that it asks for, oldest first: each is asked for once the one before it has ended; left out: none. */
  readonly releases?: readonly PushedRelease[];
  /** The branch that it is the signal for; left out: none. */
  readonly cut?: BranchCut;
  /** Release branches that are closed with it; left out: none. */
  readonly closes?: readonly BranchClose[];
  /** The next dev versions that it proposes; left out: none. */
  readonly proposals?: readonly Proposed[];
  /** What people were answered who pressed Re-run in vain, oldest first; left out: nobody did. */
  readonly answers?: readonly PressAnswer[];
  /** When nothing was left to do for it (ms); null: something is. */
  readonly endedAt: number | null;
  /** What its builds and check runs are told apart by from those of another run at the same commit; left out: a push. */
  readonly entry?: string;
  /** Counts how often it was begun: at first, and by each Re-run after its end; left out: once. */
  readonly request?: number;
}

/** Stands beneath what a check run says, for as long as that is told. */
export interface PressAnswer {
  readonly externalId: string;
  readonly line: string;
}

/** A branch that is to be created where main left a version behind (versions.md V21, V22): never moved, never created twice. */
export interface BranchCut {
  readonly branch: string;
  readonly at: Sha;
  /** As it is written there. */
  readonly version: string;
  /** What became of it, for people; null: nothing yet. */
  readonly ended: { readonly kind: 'there' | 'failed'; readonly because: string } | null;
}

/** A release branch that is to be taken away, as newer ones stay (`version.automation.keepBranches`). */
export interface BranchClose {
  readonly branch: string;
  readonly at: Sha;
  /** So many newer ones stay. */
  readonly keep: number;
  /** What became of it, for people; `kept`: it stays, with the reason; null: nothing yet. */
  readonly ended: { readonly kind: 'closed' | 'kept'; readonly because: string } | null;
}

/** A release that a push asks for, and how it ended; null: it has not, `because` in words for people. */
export interface PushedRelease {
  readonly wish: ReleaseWish;
  /** When it was first asked for (ms); left out: it was not. */
  readonly askedAt?: number;
  readonly ended: { readonly kind: 'published' | 'failed' | 'held'; readonly because: string } | null;
}

/** One line for people, with what each job does. */
export interface PushWords {
  readonly state: 'building' | 'skipped' | 'failure' | 'action_required';
  readonly title: string;
  /** Markdown. */
  readonly summary: string;
}

/** Who brought a branch from one commit to another; null: it was not there. */
export interface Pusher {
  readonly before: Sha | null;
  readonly after: Sha;
  readonly by: Person;
  /** It was taken back, which brings nothing; left out: it was not. */
  readonly isBack?: true;
}

/** The document of one pushed branch (design.md §2). */
export interface PushRecord {
  readonly schema: 1;
  readonly project: Project;
  readonly branch: string;
  /** What the branch pointed at when it was last looked at: all before was judged. */
  readonly seen: Sha;
  /** It was just created on what other branches hold, and nobody has said yet what that means; left out: somebody has. */
  readonly isCut?: true;
  /**
   * From where on it is judged, where only what the forge told shows that: what is told later of pushes up to there is judged for
   * what it releases; left out: something else shows it.
   */
  readonly from?: Sha;
  /** The newest of what was told meanwhile and leads nowhere yet, as it may be told in any order; left out: nothing. */
  readonly told?: readonly Pusher[];
  /** Nothing shows whether the last push up to `seen` was ever judged: who tells of it has it judged; left out: it was. */
  readonly isUntold?: true;
  /** `seen` is only what stands beneath something that was lost, so that more may have been pushed with it; left out: it is known. */
  readonly isUnsure?: true;
  /** After a loss: what stands open of pushes that nothing is done for any more, as it is to end; left out: nothing does. */
  readonly orphans?: readonly CheckRunReport[];
  /** Oldest first; those that ended stay until people were told, and that of `seen` for whoever presses Re-run. */
  readonly runs: readonly PushRun[];
}

import type { Build, BuildId, BuildResult } from './build.ts';
import type { Effect } from './effect.ts';
import type { Semaphore } from './job.ts';
import type { Sibling } from './order.ts';
import type { Person } from './person.ts';
import type { Project } from './project.ts';
import type { Approval, PullRequest } from './pull-request.ts';
import type { Sha } from './sha.ts';

/** The document of one pull request's presubmits; the only thing that a pass changes. */
export interface PresubmitRecord {
  readonly schema: 1;
  readonly project: Project;
  readonly number: number;
  /** As last read; null: never, or it is gone. */
  readonly pull: PullRequest | null;
  /** Id of its author, also while it cannot be seen; left out: never read, or before this was kept. */
  readonly author?: number;
  /** False for one that was open before the App saw the repository and has had no event since: nothing starts by itself. */
  readonly awake: boolean;
  /** Since when (ms) nothing is known of it but what the forge said with the opening: it is asked soon. */
  readonly unconfirmed?: number;
  /** A landing was asked for: the queue is told of what is heard. */
  readonly gated?: boolean;
  /** The base branch whose queue was last told of something. */
  readonly gatedOn?: string;
  readonly change: ChangeRecord | null;
  /** Requests that no longer count and still have something to stop or to conclude. */
  readonly retired: readonly RetiredRequest[];
  readonly approvals: readonly Approval[];
  readonly comments: CommentWatermark;
  /** Answers that were decided and are not known to have been given. */
  readonly outbox: readonly Answering[];
}

/** An answer owed to a person, or a word to a queue: saved before it is given, dropped once it was. */
export interface Answering {
  /** Names it; the same answer again has the same id. */
  readonly id: string;
  readonly effect: Extract<Effect, { kind: 'reply' | 'react' | 'tell' }>;
}

export interface CommentWatermark {
  /** Comments created before this time were all looked at (ms). */
  readonly since: number;
  /** Keys of the newest ones looked at, at most 200. */
  readonly handled: readonly string[];
}

/** What is known of one head on one base branch. */
export interface ChangeRecord {
  readonly head: Sha;
  readonly baseRef: string;
  /** Automatic jobs were decided; again only after it was closed or a draft in between. */
  readonly planned: boolean;
  /** When a pass first saw this head (ms); left out in records of earlier versions. */
  readonly seenAt?: number;
  readonly jobs: readonly JobRecord[];
  /** How often the check run `sluice` was written anew: a final one is never reopened. */
  readonly revision: number;
  /** Conclusion and title of the last one, to see whether a new one is due. */
  readonly told: string;
  /** The project only tries us out: everything is reported neutral. */
  readonly shadow: boolean;
  /** The last word that was told to take this head out of the queue, for a queue that loses it. */
  readonly dequeued?: {
    readonly by: Person | null;
    readonly permission: string;
    readonly at: number;
    readonly order?: number;
  };
  /** It conflicts with its base as that was last read: what moves the base tells nothing of it, so it is looked at again by itself. */
  readonly conflicts?: true;
  /** It entered the gate, and what ran of it then was stopped; once for a head. */
  readonly superseded?: true;
}

/** What a request builds: the base tip it was planned on and the tree of the merge. */
export interface PlannedTree {
  readonly base: Sha;
  readonly tree: Sha;
  /** Commit of the organisation's own file that it is planned under, so that its jobs stay what they are; left out: there is none. */
  readonly organisation?: Sha;
}

export type JobStatus =
  /** Decided not to build; the check run is concluded `skipped`. */
  | {
      readonly kind: 'skipped';
      /** In the gate: for certain nothing of it applies, so that it counts as passed. */
      readonly definite?: boolean;
      /** After a push: a job that it needs did not pass; it goes on once that one is run again. */
      readonly byNeeds?: true;
    }
  /** Waits for the jobs it needs. */
  | { readonly kind: 'blocked' }
  | { readonly kind: 'building'; readonly builds: readonly Build[] }
  /** Everything ended; `builds` is empty when the result was read back from the forge. */
  | { readonly kind: 'ended'; readonly result: BuildResult; readonly builds: readonly Build[] };

/** The latest request of one job on one head. */
export interface JobRecord {
  readonly job: string;
  readonly required: boolean;
  /** Why it was started or skipped. */
  readonly because: string;
  readonly definition: string;
  readonly request: number;
  readonly tree: PlannedTree;
  /** Names of the images that are built of it, decided once with the request; left out: all that it has. */
  readonly images?: readonly string[];
  /** Commits of its images' siblings, decided once: its builds and their retries check out these; left out: none. */
  readonly siblings?: readonly Sibling[];
  /** They could not be looked at yet: it stays blocked, and the forge is asked again. */
  readonly waitsForSiblings?: boolean;
  readonly status: JobStatus;
  /** It was skipped because the pull request had none of its labels: one that is put on starts it; left out: it was not. */
  readonly lacksLabel?: true;
  /** The pool in whose line its builds wait. */
  readonly pool: string;
  /** What its builds wait for besides; left out: nothing. */
  readonly semaphore?: Semaphore;
  /** As of its job (`Job.onNew`); left out: what waits makes room for a newer push. */
  readonly onNew?: 'queue';
  /** Jobs that need it get what it keeps: its success alone is not enough to go on with; left out: it keeps nothing. */
  readonly keeps?: true;
  /** In the gate: it was not run, as it had passed before in this build; left out: it has builds of its own, or none. */
  readonly before?: BuildId;
  /** Its result was found on the forge after a loss: it stands there already. */
  readonly readBack: boolean;
}

export interface RetiredRequest {
  readonly head: Sha;
  readonly entry: string;
  readonly job: JobRecord;
  /** Why it was stopped, for the check run and the author; null: it had ended, and only its end is not known to be told. */
  readonly because: string | null;
  /** Since when its end is wished for, which the forge does not show yet, ms; left out: it is not wished for, or was just now. */
  readonly wishedAt?: number;
}

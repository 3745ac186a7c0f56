import type { Person } from './person.ts';
import type { PullRequest } from './pull-request.ts';
import type { ReleaseWish } from './release.ts';
import type { Sha } from './sha.ts';

/** Something the forge told us, parsed and trimmed to what we use (at most 2 KB); a hint that something may have changed. */
export interface ForgeEvent {
  /** The delivery's GUID; the same for a redelivery. */
  readonly delivery: string;
  /** The forge's name for it, as `pull_request.opened`. */
  readonly name: string;
  readonly installation: number | null;
  readonly repository: EventRepository | null;
  readonly sender: Person | null;
  readonly receivedAt: number;
  readonly detail: EventDetail;
}

export interface EventRepository {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
}

export interface GateCommand {
  readonly command: 'gate' | 'dequeue' | 'hold' | 'unhold' | 'priority' | 'override' | 'freeze' | 'thaw' | 'hint';
  /** 0 for the whole queue. */
  readonly number: number;
  /** The head it is meant for; null where it is none's. */
  readonly head: Sha | null;
  readonly by: Person | null;
  readonly permission: string;
  /** When it was said (ms): the latest of a family wins. */
  readonly at: number;
  /** Among what was said at the same time, as a forge tells whole seconds: the greater is the later; left out: 0. */
  readonly order?: number;
  /** The lane, the check's name, or the reason. */
  readonly words: string;
  /** It is not said now: our own check run, which was open when it was read, keeps it. */
  readonly found?: boolean;
  /** How many check runs a request that is found again has concluded. */
  readonly runs?: number;
}

export type EventDetail =
  /** Anything that may change what is true of one pull request. */
  | {
      readonly kind: 'pull-request';
      readonly number: number;
      readonly head: Sha | null;
      /** What the forge says with the opening itself; only there when the text holds nothing that might be a command. */
      readonly opened?: PullRequest;
    }
  /** A person pressed something on a check run of ours: the forge keeps no trace of it, so the event is the record. */
  | {
      readonly kind: 'check-button';
      readonly button: 'rerun' | 'rerun-all' | 'action';
      readonly head: Sha;
      /** Empty for `rerun-all`. */
      readonly check: string;
      readonly externalId: string;
      /** Which button for `action`, else null. */
      readonly identifier: string | null;
      /** What the event names; empty for forks: then the head finds it. */
      readonly numbers: readonly number[];
    }
  /** Another App, or a person, reported on a commit: what is asked of the changes that have it as their head may hold now, or no more. */
  | { readonly kind: 'head'; readonly head: Sha }
  | { readonly kind: 'push'; readonly ref: string; readonly before: Sha; readonly after: Sha; readonly forced: boolean }
  /** For a queue: somebody was heard on the pull request, or something may have changed there (`hint`). */
  | ({ readonly kind: 'gate' } & GateCommand)
  /** For a promote line: something landed there, or somebody (`by`) asked to try again at once. */
  | { readonly kind: 'promote'; readonly by: Person | null }
  /** For a release: somebody's push, or a tag, asks for it; `isBack`: the forge shows more of it at that commit than is known; `isRecorded`: a ledger has it begun from there. */
  | { readonly kind: 'release'; readonly wish: ReleaseWish; readonly isBack?: true; readonly isRecorded?: true }
  /** The set of repositories or their properties changed: everything of that installation or repository is read anew. */
  | { readonly kind: 'repositories' }
  /** Not one of ours, and why. */
  | { readonly kind: 'ignored'; readonly because: string };

import type { Fault } from '../../../src/demo/github/faults.ts';
import type { StandInGitHub } from '../../../src/demo/github/server.ts';
import type { Passing } from '../../harness/tcp-proxy.ts';

/** A change that is asked for, alone in a repository of its own. */
export interface CrashedChange {
  readonly repo: string;
  readonly repositoryId: number;
  readonly number: number;
  readonly head: string;
  /** What its builds are traced as, and where one waits while the file is there. */
  readonly text: string;
}

/** What a trap on the forge is given. */
export interface Trap {
  readonly github: StandInGitHub;
  readonly change: CrashedChange;
  /** The process stands where it is to die. */
  readonly reached: () => void;
  /** It is dead: what still stands is cut off. */
  readonly dead: Promise<'cut'>;
  /** Its successor works. */
  readonly succeeded: Promise<void>;
}

/** Where a process dies; everything but `build` makes it stand still there until it does. */
export type CrashPoint =
  /** At a request to GitHub. */
  | { readonly at: 'forge'; readonly arm: (trap: Trap) => void }
  /** At a command to Redis that holds these words, or at its answer. */
  | {
      readonly at: 'redis';
      readonly of: 'web' | 'worker';
      readonly what: Extract<Passing, { kind: 'hold' }>['what'];
      readonly words: (change: CrashedChange) => RegExp;
    }
  /** While its build runs, which ends before anybody is there again. */
  | { readonly at: 'build' };

type Match = Pick<Fault, 'method' | 'path' | 'body'>;

/** Without end: what is tried again stands still, too. */
const always = 10_000;

/** Nothing more of this change gets through: neither a second attempt nor what would follow. */
function freeze({ github, change, dead }: Trap): void {
  const until = () => dead;
  const does = { kind: 'hold', when: 'before', until } as const;
  github.faults.add({ path: new RegExp(`/${change.repo}(\\.git)?/`), count: always, does });
}

/** Dies before this request has an effect, or after it and before it is answered. */
export function atRequest(when: 'before' | 'after', match: (change: CrashedChange) => Match): CrashPoint {
  return { at: 'forge', arm: (trap) => armAt(trap, when, match) };
}

function armAt(trap: Trap, when: 'before' | 'after', match: (change: CrashedChange) => Match): void {
  const until = async () => {
    freeze(trap);
    trap.reached();
    return trap.dead;
  };
  trap.github.faults.add({ ...match(trap.change), does: { kind: 'hold', when, until } });
}

/** Dies before this request has an effect; the git that sends it does not, and gets through when the next process works. */
export function atOrphanedRequest(match: (change: CrashedChange) => Match): CrashPoint {
  return {
    at: 'forge',
    arm: (trap) => {
      const until = async () => {
        trap.reached();
        await trap.dead;
        await trap.succeeded;
        return 'go' as const;
      };
      trap.github.faults.add({ ...match(trap.change), does: { kind: 'hold', when: 'before', until } });
    },
  };
}

/**
 * Dies at the first request of the second kind after one of the first, which had its effect: it was answered, or the answer
 * was lost and it lives on without.
 */
export function following(
  match: (change: CrashedChange) => Match,
  isAnswered: boolean,
  when: 'before' | 'after',
  next: (change: CrashedChange) => Match,
): CrashPoint {
  return {
    at: 'forge',
    arm: (trap) => {
      const until = async () => {
        armAt(trap, when, next);
        return isAnswered ? ('go' as const) : ('cut' as const);
      };
      const first = isAnswered ? 'before' : 'after';
      trap.github.faults.add({ ...match(trap.change), does: { kind: 'hold', when: first, until } });
    },
  };
}

/** Dies before the queue's record with these words is saved, or after it is and before that is known. */
export function atSave(when: 'before' | 'after', words: string): CrashPoint {
  const what = when === 'before' ? 'request' : 'answer';
  return {
    at: 'redis',
    of: 'worker',
    what,
    // One command, not two of which the first names the record and the second holds the words.
    words: ({ repositoryId }) => new RegExp(`doc:queue/${repositoryId}/main\\r\\n(?:(?!\\r\\n\\*\\d)[^])*${words}`),
  };
}

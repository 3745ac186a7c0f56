import { setTimeout as sleep } from 'node:timers/promises';
import type { Sha } from '../../model/sha.ts';

/** A program is started for it: not while who asked is still on his way. */
const behindMs = 300;

interface Tip {
  readonly at: number;
  readonly commit: Promise<Sha | undefined>;
  /** Being read anew behind the back of those who still get this one. */
  renewing: boolean;
}

export interface BranchTips {
  /** Where a branch points, at most `maxAgeMs` old; undefined: there is no such branch. */
  tipOf(branch: string, read: () => Promise<Sha | undefined>): Promise<Sha | undefined>;
  /** The forge said that it went from one commit to another; what does not follow on what is known makes it be read anew. */
  moved(branch: string, before: Sha, after: Sha): void;
}

/** Remembers the tips of one repository's branches. With an age of 0 nothing is remembered. */
export function createBranchTips(maxAgeMs: number, now: () => number): BranchTips {
  const tips = new Map<string, Tip>();

  function renew(branch: string, read: () => Promise<Sha | undefined>): Promise<Sha | undefined> {
    const commit = read();
    const tip: Tip = { at: now(), commit, renewing: false };
    tips.set(branch, tip);
    commit.catch(() => tips.get(branch) === tip && tips.delete(branch));
    return commit;
  }

  /** So that those who come steadily never wait for it. */
  async function renewBehind(branch: string, old: Tip, read: () => Promise<Sha | undefined>): Promise<void> {
    old.renewing = true;
    await sleep(behindMs, undefined, { ref: false });
    const at = now();
    read().then(
      (commit) =>
        tips.get(branch) === old && tips.set(branch, { at, commit: Promise.resolve(commit), renewing: false }),
      () => {
        // It is read again, and then told, when this one is too old.
        old.renewing = false;
      },
    );
  }

  return {
    async tipOf(branch, read) {
      const known = tips.get(branch);
      if (maxAgeMs === 0 || known === undefined || now() - known.at >= maxAgeMs) return renew(branch, read);
      if (now() - known.at >= maxAgeMs / 3 && !known.renewing) void renewBehind(branch, known, read);
      return known.commit;
    },
    moved(branch, before, after) {
      const known = tips.get(branch);
      if (known === undefined) return;
      tips.delete(branch);
      void known.commit.then(
        (commit) => {
          if (commit !== before || tips.has(branch)) return;
          tips.set(branch, { at: now(), commit: Promise.resolve(after), renewing: false });
        },
        () => undefined,
      );
    },
  };
}

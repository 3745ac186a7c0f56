import type { LandingMethod } from '../model/queue.ts';
import type { SetupPoint } from '../model/setup.ts';

/** What is to be verified, and who hears of it meanwhile. */
export interface VerifyWish {
  /** `owner/name`. */
  readonly repository: string;
  /** Null: the default branch. */
  readonly branch: string | null;
  /** Folder of the App file. */
  readonly data: string;
  /** What is done now, in a few words. */
  readonly onStep: (words: string) => void;
  readonly newToken: () => string;
  /** What was begun is taken away, then it ends. */
  readonly interrupted: AbortSignal;
}

/** What a landing on one branch would meet: a stable form that others script against; fields are only ever added. */
export interface Verification {
  readonly app: { readonly id: number; readonly slug: string; readonly page: string };
  readonly repository: string;
  /** Null: it was not found out which. */
  readonly branch: string | null;
  /** Null: not known. */
  readonly landing: 'push' | 'merge-endpoint' | null;
  readonly method: LandingMethod | null;
  /** Nothing is in the way where none says `stop`. */
  readonly points: readonly SetupPoint[];
}

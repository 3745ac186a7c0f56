import type { Effect } from './effect.ts';
import type { LandingPush, LedgerEntry } from './ledger.ts';
import type { Project } from './project.ts';
import type { LandingMethod } from './queue.ts';
import type { Sha } from './sha.ts';

/** One request of a queue to the world. All may be repeated; whether a landing happened is only ever read. */
export type GateEffect =
  /** What presubmits ask too; `number` is the pull request it concerns. */
  | { readonly kind: 'on'; readonly project: Project; readonly number: number; readonly effect: Effect }
  | { readonly kind: 'publish'; readonly project: Project; readonly commits: readonly Sha[] }
  | { readonly kind: 'land'; readonly project: Project; readonly number: number; readonly push: LandingPush }
  /** The forge's merge endpoint, for the change that was tested as `candidate`. */
  | {
      readonly kind: 'merge';
      readonly project: Project;
      readonly number: number;
      readonly head: Sha;
      readonly method: LandingMethod;
      readonly message: string;
      readonly candidate: Sha;
    }
  | { readonly kind: 'append'; readonly project: Project; readonly ledger: Sha | null; readonly entry: LedgerEntry }
  | {
      readonly kind: 'label';
      readonly project: Project;
      readonly number: number;
      readonly label: string;
      readonly present: boolean;
    }
  | { readonly kind: 'close'; readonly project: Project; readonly number: number };

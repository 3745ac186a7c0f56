import type { CheckRunReport } from './check-run.ts';
import type { Effect } from './effect.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Proposal } from './proposal.ts';
import type { ImageRef } from './registry.ts';
import type { Digest, Sha } from './sha.ts';

/** One request of a promote line to the world. All may be repeated; whether it happened is only ever read. */
export type PromoteEffect =
  | { readonly kind: 'copy'; readonly from: ImageRef; readonly to: string }
  | { readonly kind: 'tag'; readonly image: ImageRef; readonly tag: string }
  /** `digest` null: whatever it names. */
  | { readonly kind: 'untag'; readonly repository: string; readonly digest: Digest | null; readonly tag: string }
  /** A new branch of the project; one that is there stays as it is. */
  | { readonly kind: 'cut'; readonly branch: string; readonly at: Sha }
  /** A branch of the project is taken away, as so many newer ones stay; its commit is kept. */
  | { readonly kind: 'close'; readonly branch: string; readonly at: Sha; readonly keep: number }
  /** A pull request of ours, where there never was one. */
  | { readonly kind: 'propose'; readonly proposal: Proposal }
  | { readonly kind: 'append'; readonly ledger: Sha | null; readonly entry: LedgerEntry }
  /** What every build asks; `number` is the change that landed. */
  | { readonly kind: 'on'; readonly number: number; readonly effect: Effect }
  | { readonly kind: 'report'; readonly report: CheckRunReport };

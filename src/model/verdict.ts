import type { BuildId } from './build.ts';
import type { Conclusion } from './check-run.ts';
import type { RecordedFlake } from './flake.ts';
import type { RecordedImage } from './promotion.ts';
import type { Sha } from './sha.ts';

/** What the gate tested: durable before anything is landed on the strength of it (gate.md §4.1). */
export interface RecordedVerdict {
  readonly commit: Sha;
  readonly tree: Sha;
  readonly checks: readonly { readonly name: string; readonly conclusion: Conclusion }[];
  /** Digest of the configuration that the candidate was tested with. */
  readonly configuration: string;
  readonly git: string;
  readonly at: number;
  /** What its builds uploaded: promotion points tags at exactly these; left out: nothing was. */
  readonly images?: readonly RecordedImage[];
  /** Jobs that failed on this very tree before they passed; left out: none did. */
  readonly flakes?: readonly RecordedFlake[];
  /** Nothing was run: the same jobs had passed as that commit and at that time (ms); left out: its own builds ran. */
  readonly reused?: {
    readonly commit: Sha;
    readonly at: number;
    /** Its tree, where that is another one in which no file differs that one of the jobs reads (scheduling.md §5 "closure"). */
    readonly tree?: Sha;
  };
}

/** A verdict that another candidate of the same key may take: always a pass, and of builds of its own (scheduling.md §5). */
export interface PassedBefore {
  readonly key: string;
  /** The same of all trees; left out in records of earlier versions. */
  readonly shape?: string;
  /** The change that was tested. */
  readonly number: number;
  readonly verdict: RecordedVerdict;
  /** Of each job that ran, one of its builds, whose log people may read. */
  readonly builds: Readonly<Record<string, BuildId>>;
}

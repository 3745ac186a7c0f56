/** What the web server allows; bytes and milliseconds. */
export interface WebLimits {
  /** Largest webhook body; one byte more is refused. GitHub never sends more than 25 MB (intake §1). */
  readonly bodyBytes: number;
  /** A body that is not whole after this is refused. */
  readonly bodyMs: number;
  /** All bytes held at once whose signature is not yet checked. */
  readonly unverifiedBytes: number;
  /** A delivery that is not durable after this is answered with 503. */
  readonly storeMs: number;
  /** How long a refused sender may still send into the void, so that it can read the answer. */
  readonly lingerMs: number;
  /** How often a followed log is looked at again. */
  readonly followMs: number;
  /** Readers who may follow logs at once; further ones get what is there. */
  readonly followers: number;
  /** How long one reader may follow. */
  readonly followTotalMs: number;
}

/** The numbers of intake-faults-attacks.md §2. */
export const defaultWebLimits: WebLimits = {
  bodyBytes: 25 * 1024 * 1024,
  bodyMs: 8_000,
  unverifiedBytes: 128 * 1024 * 1024,
  storeMs: 2_000,
  lingerMs: 500,
  followMs: 1_000,
  followers: 200,
  followTotalMs: 3_600_000,
};

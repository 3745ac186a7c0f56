export interface ProcessSettings {
  /** Absolute; holds everything of every build. Made on first use, mode 0700. */
  readonly folder: string;
  /** Value of the label `sluice.dev/owner`; builds with another one are not ours. */
  readonly owner: string;
  /** What replaces `/sluice/step` at the head of a command, such as `[process.execPath, '/…/jobs/steps/step.ts']`. */
  readonly stepCommand: readonly string[];
  /** Written out by whoever configures this: commands run as this very user on this very machine, isolated by nothing. */
  readonly allowed: 'trusted-only';
  /** Also take manifests whose label or annotation `sluice.dev/trust` says `untrusted`: for a demonstration on one's own code. */
  readonly acceptUntrusted: boolean;
  /** The Node program that runs the runner, such as `process.execPath`. */
  readonly node: string;
  /** `PATH` of the commands. */
  readonly searchPath: string;
  /** Bytes of one container's log; what is written beyond it is dropped. */
  readonly logLimit: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** One job that failed for no reason. */
export interface RecordedFlake {
  readonly job: string;
  readonly failures: number;
  /** Names of the builds that failed, by which their logs are found. */
  readonly builds: readonly string[];
}

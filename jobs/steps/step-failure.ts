/** Exit codes of the step programs; what each means is told to people by src/core/pod/judge-steps.ts. */
export const exitCodes = {
  conflict: 10,
  otherTree: 11,
  notFetched: 12,
  leavingLink: 13,
  badInput: 14,
  tooLarge: 15,
  brokenImage: 16,
} as const;

/** What goes into the termination message besides the exit code: names and numbers, no sentences. */
export type FailureDetail = Readonly<Record<string, string | number | readonly string[]>>;

/** A foreseen end of a step. Its message is for the log. */
export class StepFailure extends Error {
  readonly exitCode: number;
  readonly detail: FailureDetail;
  constructor(exitCode: number, message: string, detail: FailureDetail = {}) {
    super(message);
    this.name = 'StepFailure';
    this.exitCode = exitCode;
    this.detail = detail;
  }
}

/** Exit codes of the step programs; what each means for a Build is said by src/core/pod/judge-steps.ts. */
export const exitCodes = {
  conflict: 10,
  otherTree: 11,
  notFetched: 12,
  leavingLink: 13,
  badInput: 14,
  tooLarge: 15,
  brokenImage: 16,
  occupied: 17,
  registryAway: 18,
  registryRefused: 19,
  notMade: 20,
} as const;

/** A foreseen end of a step: a sentence for people, and the exit code that says whose fault it is. */
export class StepFailure extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(message);
    this.name = 'StepFailure';
    this.exitCode = exitCode;
  }
}

/** What the process tells its caller. */
export const exitCodes = { fine: 0, failed: 1, usage: 2, unreachable: 3 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Shown at the end of every help. */
export const exitCodeHelp = `
Exit codes:
  0  fine
  1  the thing failed, or problems were found
  2  the command line or a file named on it cannot be used
  3  something needed cannot be reached (GitHub, Redis, an executor)`;

export type FaultKind = 'failed' | 'usage' | 'unreachable';

/** An error for people: the message says what happened and what to do, and no stack is shown. */
export type CliError = Error & { readonly kind: FaultKind };

export function cliError(kind: FaultKind, message: string, cause?: unknown): CliError {
  return Object.assign(new Error(message, { cause }), { kind });
}

/** Tells errors made by `cliError` from those nobody foresaw. */
export function isCliError(error: unknown): error is CliError {
  return error instanceof Error && 'kind' in error && Object.hasOwn(exitCodes, String(error.kind));
}

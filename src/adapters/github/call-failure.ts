/** What is known when a call to GitHub gave no answer to use. */
export type CallFailure =
  /** Nothing may be sent before so many ms have passed. */
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
  /** Sending the same again gives the same. */
  | { readonly kind: 'refused'; readonly status: number; readonly because: string }
  /** It may work later, and a write may have happened all the same. */
  | { readonly kind: 'failed'; readonly because: string };

interface Answered {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
}

const shortestSecondaryWait = 60_000;
const longestWait = 3_600_000;

/** Judges what a call threw; a token that was not to be had counts like an answer to the call itself. `now`: ms. */
export function judgeFailure(error: unknown, now: number): CallFailure {
  const answered = answerIn(error) ?? answerIn(error instanceof Error ? error.cause : null);
  if (answered === null) return { kind: 'failed', because: textOf(error) };
  const { status, message } = answered;
  if (isLimit(answered)) return { kind: 'limited', retryAfterMs: waitFor(answered, now) };
  // 401: the credentials were renewed once already, so it is ours to mend, not the content's fault. 408: never handled.
  if (status >= 500 || status === 401 || status === 408) return { kind: 'failed', because: `${status}: ${message}` };
  return { kind: 'refused', status, because: message };
}

/** The HTTP status of a failed call, null when there was no answer at all. */
export function statusOf(error: unknown): number | null {
  return answerIn(error)?.status ?? null;
}

function answerIn(error: unknown): Answered | null {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null;
  const response = 'response' in error ? (error.response as { headers?: Answered['headers'] } | undefined) : undefined;
  // Octokit gives a lost connection the status 500; without an answer there are no headers.
  return { status: error.status, message: error.message, headers: response?.headers ?? {} };
}

function isLimit({ status, message, headers }: Answered): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  return (
    headers['retry-after'] !== undefined ||
    String(headers['x-ratelimit-remaining']) === '0' ||
    /rate limit|abuse detection/i.test(message)
  );
}

/** Retry-After, else the reset time where the quota is used up, else a minute (github/docs, secondary rate limits). */
function waitFor({ headers }: Answered, now: number): number {
  const seconds = Number(headers['retry-after']);
  if (Number.isFinite(seconds) && seconds > 0) return Math.min(seconds * 1_000, longestWait);
  const reset = Number(headers['x-ratelimit-reset']);
  if (String(headers['x-ratelimit-remaining']) !== '0' || !Number.isFinite(reset)) return shortestSecondaryWait;
  // Both times are the forge's where it says so: our clock may be off.
  const there = Date.parse(String(headers.date));
  const wait = reset * 1_000 - (Number.isNaN(there) ? now : there);
  return Math.min(Math.max(wait, 1_000), longestWait);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import type { ApiAnswer } from './api-client.ts';

/** The API server's own sentence about what it refused. */
export function wordsOf({ status, body }: ApiAnswer): string {
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : body;
  const text = typeof message === 'string' ? message.trim() : '';
  return text === '' ? `the API server answered ${status}` : text.slice(0, 1000);
}

/** `AlreadyExists`, `Conflict`, `Forbidden` … as the API server names it; empty when it does not. */
export function reasonOf({ body }: ApiAnswer): string {
  const reason = typeof body === 'object' && body !== null && 'reason' in body ? body.reason : '';
  return typeof reason === 'string' ? reason : '';
}

/** The innermost words of an error without an answer. */
export function wordsOfError(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === 'AbortError' || cause.name === 'TimeoutError') return 'no answer came in time';
  // A host with several addresses fails with one error for each.
  if (cause instanceof AggregateError && cause.errors.length > 0) return wordsOfError(cause.errors[0]);
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return cause.message === '' ? code : cause.message;
}

/** Passes a 2xx on; everything else is thrown with what was attempted. */
export function expectAnswer(answer: ApiAnswer, attempted: string): ApiAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new Error(`cannot ${attempted}: ${wordsOf(answer)}`);
}

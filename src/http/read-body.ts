import type { IncomingMessage } from 'node:http';
import type { Clock } from '../ports/clock.ts';
import type { UnverifiedBytes } from './unverified-bytes.ts';
import type { WebLimits } from './web-limits.ts';

export type BodyOutcome =
  | { readonly kind: 'whole'; readonly chunks: readonly Buffer[] }
  /** More than the cap, by counted bytes. */
  | { readonly kind: 'too-large' }
  /** Not whole in time. */
  | { readonly kind: 'slow' }
  /** Too many bytes of all senders together, or we are closing. */
  | { readonly kind: 'overloaded' }
  /** The sender went away. */
  | { readonly kind: 'gone' };

export interface BodyReading {
  readonly clock: Clock;
  readonly unverified: UnverifiedBytes;
  readonly limits: Pick<WebLimits, 'bodyBytes' | 'bodyMs'>;
  /** Aborts when the server closes. */
  readonly closing: AbortSignal;
  readonly onChunk: (chunk: Buffer) => void;
}

/**
 * Reads a request body under the caps of intake §2.1: bytes are counted as they come, whatever the sender declared.
 * After any outcome but `whole` nothing more is kept; what still arrives is for the caller to discard.
 */
export function readBody(request: IncomingMessage, reading: BodyReading): Promise<BodyOutcome> {
  const { clock, unverified, limits, closing, onChunk } = reading;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const over = new AbortController();
    const settle = (outcome: BodyOutcome) => {
      if (over.signal.aborted) return;
      over.abort();
      ticket.close();
      if (outcome.kind !== 'whole') chunks.length = 0;
      request.off('data', take);
      resolve(outcome);
    };
    const overloaded = () => settle({ kind: 'overloaded' });
    const ticket = unverified.open(overloaded);
    let bytes = 0;
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limits.bodyBytes) return settle({ kind: 'too-large' });
      ticket.add(chunk.length);
      if (over.signal.aborted) return;
      chunks.push(chunk);
      onChunk(chunk);
    };
    request.on('data', take);
    request.once('end', () => settle({ kind: 'whole', chunks }));
    request.once('close', () => settle({ kind: 'gone' }));
    request.once('error', () => settle({ kind: 'gone' }));
    closing.addEventListener('abort', overloaded, { once: true, signal: over.signal });
    if (closing.aborted) overloaded();
    void clock.sleep(limits.bodyMs, over.signal).then(() => settle({ kind: 'slow' }));
  });
}

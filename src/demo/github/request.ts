import type { Actor } from './call.ts';

/** An HTTP request with its body read, as the REST and GraphQL parts take it. */
export interface Incoming {
  readonly method: string;
  /** Without the query, as sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Whole address with the query. */
  readonly address: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** What is sent back. */
export interface Outgoing {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For the log. */
  readonly operation: string | null;
  readonly actor: Actor;
  /** Whether it was spent from the hour's budget. */
  readonly counted: boolean;
}

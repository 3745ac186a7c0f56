interface Kept {
  readonly etag: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Bounds of what is kept to answer unchanged lists. */
export interface ConditionalLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/**
 * A fetch that asks "has it changed?" for what it has read before, so that unchanged answers cost nothing of the rate
 * limit (the forge still judges the credentials of each call). Callers see the kept answer as if it were sent again.
 * Every call ends after `timeoutMs`.
 */
export function createConditionalFetch(send: typeof fetch, limits: ConditionalLimits): typeof fetch {
  const store = createStore(limits.maxBytes);
  return async (input, init = {}) => {
    const headers = new Headers(init.headers);
    const key = `${input instanceof Request ? input.url : String(input)}\n${headers.get('accept') ?? ''}`;
    const isRead = (init.method ?? 'GET').toUpperCase() === 'GET';
    const kept = isRead ? store.find(key) : undefined;
    if (kept !== undefined) headers.set('if-none-match', kept.etag);
    const ends = AbortSignal.timeout(limits.timeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, ends]) : ends;
    const response = await send(input, { ...init, headers, signal });
    if (kept !== undefined && response.status === 304) return answerAgain(kept, response);
    const etag = response.headers.get('etag');
    if (!isRead || response.status !== 200 || etag === null) return response;
    const body = await response.text();
    store.keep(key, { etag, status: response.status, headers: response.headers, body });
    return rebuild(response, body, response.headers, response.status);
  };
}

/** Rate limits and date are the new ones, everything else is as it was. */
function answerAgain(kept: Kept, response: Response): Response {
  const headers = new Headers(kept.headers);
  for (const [name, value] of response.headers) {
    if (/^(x-ratelimit-|date$)/.test(name)) headers.set(name, value);
  }
  return rebuild(response, kept.body, headers, kept.status);
}

function rebuild(original: Response, body: string, from: Headers, status: number): Response {
  const headers = new Headers(from);
  // The body is text now, as long as it is.
  headers.delete('content-encoding');
  headers.delete('content-length');
  const made = new Response(body, { status, headers });
  Object.defineProperty(made, 'url', { value: original.url });
  return made;
}

/** Forgets what was not used for longest when it grows too large. */
function createStore(maxBytes: number) {
  const entries = new Map<string, Kept>();
  let bytes = 0;
  const sizeOf = (kept: Kept) => kept.body.length + 1_000;
  const drop = (key: string) => {
    const found = entries.get(key);
    if (found === undefined) return;
    entries.delete(key);
    bytes -= sizeOf(found);
  };
  return {
    find: (key: string): Kept | undefined => {
      const found = entries.get(key);
      if (found === undefined) return undefined;
      entries.delete(key);
      entries.set(key, found);
      return found;
    },
    keep: (key: string, kept: Kept): void => {
      drop(key);
      if (sizeOf(kept) > maxBytes / 8) return;
      entries.set(key, kept);
      bytes += sizeOf(kept);
      for (const oldest of entries.keys()) {
        if (bytes <= maxBytes) break;
        drop(oldest);
      }
    },
  };
}

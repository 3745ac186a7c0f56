import { vi } from 'vitest';

/** One call to the forge as it left this process, and what came back. */
export interface SentCall {
  readonly method: string;
  readonly path: string;
  readonly at: number;
  readonly authorization: string;
  readonly body: unknown;
  status: number;
  answeredAt: number;
  answer: string;
}

/** Calls to the forge from now on, through the global `fetch`; `under` counts those that wait for their answer. */
export interface Recording {
  readonly calls: readonly SentCall[];
  readonly mostAtOnce: () => number;
}

/** To be called before the clients are made; `vi.unstubAllGlobals` ends it. */
export function recordFetch(): Recording {
  const send = globalThis.fetch;
  const calls: SentCall[] = [];
  let under = 0;
  let most = 0;
  vi.stubGlobal('fetch', async (input: string | URL | Request, init?: RequestInit) => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    if (!url.pathname.startsWith('/api/v3/') && url.pathname !== '/api/graphql') return send(input, init);
    const call: SentCall = {
      method: init?.method ?? 'GET',
      path: url.pathname,
      at: performance.now(),
      authorization: new Headers(init?.headers).get('authorization') ?? '',
      body: typeof init?.body === 'string' ? JSON.parse(init.body) : null,
      status: 0,
      answeredAt: Number.POSITIVE_INFINITY,
      answer: '',
    };
    calls.push(call);
    under += 1;
    most = Math.max(most, under);
    try {
      const response = await send(input, init);
      call.status = response.status;
      call.answeredAt = performance.now();
      call.answer = await response.clone().text();
      return response;
    } finally {
      under -= 1;
    }
  });
  return { calls, mostAtOnce: () => most };
}

import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { urlToHttpOptions } from 'node:url';
import type { ClusterAccess } from './cluster-access.ts';

type Query = Readonly<Record<string, string>>;

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: object;
}

/** An answer of the API server, whatever it says. */
export interface ApiAnswer {
  readonly status: number;
  /** JSON where it is some, else the text. */
  readonly body: unknown;
}

/** Output that comes as it is made. */
export interface ApiStream {
  readonly status: number;
  readonly chunks: AsyncIterable<Buffer>;
}

/** Plain calls to one API server; connections are kept, and nothing is held back by us. */
export interface ApiClient {
  /** Throws when there is no answer. */
  readonly call: (call: ApiCall) => Promise<ApiAnswer>;
  /** Ends with an error when the connection breaks or `signal` aborts. */
  readonly stream: (path: string, query: Query, signal: AbortSignal) => Promise<ApiStream>;
  readonly close: () => void;
}

const answerMs = 15_000;
const largestWaitSeconds = 5;
const attempts = 3;

/**
 * Not the generated client of the library: that one parses every answer into classes and makes dates of its texts, asks for the
 * credentials on every call and cannot give a stream with its status.
 */
export function createApiClient(access: ClusterAccess): ApiClient {
  const base = new URL(access.server);
  const { protocol, hostname, port } = urlToHttpOptions(base);
  const prefix = base.pathname.replace(/\/+$/, '');
  const secure = access.server.startsWith('https:');
  const agentOf = (maxSockets: number) =>
    secure ? new HttpsAgent({ keepAlive: true, maxSockets }) : new HttpAgent({ keepAlive: true, maxSockets });
  // Streams stay open: they must never wait for each other, nor calls for them.
  const agents = { calls: agentOf(32), streams: agentOf(Number.POSITIVE_INFINITY) };

  async function send(call: ApiCall, agent: HttpAgent | HttpsAgent, signal: AbortSignal): Promise<IncomingMessage> {
    const authorized = await access.authorize();
    const query = new URLSearchParams(call.query).toString();
    const body = call.body === undefined ? null : Buffer.from(JSON.stringify(call.body));
    const options: RequestOptions = {
      agent,
      ...authorized,
      protocol,
      hostname,
      port,
      path: `${prefix}${call.path}${query === '' ? '' : `?${query}`}`,
      method: call.method,
      headers: { ...authorized.headers, ...headersFor(call, body) },
      signal,
    };
    return exchange(secure, options, body);
  }

  async function once(call: ApiCall): Promise<ApiAnswer & { readonly retryAfter: number | null }> {
    const response = await send(call, agents.calls, AbortSignal.timeout(answerMs));
    const text = await textOf(response);
    const wait = Number(response.headers['retry-after'] ?? Number.NaN);
    const retryAfter = Number.isFinite(wait) ? wait : null;
    return { status: response.statusCode ?? 0, body: bodyOf(text), retryAfter };
  }

  async function call(call: ApiCall): Promise<ApiAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const { status, body, retryAfter } = await once(call);
      const mayWait = status === 429 && retryAfter !== null && retryAfter <= largestWaitSeconds;
      if (!mayWait || attempt === attempts) return { status, body };
      await sleep(retryAfter * 1000 * (1 + Math.random() / 2));
    }
  }

  async function stream(path: string, query: Query, signal: AbortSignal): Promise<ApiStream> {
    const response = await send({ method: 'GET', path, query }, agents.streams, signal);
    const status = response.statusCode ?? 0;
    // What was refused is read to its end, so that the connection can be used again.
    if (status !== 200) await textOf(response);
    return { status, chunks: response };
  }

  function close(): void {
    agents.calls.destroy();
    agents.streams.destroy();
  }

  return { call, stream, close };
}

function headersFor({ method }: ApiCall, body: Buffer | null): Record<string, string> {
  const accept = { accept: 'application/json', 'user-agent': 'sluice' };
  if (body === null) return accept;
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  return { ...accept, 'content-type': type, 'content-length': String(body.length) };
}

/** Every call of ours may be made twice: names are fixed, and deletions name the pod's own identity. */
function exchange(secure: boolean, options: RequestOptions, body: Buffer | null): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(options);
    request.once('response', resolve);
    request.on('error', (cause) => {
      const wasClosedMeanwhile = request.reusedSocket && 'code' in cause && cause.code === 'ECONNRESET';
      if (wasClosedMeanwhile) resolve(exchange(secure, options, body));
      else reject(cause);
    });
    request.end(body ?? undefined);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page, or nothing.
    return text;
  }
}

import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { getCACertificates } from 'node:tls';
import { RegistryTrouble } from '../../model/registry.ts';

/** A body that is read while it is sent; a piece is given away, and empty once it was sent. */
export interface ByteStream {
  readonly pieces: AsyncIterable<Buffer>;
  readonly length: number;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | ByteStream;
  /** How long nothing may come or go. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/** Whatever was answered; its body has to be read or destroyed. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: IncomingMessage;
}

/** What was to be sent could not be read; the reason is the cause. */
export class SourceFailure extends Error {}

/** Plain exchanges; connections are kept. Throws `RegistryTrouble` when there is no answer. */
export interface Http {
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

/** `ca`: further authorities as PEM, besides those that this machine trusts. */
export function createHttp(ca: string | undefined): Http {
  const keep = { keepAlive: true, maxSockets: 64 };
  const trusted = ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] };
  const agents = { 'http:': new HttpAgent(keep), 'https:': new HttpsAgent({ ...keep, ...trusted }) };

  function open({ method, url, headers, body, signal }: HttpRequest): ClientRequest {
    const secure = url.protocol === 'https:';
    const length = body === undefined ? undefined : body.length;
    const needsLength = length !== undefined || method === 'POST' || method === 'PUT';
    return (secure ? httpsRequest : httpRequest)(url, {
      agent: secure ? agents['https:'] : agents['http:'],
      method,
      headers: {
        'user-agent': 'sluice',
        ...headers,
        ...(needsLength ? { 'content-length': String(length ?? 0) } : {}),
      },
      signal,
    });
  }

  async function send(asked: HttpRequest): Promise<HttpAnswer> {
    asked.signal.throwIfAborted();
    const request = open(asked);
    request.setTimeout(asked.silenceMs, () => {
      request.destroy(new Error(`it was silent for ${Math.round(asked.silenceMs / 1000)} s`));
    });
    try {
      const [body] = await Promise.all([answerTo(request), write(request, asked.body)]);
      return { status: body.statusCode ?? 0, headers: body.headers, body };
    } catch (cause) {
      request.destroy();
      if (cause instanceof SourceFailure) throw cause;
      asked.signal.throwIfAborted();
      const wasClosedMeanwhile = request.reusedSocket && (cause as NodeJS.ErrnoException).code === 'ECONNRESET';
      if (wasClosedMeanwhile && (asked.body === undefined || Buffer.isBuffer(asked.body))) return send(asked);
      throw noAnswer(asked.url, cause);
    }
  }

  return {
    send,
    close() {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}

/** What broke on the way, in the words that the caller reads. */
export function noAnswer(url: URL, cause: unknown): RegistryTrouble {
  if (cause instanceof RegistryTrouble) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code !== undefined && /CERT|SIGNATURE|SSL|SELF_SIGNED|ERR_TLS|EPROTO/.test(code))
    return new RegistryTrouble(
      'refused',
      `${url.host} cannot be spoken to over HTTPS (${code}): its certificate must be signed by an authority that this machine trusts or that \`ca\` of its credential names, or the registry be listed as insecure`,
    );
  return new RegistryTrouble('away', `${url.host} gave no answer: ${code ?? message}`);
}

function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    // Also what comes later, for which nobody waits any more.
    request.on('error', reject);
    request.once('close', () => reject(new Error('the connection was closed')));
  });
}

/** Ends early when the answer is there before all was sent: who refuses need not listen. */
async function write(request: ClientRequest, body: Buffer | ByteStream | undefined): Promise<void> {
  if (body === undefined || Buffer.isBuffer(body)) {
    request.end(body);
    return;
  }
  let isAnswered = false;
  request.once('response', (response) => {
    isAnswered = true;
    // Such a connection cannot be used again.
    response.once('close', () => request.destroy());
  });
  try {
    for await (const piece of body.pieces) {
      if (isAnswered || request.destroyed) return;
      if (!request.write(piece, () => letGo(piece))) await untilDrained(request);
    }
  } catch (cause) {
    throw new SourceFailure('what was to be sent could not be read', { cause });
  }
  request.end();
}

/** Garbage collection is late for bytes outside its heap: gigabytes of pieces would leave a hundred megabytes lying. */
function letGo({ buffer, length }: Buffer): void {
  // What others have a part of stays.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length && length > 0) buffer.transfer(0);
}

function untilDrained(request: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const events = ['drain', 'close', 'response', 'error'] as const;
    const done = () => {
      for (const event of events) request.off(event, done);
      resolve();
    };
    for (const event of events) request.once(event, done);
  });
}

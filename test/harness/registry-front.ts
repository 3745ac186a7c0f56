import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What happens to one request instead of being passed on; `times` of them, one if not said. */
export type Fault =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Record<string, string>;
    }
  /** The connection is reset; the registry sees nothing. */
  | { readonly kind: 'reset' }
  /** The registry carries it out, and the answer is lost. */
  | { readonly kind: 'lose-reply' }
  /** The registry carries it out, and the answer is given only when this says so, or never. */
  | { readonly kind: 'late-reply'; readonly until: () => Promise<'go' | 'cut'> }
  /** The answer ends after so many bytes of its body. */
  | { readonly kind: 'cut-answer'; readonly after: number }
  /** The registry keeps so many bytes of an upload, then the connection is reset. */
  | { readonly kind: 'cut-upload'; readonly after: number }
  /** Nothing is ever answered. */
  | { readonly kind: 'silence' }
  /** Each piece of the answer so much later. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The answer's first byte is another one. */
  | { readonly kind: 'spoil' };

export interface Rule {
  /** `METHOD path` of the requests that are meant. */
  readonly on: RegExp;
  readonly fault: Fault | ((request: SeenRequest) => Fault | null | Promise<Fault | null>);
  /** How many of them; for good if not said. */
  readonly times?: number;
}

export interface SeenRequest {
  /** `METHOD path?query`. */
  readonly line: string;
  /** The address that it came from. */
  readonly from: string | undefined;
  readonly headers: IncomingMessage['headers'];
  /** Digest of what it brought, once all of that was passed on. */
  readonly content?: string;
}

/** Stands before a registry, spoils what it is told to and remembers what went through. */
export interface RegistryFront {
  readonly host: string;
  readonly base: string;
  readonly seen: readonly SeenRequest[];
  /** From now on, besides what was said before; newest first. */
  spoil(rule: Rule): void;
  /** All faults are gone. */
  calm(): void;
  /** The same, and what was seen is forgotten. */
  clear(): void;
  /** How many requests went through whose line matches. */
  count(line: RegExp): number;
  close(): Promise<void>;
}

export interface FrontWishes {
  /** Where it listens; left out: on this machine alone. */
  readonly host?: string;
  /** `Authorization` that every request which only reads gets, whatever it came with; left out: its own. */
  readonly reader?: string;
}

export async function startRegistryFront(
  target: string,
  { host = '127.0.0.1', reader }: FrontWishes = {},
): Promise<RegistryFront> {
  let rules: (Rule & { left: number })[] = [];
  let seen: SeenRequest[] = [];
  // An upload goes on under the address that its maker knows.
  const moved = new Map<string, string>();

  async function faultFor(asked: SeenRequest): Promise<Fault | null> {
    for (const rule of rules) {
      if (rule.left <= 0 || !rule.on.test(asked.line)) continue;
      const fault = typeof rule.fault === 'function' ? await rule.fault(asked) : rule.fault;
      if (fault === null) continue;
      rule.left -= 1;
      return fault;
    }
    return null;
  }

  const server = createServer((incoming, outgoing) => {
    incoming.on('error', () => undefined);
    const asked: SeenRequest & { content?: string } = {
      line: `${incoming.method} ${incoming.url}`,
      from: incoming.socket.remoteAddress,
      headers: incoming.headers,
    };
    seen.push(asked);
    faultFor(asked)
      .then((fault) => carryOut(fault, asked, incoming, outgoing))
      .catch(() => outgoing.destroy());
  });

  async function carryOut(
    fault: Fault | null,
    asked: { content?: string },
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> {
    switch (fault?.kind) {
      case 'reset':
        return void incoming.socket.resetAndDestroy();
      case 'silence':
        return;
      case 'answer':
        incoming.resume();
        outgoing.writeHead(fault.status, fault.headers);
        return void outgoing.end(fault.body === undefined ? undefined : JSON.stringify(fault.body));
      case 'cut-upload':
        return cutUpload(incoming, fault.after);
      default:
        digestOf(incoming, asked);
        return pass(fault ?? null, incoming, outgoing);
    }
  }

  async function pass(fault: Fault | null, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = moved.get(incoming.url ?? '') ?? incoming.url ?? '';
    const reads = incoming.method === 'GET' || incoming.method === 'HEAD';
    const headers = reads && reader !== undefined ? { ...incoming.headers, authorization: reader } : incoming.headers;
    const onward = request(target + path, { method: incoming.method, headers });
    incoming.pipe(onward);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    if (fault?.kind === 'lose-reply' || (fault?.kind === 'late-reply' && (await fault.until()) === 'cut')) {
      for await (const _ of answer);
      return void incoming.socket.resetAndDestroy();
    }
    outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
    let sent = 0;
    for await (const piece of answer as AsyncIterable<Buffer>) {
      if (fault?.kind === 'spoil' && sent === 0) piece[0] = (piece[0] ?? 0) ^ 1;
      const room = fault?.kind === 'cut-answer' ? fault.after - sent : piece.length;
      outgoing.write(piece.subarray(0, room));
      sent += piece.length;
      if (fault?.kind === 'slow') await sleep(fault.ms);
      if (piece.length < room || fault?.kind !== 'cut-answer' || sent < fault.after) continue;
      // A reset would take with it what the other side has not read yet, which is any number of bytes on a busy machine.
      return void incoming.socket.end();
    }
    outgoing.end();
  }

  /** This registry forgets what was cut; others keep it, and so does this one with a part that is whole. */
  async function cutUpload(incoming: IncomingMessage, after: number): Promise<void> {
    const path = incoming.url ?? '';
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of incoming as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
      if (size >= after) break;
    }
    const part = Buffer.concat(pieces).subarray(0, after);
    const { 'content-range': _, ...headers } = incoming.headers;
    const onward = request(target + (moved.get(path) ?? path), {
      method: 'PATCH',
      headers: { ...headers, 'content-length': String(part.length) },
    });
    onward.end(part);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    answer.resume();
    const next = new URL(answer.headers.location ?? '', target);
    moved.set(path, next.pathname + next.search);
    incoming.socket.resetAndDestroy();
  }

  server.listen(0, host);
  await once(server, 'listening');
  const address = `${host}:${(server.address() as AddressInfo).port}`;
  return {
    host: address,
    base: `http://${address}`,
    get seen() {
      return seen;
    },
    spoil(rule) {
      rules = [{ ...rule, left: rule.times ?? Number.POSITIVE_INFINITY }, ...rules];
    },
    calm() {
      rules = [];
    },
    clear() {
      rules = [];
      seen = [];
    },
    count: (line) => seen.filter((each) => line.test(each.line)).length,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Notes the digest of a body that goes by. */
function digestOf(incoming: IncomingMessage, asked: { content?: string }): void {
  const hash = createHash('sha256');
  incoming.on('data', (piece: Buffer) => hash.update(piece));
  incoming.once('end', () => {
    asked.content = `sha256:${hash.digest('hex')}`;
  });
}

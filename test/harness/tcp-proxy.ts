import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What the proxy does with the bytes of its connections from now on. */
export type Passing =
  | { readonly kind: 'through' }
  /** Each piece so many ms later, in each direction. */
  | { readonly kind: 'late'; readonly ms: number }
  /** Connections stay open, and nothing comes out on either side. */
  | { readonly kind: 'half-open' }
  /** Once a request holds these words: it (`request`) or its answer (`answer`) never arrives, nor anything after it. */
  | { readonly kind: 'hold'; readonly what: 'request' | 'answer'; readonly words: string | RegExp };

export interface TcpProxy {
  readonly port: number;
  pass(passing: Passing): void;
  /** Resolves when `hold` has met its words. */
  readonly held: Promise<void>;
  /** Cuts every connection that is open. */
  cut(): void;
  close(): Promise<void>;
}

function isMet(piece: Buffer, words: string | RegExp): boolean {
  return typeof words === 'string' ? piece.includes(words) : words.test(piece.toString('latin1'));
}

/** Stands in front of a server on a unix socket and spoils what goes through it. */
export async function startTcpProxy(socketPath: string): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const met = Promise.withResolvers<void>();
  let passing: Passing = { kind: 'through' };

  const relay = (from: Socket, to: Socket, lets: (piece: Buffer) => boolean) => {
    from.on('data', (piece: Buffer) => {
      if (!lets(piece)) return;
      if (passing.kind === 'late') setTimeout(() => to.write(piece), passing.ms);
      else to.write(piece);
    });
    from.on('close', () => to.destroy());
    from.on('error', () => to.destroy());
    sockets.add(from);
    from.once('close', () => sockets.delete(from));
  };
  const server = createServer((client) => {
    const upstream = connect(socketPath);
    let holds: 'request' | 'answer' | null = null;
    relay(client, upstream, (piece) => {
      if (passing.kind === 'hold' && holds === null && isMet(piece, passing.words)) {
        holds = passing.what;
        met.resolve();
      }
      return passing.kind !== 'half-open' && holds !== 'request';
    });
    relay(upstream, client, () => passing.kind !== 'half-open' && holds === null);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    pass: (next) => {
      passing = next;
    },
    held: met.promise,
    cut,
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

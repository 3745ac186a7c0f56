import { connect, createServer, type Server, type Socket } from 'node:net';

/** One address before processes that come and go; to whoever sends, a process that is gone is a connection that fails. */
export interface Front {
  readonly url: string;
  /** New connections go to these by turns from now on; none: to nobody. */
  turnTo(...urls: readonly string[]): void;
  close(): Promise<void>;
}

export async function startFront(): Promise<Front> {
  const sockets = new Set<Socket>();
  let targets: readonly URL[] = [];
  let turn = 0;
  const server = createServer((socket) => {
    keep(sockets, socket);
    const target = targets[turn++ % targets.length];
    if (target === undefined) {
      socket.destroy();
      return;
    }
    const there = keep(sockets, connect(Number(target.port), target.hostname));
    socket.pipe(there).pipe(socket);
    for (const [one, other] of [
      [socket, there],
      [there, socket],
    ] as const) {
      one.once('error', () => other.destroy());
      one.once('close', () => other.destroy());
    }
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    turnTo(...urls) {
      targets = urls.map((url) => new URL(url));
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function keep(sockets: Set<Socket>, socket: Socket): Socket {
  sockets.add(socket);
  // Both ends are told of an error by their `close`.
  socket.on('error', () => socket.destroy());
  socket.once('close', () => sockets.delete(socket));
  return socket;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';

/** A Redis 7.2 as far as `accept` sees it; stores nothing. `waitaof` is how and when its disk answers; a
 * connection that waits for that answers nothing else. */
export interface FakeWaitaofServer {
  readonly address: string;
  readonly commands: string[];
  waitaof: () => Promise<string>;
  stop(): Promise<void>;
}

/** The write is on the server's own disk. */
export const onDisk = '*2\r\n:1\r\n:0\r\n';

/** For the one answer that the Redis of this machine may be too old to give. */
export async function startFakeWaitaofServer(fsync: 'always' | 'everysec'): Promise<FakeWaitaofServer> {
  const sockets = new Set<Socket>();
  const commands: string[] = [];
  const state = { waitaof: async () => onDisk };
  const answers: Record<string, () => string | Promise<string>> = {
    HELLO: () => `%1\r\n${bulk('proto')}:3\r\n`,
    INFO: () => bulk('# Server\r\nredis_version:7.2.4\r\nloading:0\r\n'),
    'CONFIG GET appendonly': () => `*2\r\n${bulk('appendonly')}${bulk('yes')}`,
    'CONFIG GET appendfsync': () => `*2\r\n${bulk('appendfsync')}${bulk(fsync)}`,
    EVALSHA: () => ':1\r\n',
    SET: () => '+OK\r\n',
    WAITAOF: () => state.waitaof(),
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    let last = Promise.resolve();
    const handle = async (words: string[]) => {
      commands.push(words.join(' '));
      const answer = answers[words.slice(0, 3).join(' ')] ?? answers[(words[0] ?? '').toUpperCase()];
      socket.write((await answer?.()) ?? '+OK\r\n');
    };
    socket.setEncoding('utf8').on('data', (text: string) => {
      for (const words of commandsIn(text)) last = last.then(() => handle(words));
    });
  });
  const port = await listening(server);
  return {
    address: `redis://127.0.0.1:${port}`,
    commands,
    get waitaof() {
      return state.waitaof;
    },
    set waitaof(answer) {
      state.waitaof = answer;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

/** Small commands come whole in one piece on loopback. */
function commandsIn(text: string): string[][] {
  const lines = text.split('\r\n');
  const commands: string[][] = [];
  while (lines[0]?.startsWith('*')) {
    const count = Number(lines.shift()?.slice(1));
    commands.push(lines.splice(0, 2 * count).filter((_, i) => i % 2 === 1));
  }
  return commands;
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      resolve(address.port);
    });
  });
}

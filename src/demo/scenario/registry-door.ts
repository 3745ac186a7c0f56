import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

interface DoorWishes {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** `host:port` of the registry behind it. */
  readonly target: string;
  /** `Authorization` of whoever reads without one of his own; null: nobody does. */
  readonly reader: string | null;
}

/** Where a registry is spoken to. Through it the demo sees in which moment it stops the one behind. */
export interface RegistryDoor {
  /** `host:port`, as in image names. */
  readonly address: string;
  /** Does it once, before the request (`METHOD path`) that matches is passed on, after so many that were let through. */
  before(line: RegExp, through: number, act: () => Promise<void>): void;
  close(): Promise<void>;
}

interface Watch {
  readonly line: RegExp;
  through: number;
  readonly act: () => Promise<void>;
}

async function passOn({ target, reader }: DoorWishes, incoming: IncomingMessage, outgoing: ServerResponse) {
  const { method, headers, url = '/' } = incoming;
  const reads = method === 'GET' || method === 'HEAD';
  const authorization = headers.authorization ?? (reads ? reader : null);
  // The host stays the door's own: addresses in answers lead through it again.
  const onward = request(`http://${target}${url}`, {
    method,
    headers: authorization === null ? headers : { ...headers, authorization },
  });
  // Also when it ends in the middle of an answer.
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
  const [answer] = (await once(onward, 'response')) as [IncomingMessage];
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.once('error', () => outgoing.destroy()).pipe(outgoing);
}

export async function openDoor(wishes: DoorWishes): Promise<RegistryDoor> {
  const { host, port } = wishes;
  let watch: Watch | null = null;

  async function actBefore(line: string): Promise<void> {
    if (watch === null || !watch.line.test(line)) return;
    watch.through -= 1;
    if (watch.through >= 0) return;
    const { act } = watch;
    watch = null;
    await act();
  }

  const server = createServer((incoming, outgoing) => {
    incoming.on('error', () => undefined);
    actBefore(`${incoming.method} ${incoming.url}`)
      .then(() => passOn(wishes, incoming, outgoing))
      // As if nobody listened: the registry behind it is away.
      .catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const bound = server.address();
  if (typeof bound !== 'object' || bound === null) throw new Error('the door of the registry has no address');
  return {
    address: `${host}:${bound.port}`,
    before(line, through, act) {
      watch = { line, through, act };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

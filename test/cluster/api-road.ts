import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { parse, stringify } from 'yaml';

/** A way of its own to the API server, which can be cut while everybody else goes on. */
export interface ApiRoad {
  /** Leads there; as whoever KUBECONFIG names. */
  readonly kubeconfig: string;
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

interface Kubeconfig {
  readonly clusters: [{ readonly cluster: { server: string } }];
  readonly users: [{ user: object }];
}

/** What KUBECONFIG names, with another address or other rights. */
export async function writeKubeconfig(file: string, given: { readonly server?: string; readonly token?: string }) {
  const config = parse(await readFile(process.env.KUBECONFIG ?? '', 'utf8')) as Kubeconfig;
  if (given.server !== undefined) config.clusters[0].cluster.server = given.server;
  if (given.token !== undefined) config.users[0].user = { token: given.token };
  await writeFile(file, stringify(config));
  return file;
}

export async function startApiRoad(file: string, server: string): Promise<ApiRoad> {
  const there = new URL(server);
  const sockets = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket.on('error', () => undefined));
    return socket.once('close', () => sockets.delete(socket));
  };
  const listener = createServer((socket) => {
    keep(socket);
    if (isCut) return void socket.destroy();
    const onward = keep(connect(Number(there.port), there.hostname));
    socket.pipe(onward).pipe(socket);
    socket.once('close', () => onward.destroy());
    onward.once('close', () => socket.destroy());
  });
  const port = await new Promise<number>((resolve) => {
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    kubeconfig: await writeKubeconfig(file, { server: `https://127.0.0.1:${port}` }),
    cut,
    mend() {
      isCut = false;
    },
    async close() {
      const closed = new Promise((resolve) => listener.close(resolve));
      cut();
      await closed;
    },
  };
}

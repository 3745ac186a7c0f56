import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** Lets a network of pods reach one server of this machine: what comes to a free port of `host` goes on to it. */
export async function openGateway(host: string, target: string): Promise<{ url: string; close: () => void }> {
  const to = Number(new URL(target).port);
  const server = createServer((socket) => {
    const onward = connect(to, '127.0.0.1');
    // One side that breaks off ends the other; the test sees it as an answer that never came.
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const)
      one.on('error', () => other.destroy());
    socket.pipe(onward).pipe(socket);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://${host}:${port}`, close: () => server.close() };
}

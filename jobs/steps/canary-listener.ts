import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { tryTarget } from './try-target.ts';

const selfMs = 5_000;

/**
 * Listens on every address of the pod until it is ended. What it leaves, anew with each visitor: whether it reached itself by its
 * own address, without which it is nobody whom another one could have reached, and how often somebody else came.
 */
export async function listenForOthers(port: number, result: string): Promise<void> {
  const own = ownAddress();
  let visitors = 0;
  let reachesItself = false;
  const tell = (): Promise<void> => writeFile(result, JSON.stringify({ reachesItself, visitors }));
  const server = createServer((socket) => {
    const from = socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
    socket.on('error', () => socket.destroy());
    socket.end('canary\n');
    if (from === own) return;
    visitors += 1;
    console.log(`visited by ${from}`);
    void tell();
  });
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(port, '0.0.0.0', resolve));
  const self = own === null ? null : await tryTarget({ name: 'self', kind: 'connect', host: own, port }, selfMs);
  reachesItself = self?.outcome === 'reached';
  await tell();
  console.log(`listening on ${own ?? 'no address'}:${port}, itself ${self?.outcome ?? 'not tried'}`);
  await new Promise<void>((resolve) => server.on('close', resolve));
}

/** The first address that others could use. */
function ownAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? null;
}

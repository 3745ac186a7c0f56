import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bridge } from './forge.ts';

/** What a build in a pod waits before, so that a test says how long it takes. */
export interface Door {
  readonly url: string;
  /** How often somebody stood before it while it was closed. */
  knocks(): number;
  open(): void;
  close(): Promise<void>;
}

/** Closed at first. */
export async function startDoor(): Promise<Door> {
  let knocks = 0;
  let isOpen = false;
  const server = createServer((_, response) => {
    if (!isOpen) knocks += 1;
    response.writeHead(isOpen ? 200 : 503).end();
  });
  server.listen(0, bridge);
  await once(server, 'listening');
  return {
    url: `http://${bridge}:${(server.address() as AddressInfo).port}`,
    knocks: () => knocks,
    open() {
      isOpen = true;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

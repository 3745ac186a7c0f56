import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { machineMs } from './clock.ts';
import type { Delivery } from './deliveries.ts';

export interface CaughtDelivery extends Delivery {
  readonly event: string;
  /** When it came, by the machine's clock. */
  readonly at: number;
}

export interface Sink {
  readonly url: string;
  close(): Promise<void>;
}

/** Where the stand-in GitHub sends its webhooks: answers at once and hands each on. */
export async function startSink(hear: (delivery: CaughtDelivery) => void): Promise<Sink> {
  const server = createServer((request, response) => {
    const at = machineMs();
    void readAll(request).then((body) => {
      response.writeHead(202).end();
      const headers = Object.fromEntries(
        Object.entries(request.headers).filter(
          (entry): entry is [string, string] =>
            typeof entry[1] === 'string' && !['host', 'connection'].includes(entry[0]),
        ),
      );
      hear({ headers, body, at, event: headers['x-github-event'] ?? '' });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

import { createServer } from 'node:http';

export interface FlakyService {
  readonly url: string;
  /** How often it was asked. */
  readonly asked: () => number;
  stop(): Promise<void>;
}

/** A test's neighbour that is away the first time it is asked for an address, and well from then on: what makes a test flaky in real life. */
export async function startFlakyService(host: string): Promise<FlakyService> {
  let asked = 0;
  const known = new Set<string>();
  const server = createServer(({ url = '/' }, response) => {
    asked += 1;
    const isFirst = !known.has(url);
    known.add(url);
    response.writeHead(isFirst ? 503 : 200, { 'content-type': 'text/plain' });
    response.end(isFirst ? 'warming up\n' : '42\n');
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the flaky service has no address');
  return {
    url: `http://${host}:${address.port}/answer`,
    asked: () => asked,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

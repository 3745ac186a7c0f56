import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { checkServer } from '../../src/adapters/redis/check-server.ts';
import { startTestRedis, type TestRedis } from '../harness/redis.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let server: TestRedis | undefined;

afterEach(async () => server?.stop());

/** No test listens on other addresses than loopback: the server is only told the names of those it may lack. */
it.each`
  bind                      | password | said
  ${'127.0.0.1 -192.0.2.1'} | ${''}    | ${'told'}
  ${'127.0.0.1 -192.0.2.1'} | ${'s3'}  | ${'nothing'}
  ${'127.0.0.1'}            | ${''}    | ${'nothing'}
`('a Redis bound to $bind with the password "$password": $said (A40)', async ({ bind, password, said }) => {
  const port = await freePort();
  server = await startTestRedis(['--port', String(port), '--bind', bind]);
  const redis = server.open();
  if (password !== '') await redis.config('SET', 'requirepass', password);
  const expected = { severity: 'warn', because: expect.stringMatching(/without a password.*requirepass/) };
  expect(await checkServer(redis)).toEqual(said === 'told' ? [expected] : []);
});

async function freePort(): Promise<number> {
  const holder = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => holder.once('listening', resolve));
  const { port } = holder.address() as AddressInfo;
  await new Promise((resolve) => holder.close(resolve));
  return port;
}

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttp } from '../../../src/adapters/oci/http.ts';

describe('a body that is read while it is sent', () => {
  const http = createHttp(undefined);
  let server: Server;
  let received: Buffer;

  beforeAll(async () => {
    server = createServer(async (asked, answer) => {
      received = await buffer(asked);
      answer.writeHead(201).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(() => {
    http.close();
    server?.close();
  });

  async function send(pieces: readonly Buffer[]): Promise<void> {
    const { body } = await http.send({
      method: 'PUT',
      url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
      headers: {},
      body: {
        pieces: (async function* () {
          yield* pieces;
        })(),
        length: pieces.reduce((sum, { length }) => sum + length, 0),
      },
      silenceMs: 5_000,
      signal: new AbortController().signal,
    });
    body.resume();
  }

  it('leaves none of its bytes for garbage collection, and all of them arrive', async () => {
    const pieces = Array.from({ length: 40 }, (_, index) => Buffer.alloc(100_000, index));
    const whole = Buffer.concat(pieces);
    await send(pieces);
    expect(received.equals(whole)).toBe(true);
    expect(pieces.map(({ length }) => length)).toEqual(pieces.map(() => 0));
  });

  it('leaves alone what is a part of something else', async () => {
    const whole = Buffer.alloc(200_000, 'x');
    await send([whole.subarray(0, 70_000), whole.subarray(70_000)]);
    expect(received.equals(whole)).toBe(true);
    expect(whole.length).toBe(200_000);
  });
});

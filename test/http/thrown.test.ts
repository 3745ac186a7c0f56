import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { places, thrown } from './throwing-parts.ts';
import { deliver } from './web-fixture.ts';

const program = fileURLToPath(new URL('./intake-process.ts', import.meta.url));
let url: string;
let exited: Promise<unknown>;
let hasEnded = false;
let child: ReturnType<typeof spawn>;

beforeAll(async () => {
  child = spawn(process.execPath, [program, '0', '8000', 'throwing'], { stdio: ['ignore', 'pipe', 'inherit'] });
  exited = once(child, 'exit').then(() => {
    hasEnded = true;
  });
  const [line] = (await Promise.race([
    once(child.stdout ?? process.stdin, 'data'),
    exited.then(() => []),
  ])) as unknown[];
  url = String(line).trim();
});
afterAll(async () => {
  child.kill('SIGKILL');
  await exited;
});

async function expectAlive(): Promise<void> {
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(hasEnded).toBe(false);
}

describe('W16: a process of its own lives on, whatever its parts throw', () => {
  it.each(places)('%s', async (place) => {
    for (const [index, [what]] of thrown.entries()) {
      const { status } = await deliver(url, JSON.stringify({ number: 1, place, thrown: index }));
      expect(status, what).toBe(place.startsWith('woken') ? 202 : 503);
    }
    await expectAlive();
  });

  it('and whatever comes over the wire, where a request should', async () => {
    const port = Number(new URL(url).port);
    const words = [
      'POST /api/github/webhooks HTTP/1.1\r\nhost: x\r\n',
      'GET /%ff%fe/..%2f.. HTTP/1.1\r\nhost: x\r\n\r\n',
      'GET /logs/%00?key=%zz HTTP/1.1\r\nhost: x\r\n\r\n',
      'transfer-encoding: chunked\r\n',
      'content-length: 99999999999999999999\r\n',
      'content-length: -1\r\n',
      'content-type: application/json\r\n',
      'expect: 100-continue\r\n',
      'upgrade: websocket\r\nconnection: upgrade\r\n',
      '\r\n',
      'ffffffffffffffff\r\n',
      '0\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    ];
    const piece = fc.oneof(
      fc.constantFrom(...words).map(Buffer.from),
      fc.uint8Array({ maxLength: 50 }).map(Buffer.from),
    );
    const conversation = fc.array(piece, { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(conversation, fc.boolean(), async (pieces, breaksOff) => {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        for (const each of pieces) socket.write(each);
        if (breaksOff) socket.resetAndDestroy();
        else socket.end();
        await new Promise((resolve) => socket.resume().once('close', resolve));
        expect(hasEnded).toBe(false);
      }),
      { numRuns: 100 },
    );
    await expectAlive();
  });
});

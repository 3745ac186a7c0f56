import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSignatureCheck } from '../../src/http/signature.ts';
import { deliver, secret, sign, startWeb } from './web-fixture.ts';

const body = JSON.stringify({ action: 'opened', number: 7, title: 'ünïcode “title”' });
let web: Awaited<ReturnType<typeof startWeb>>;

beforeAll(async () => {
  web = await startWeb();
});
afterAll(() => web.server.close());

const sha1 = `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`;

it.each`
  what                              | headers
  ${'no signature'}                 | ${{ 'x-hub-signature-256': '' }}
  ${'a signature by another key'}   | ${{ 'x-hub-signature-256': sign(body, 'another key') }}
  ${'a signature of another body'}  | ${{ 'x-hub-signature-256': sign(`${body} `) }}
  ${'only a SHA-1 signature'}       | ${{ 'x-hub-signature-256': '', 'x-hub-signature': sha1 }}
  ${'SHA-1 in the SHA-256 header'}  | ${{ 'x-hub-signature-256': sha1 }}
  ${'a digest that is too short'}   | ${{ 'x-hub-signature-256': sign(body).slice(0, -2) }}
  ${'a digest that is too long'}    | ${{ 'x-hub-signature-256': `${sign(body)}00` }}
  ${'upper-case hex digits'}        | ${{ 'x-hub-signature-256': `sha256=${sign(body).slice(7).toUpperCase()}` }}
  ${'no algorithm'}                 | ${{ 'x-hub-signature-256': sign(body).slice(7) }}
  ${'no digits'}                    | ${{ 'x-hub-signature-256': 'sha256=' }}
  ${'two signatures in one header'} | ${{ 'x-hub-signature-256': `${sign(body)}, ${sign(body)}` }}
`('W1: $what is refused with 401 and a sentence, and nothing is stored', async ({ headers }) => {
  const { status, answer } = await deliver(web.url, body, headers);
  expect(status).toBe(401);
  expect(String(answer.error)).toMatch(/^[A-Z].{20,}\.$/);
  expect(web.stored.size).toBe(0);
  expect(web.woken).toEqual([]);
});

it('W2: a body changed in any one byte is refused', async () => {
  const bytes = Buffer.from(body);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const changed = Buffer.from(bytes);
      changed.writeUInt8((changed[at] ?? 0) ^ change, at);
      expect((await deliver(web.url, changed, { 'x-hub-signature-256': sign(bytes) })).status).toBe(401);
    }),
    { numRuns: 60 },
  );
  expect(web.stored.size).toBe(0);
});

it('W2: a re-encoded body and one with a byte order mark are refused, though they mean the same', async () => {
  const signature = { 'x-hub-signature-256': sign(body) };
  expect((await deliver(web.url, JSON.stringify(JSON.parse(body), null, 1), signature)).status).toBe(401);
  expect((await deliver(web.url, `\ufeff${body}`, signature)).status).toBe(401);
});

it('the signature covers the bytes however they are cut into chunks', () => {
  const cutAnywhere = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(299));
  fc.assert(
    fc.property(cutAnywhere, ([bytes, at]) => {
      const check = startSignatureCheck(['other', secret]);
      check.add(Buffer.from(bytes.subarray(0, at)));
      check.add(Buffer.from(bytes.subarray(at)));
      expect(check.matchedSecret(sign(Buffer.from(bytes)))).toBe(1);
    }),
  );
});

it('an empty secret opens nothing, though anybody could sign with it', () => {
  const check = startSignatureCheck(['']);
  check.add(Buffer.from(body));
  expect(check.matchedSecret(sign(body, ''))).toBe(-1);
});

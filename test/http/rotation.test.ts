import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { secretsAgeMs } from '../../src/keep-secrets.ts';
import { serve } from '../../src/serve.ts';
import { startTestRedis, type TestRedis } from '../harness/redis.ts';
import { webAppId } from '../harness/web-role.ts';
import { machineWith } from '../main/local-repository.ts';
import { postDelivery, pullRequestBody } from './post-delivery.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const [older, newer] = ['the-older-webhook-secret', 'the-newer-webhook-secret'];
let redis: TestRedis;
let data: string;
let url: string;
let printed = '';
let ended: Promise<void>;
const interruption = new AbortController();

async function writeApp(webhookSecret: string | readonly string[], appId = webAppId): Promise<void> {
  const app = { appId, privateKey, webhookSecret, github: 'http://127.0.0.1:9', publicUrl: null };
  await writeFile(join(data, 'app.json'), JSON.stringify(app));
}

beforeAll(async () => {
  redis = await startTestRedis();
  data = await mkdtemp(join(tmpdir(), 'sluice-rotation-'));
  await writeApp(older);
  const machine = machineWith({});
  // The file is looked at again after a moment; all other times are the real ones.
  const sleep: typeof machine.clock.sleep = (milliseconds, signal) =>
    machine.clock.sleep(milliseconds === secretsAgeMs ? 20 : milliseconds, signal);
  const options = { role: 'web', host: '127.0.0.1', port: 0, data, redis: redis.address, publicUrl: null } as const;
  let err = '';
  ended = serve(
    { ...options, executor: null },
    { ...machine, clock: { ...machine.clock, sleep } },
    {
      out: (text) => {
        printed += text;
      },
      err: (text) => {
        err += text;
      },
      terminal: false,
      interrupted: interruption.signal,
      now: Date.now,
      newToken: () => 'a-token-of-these-tests-0123456789',
    },
  );
  await vi.waitUntil(() => err.includes('Listening on'), 10_000);
  url = /Listening on (\S+);/.exec(err)?.[1] ?? '';
});
afterAll(async () => {
  interruption.abort();
  await ended;
  await redis.stop();
  await rm(data, { recursive: true });
});

const statusBy = async (secret: string) => (await postDelivery(url, pullRequestBody(1), { secret })).status;

it('W10: a rotation is three changes of a file under a server that goes on: old, both, new', async () => {
  expect([await statusBy(older), await statusBy(newer)]).toEqual([202, 401]);
  await writeApp([newer, older]);
  await expect.poll(() => statusBy(newer)).toBe(202);
  expect(await statusBy(older)).toBe(202);
  await writeApp(newer);
  await expect.poll(() => statusBy(older)).toBe(401);
  expect(await statusBy(newer)).toBe(202);
  const indexes = [...printed.matchAll(/"secretIndex":(\d)/g)].map(([, index]) => index);
  expect(new Set(indexes)).toEqual(new Set(['0', '1']));
  expect(printed).toContain('webhook secrets changed');
  expect(printed).not.toMatch(/webhook-secret/);
});

it('W10: a file that is damaged, missing or of another App changes nothing, and that is told', async () => {
  const told = () => printed.split('webhook secrets not read anew').length - 1;
  for (const spoil of [
    () => writeFile(join(data, 'app.json'), '{'),
    () => rm(join(data, 'app.json')),
    () => writeApp(older, 9),
  ]) {
    const before = told();
    await spoil();
    await expect.poll(told).toBeGreaterThan(before + 1);
    expect([await statusBy(newer), await statusBy(older)]).toEqual([202, 401]);
  }
  await writeApp(older);
  await expect.poll(() => statusBy(older)).toBe(202);
});

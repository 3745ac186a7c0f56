import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createServerLog } from '../../src/server-log.ts';
import { startTestRedis, type TestRedis } from '../harness/redis.ts';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.ts';
import { startWorld, type World } from '../harness/world.ts';
import { type Recording, recordFetch } from './recorded-fetch.ts';

const repo = 'acme/api';
const password = 'the-password-of-the-store';
const marker = 'words-that-stand-only-in-the-body-of-a-delivery';
const printed: string[] = [];
let world: World;
let recording: Recording;
let server: TestRedis;
let proxy: TcpProxy;
let redis: Redis;

beforeAll(async () => {
  recording = recordFetch();
  server = await startTestRedis();
  redis = server.open();
  await redis.config('SET', 'requirepass', password);
  proxy = await startTcpProxy(server.address);
  // No secret is told to the log: what it hides here, it hides by its shape, and the rest must never reach it.
  const log = createServerLog('debug', [], (line) => printed.push(line));
  world = await startWorld({
    private: true,
    sluice: {
      log,
      redis: `redis://:${password}@127.0.0.1:${proxy.port}`,
      reporter: { coalesceMs: 20, firstRetryMs: 20, longestRetryMs: 50, refusedRetryMs: 50 },
    },
  });
  world.executor.always('build-image', { exitCode: 0, log: 'ok\n' });
  await playStory();
}, 60_000);

afterAll(async () => {
  await world.stop();
  await proxy.close();
  await server.stop();
  vi.unstubAllGlobals();
});

/** Everything that a presubmit does, and everything that can be refused while it does it. */
async function playStory(): Promise<void> {
  const { github } = world;
  await github.createRepository('acme/vault', { private: true, files: { Dockerfile: 'FROM scratch\n' } });
  await github.setPermission('acme/vault', 'ada', 'write');
  await github.setPermission(repo, 'mallory', 'read');
  await github.fork(repo, 'mallory');
  for (const status of [401, 403, 422, 502])
    github.faults.add({ method: 'POST', path: /check-runs/, does: { kind: 'status', status, when: 'before' } });
  for (const path of [/pulls/, /graphql/, /deliveries/, /access_tokens/, /\.git\//])
    github.faults.add({ path, does: { kind: 'status', status: 502, when: 'after' } });
  github.webhooks.lose({ event: 'pull_request', action: 'opened', logged: true });
  const body = `${marker} ${'x'.repeat(200)}`;
  const lost = await github.openPullRequest({ repo, by: 'ada', body, files: { 'README.md': 'lost\n' } });
  const own = await github.openPullRequest({ repo: 'acme/vault', by: 'ada', body, files: { 'a.txt': 'a\n' } });
  const fork = 'mallory/api';
  const foreign = await github.openPullRequest({ repo, by: 'mallory', fork, body, files: { 'README.md': 'gift\n' } });
  await world.concluded('acme/vault', own.headSha, 'build-image');
  await world.concluded(repo, foreign.headSha, 'sluice');
  await github.comment(repo, foreign.number, 'ada', `/ok-to-test ${foreign.headSha}\n\n${marker}`);
  await world.concluded(repo, foreign.headSha, 'build-image');
  await world.until('the lost delivery came again', async () => {
    await world.sluice.worker?.redeliver().catch(() => undefined);
    return (await world.check(repo, lost.headSha, 'build-image'))?.status === 'completed';
  });
  await world.sluice.worker?.resync();
  await github.comment(repo, foreign.number, 'mallory', `/test nothing ${marker}`);
  await world.until('the stranger is answered', async () =>
    (await github.comments(repo, foreign.number)).some(({ author }) => author.endsWith('[bot]')),
  );
  // A delivery that is not ours, and a store that is gone for a moment.
  await fetch(`${world.sluice.url}/api/github/webhooks`, { method: 'POST', body: `{"x":"${marker}"}` });
  proxy.cut();
  await fetch(`${world.sluice.url}/logs/none/raw?key=${'k'.repeat(43)}`);
  await github.push({ repo, by: 'ada', branch: lost.branch, files: { 'README.md': 'again\n' } });
  await github.webhooks.settled();
  await redis.config('SET', 'requirepass', 'another-password-of-the-store');
  proxy.cut();
  await world.until('the wrong password is told', () => printed.some((line) => /WRONGPASS|NOAUTH/.test(line)));
}

/** What must be nowhere but where it is used: tokens, signatures of us and of them, the keys, the password. */
function secretsOfTheStory(): string[] {
  const { calls } = recording;
  const tokens = calls
    .filter(({ path, status }) => path.endsWith('/access_tokens') && status === 201)
    .map(({ answer }) => (JSON.parse(answer) as { token: string }).token);
  const shown = calls.map(({ authorization }) => authorization.replace(/^(token|bearer) /i, ''));
  const signatures = world.github.webhooks
    .deliveries(world.app.appId)
    .flatMap(({ requestHeaders }) => [requestHeaders['X-Hub-Signature-256'], requestHeaders['X-Hub-Signature']])
    .flatMap((header) => header?.split('=')[1] ?? []);
  const { privateKey } = world.options.github;
  const key = privateKey.split('\n')[3] ?? '';
  const known = [key, world.app.webhookSecret, world.options.logKey, password, 'another-password-of-the-store'];
  const all = [...tokens, ...shown, ...signatures, ...known].filter((text) => text !== '');
  expect(tokens.length).toBeGreaterThan(5);
  expect(signatures.length).toBeGreaterThan(5);
  expect(Math.min(...all.map((text) => text.length))).toBeGreaterThan(15);
  return [...new Set(all)];
}

function found(secrets: readonly string[], text: string): string[] {
  return secrets.filter((secret) => text.includes(secret));
}

describe('S14: an installation token', () => {
  const allowed = [
    { permissions: { metadata: 'read' } },
    { permissions: { checks: 'write', issues: 'write', pull_requests: 'write', metadata: 'read' }, one: true },
    { permissions: { members: 'read', metadata: 'read' }, one: true },
    { permissions: { contents: 'read' }, one: true },
  ] as const;

  it('is minted for one repository and one purpose, whatever happens in a story', () => {
    const mints = recording.calls.filter(({ path }) => path.endsWith('/access_tokens'));
    const rowOf = ({ body }: { body: unknown }) => {
      const { permissions, repository_ids: ids, ...rest } = body as Record<string, unknown>;
      expect(rest).toEqual({});
      const row = allowed.findIndex((each) => JSON.stringify(each.permissions) === JSON.stringify(permissions));
      expect(ids === undefined ? 'all' : (ids as number[]).length).toBe(row === 0 ? 'all' : 1);
      return row;
    };
    const rows = new Set(mints.map(rowOf));
    expect([...rows].sort()).toEqual([0, 1, 2, 3]);
  });

  it('is in no key of the store', async () => {
    const secrets = secretsOfTheStory();
    const keys = await redis.keys('*');
    expect(keys.length).toBeGreaterThan(15);
    const dumps = await Promise.all(keys.map(async (key) => `${key}\n${await dump(key)}`));
    const text = dumps.join('\n');
    expect(text).toContain('build-image');
    expect(found(secrets, text)).toEqual([]);
    expect(text).not.toMatch(/gh[pousr]_|PRIVATE KEY|eyJ[A-Za-z0-9_-]{8,}\./);
  });

  it('is in no file that we leave: clones, their configuration, logs', async () => {
    const secrets = secretsOfTheStory();
    const files = await filesBelow(world.options.data);
    expect(files.filter((path) => path.endsWith('/config')).length).toBeGreaterThanOrEqual(2);
    expect(files.some((path) => path.includes('/logs/'))).toBe(true);
    for (const path of files) expect(found(secrets, await readFile(path, 'latin1')), path).toEqual([]);
  });

  it('is in no pod, but one that reads this repository, in the secret of the checkout', () => {
    const secrets = secretsOfTheStory();
    expect(world.executor.manifests.length).toBeGreaterThanOrEqual(3);
    expect(found(secrets, JSON.stringify(world.executor.manifests))).toEqual([]);
    for (const { metadata, spec } of world.executor.manifests) {
      const given = world.executor.secretsOf(metadata.name);
      if (given === null) continue;
      expect(Object.keys(given)).toEqual(['git-token']);
      const mounting = [...spec.initContainers, ...spec.containers].filter(({ volumeMounts }) =>
        volumeMounts.some(({ name }) => name === 'git-token'),
      );
      expect(mounting.map(({ name }) => name)).toEqual(['checkout']);
    }
  });

  it('is shown to nobody: check runs, comments, pages', async () => {
    const secrets = secretsOfTheStory();
    const shown: unknown[] = [];
    for (const { method, body } of recording.calls) if (method !== 'GET') shown.push(body);
    expect(JSON.stringify(shown)).toContain('build-image');
    expect(found(secrets, JSON.stringify(shown))).toEqual([]);
    expect(found(secrets, await (await fetch(`${world.sluice.url}/`)).text())).toEqual([]);
  });
});

describe('W17: the log', () => {
  it('holds no token, key, password, signature or body at any level, over a story full of faults', () => {
    const secrets = secretsOfTheStory();
    const text = printed.join('');
    const levels = new Set(printed.map((line) => (JSON.parse(line) as { level: string }).level));
    expect([...levels].sort()).toEqual(expect.arrayContaining(['debug', 'info', 'warn']));
    expect(printed.length).toBeGreaterThan(100);
    expect(found(secrets, text)).toEqual([]);
    expect(text).not.toContain(marker);
    expect(text).not.toMatch(/"(body|request|response|headers)":/);
  });

  it.each([
    ['a token of GitHub', 'ghs_16C7e42F292c6912E7710c838347Ae178B4a'],
    ['a fine-grained token', 'github_pat_11AAAAAAA0abcdefghijkl_mnopqrstuvwxyz0123456789'],
    ['our JWT', 'eyJhbGciOiJSUzI1NiJ9.eyJpYXQiOjE3MDAwMDAwMDB9.c2lnbmF0dXJlX29mX3RoZV9hcHA'],
    [
      'the token of a service account',
      'eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJlX2t1YmU',
    ],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----'],
    ['the password in an address', 'redis://sluice:hunter2hunter2@redis.example:6379/0', 'hunter2hunter2'],
    ['a bearer header', 'Authorization: Bearer c2VydmljZS1hY2NvdW50LXRva2Vu', 'c2VydmljZS1hY2NvdW50LXRva2Vu'],
    ['a basic header', 'authorization: basic eC1hY2Nlc3MtdG9rZW46c2VjcmV0', 'eC1hY2Nlc3MtdG9rZW46c2VjcmV0'],
    [
      'the key of a log',
      'https://sluice.example/logs/b-1?key=0123456789abcdefghijklmnopqrstuvwxyzABCDEFG',
      '0123456789abcdef',
    ],
    ['a webhook secret that is known', 'known-webhook-secret'],
    ['a known secret with a quote', 'known"secret\\with signs'],
  ])('hides %s wherever it stands', (_what, text, hidden = text) => {
    const lines: string[] = [];
    const known = ['known-webhook-secret', 'known"secret\\with signs'];
    const log = createServerLog('debug', known, (line) => lines.push(line));
    const cause = Object.assign(new Error(text), { response: { data: text, headers: { authorization: text } } });
    const error = Object.assign(new Error(`failed: ${text}`, { cause }), { request: { body: text, url: text } });
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      log[level]({ text, err: error, deep: { er: [{ text }] }, token: text, a: { b: { secret: text } } }, 'something');
      log[level]({ error }, text);
    }
    expect(lines).toHaveLength(8);
    const inJson = JSON.stringify(hidden).slice(1, -1);
    for (const form of new Set([hidden, inJson, JSON.stringify(inJson).slice(1, -1)]))
      expect(lines.join('')).not.toContain(form);
  });

  it('ends where the cause of an error is that error', () => {
    const lines: string[] = [];
    const error = new Error('in a circle');
    error.cause = error;
    createServerLog('debug', [], (line) => lines.push(line)).warn({ err: error }, 'something');
    expect(lines).toEqual([expect.stringContaining('in a circle')]);
  });

  it('of an error tells what it was, and not the request or answer that it carries', () => {
    const lines: string[] = [];
    const log = createServerLog('debug', [], (line) => lines.push(line));
    const carried = { request: { body: { text: marker } }, response: { data: marker }, body: marker };
    log.warn({ err: Object.assign(new Error('it failed'), carried) }, 'event could not be routed');
    log.error({ error: Object.assign(new Error('it failed'), carried) }, 'pass failed');
    for (const line of lines) {
      expect(line).toContain('it failed');
      expect(line).not.toContain(marker);
    }
  });
});

async function dump(key: string): Promise<string> {
  switch (await redis.type(key)) {
    case 'string':
      return (await redis.get(key)) ?? '';
    case 'hash':
      return JSON.stringify(await redis.hgetall(key));
    case 'list':
      return JSON.stringify(await redis.lrange(key, 0, -1));
    case 'set':
      return JSON.stringify(await redis.smembers(key));
    case 'zset':
      return JSON.stringify(await redis.zrange(key, '0', '-1'));
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'));
    default:
      throw new Error(`what is ${key}?`);
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

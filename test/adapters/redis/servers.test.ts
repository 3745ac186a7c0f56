import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkServer } from '../../../src/adapters/redis/check-server.ts';
import { startEmbeddedRedis } from '../../../src/adapters/redis/embedded-server.ts';
import { closeRedis, openRedis } from '../../../src/adapters/redis/open-redis.ts';
import type { PrivateServer } from '../../../src/adapters/redis/private-server.ts';
import { startPrivateRedis } from '../../../src/adapters/redis/private-server.ts';
import { createReporter } from '../../../src/adapters/redis/reporter.ts';
import { createSignals } from '../../../src/adapters/redis/signals.ts';
import type { SubjectId } from '../../../src/model/subject.ts';
import { pullRequest } from '../../contract/store-examples.ts';
import { keepingLog, startTestRedis } from '../../harness/redis.ts';
import { eventually, pause } from './eventually.ts';
import { FakeCheckRuns, final, project } from './fake-check-runs.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const path = process.env.PATH ?? '';
let folder: string;
const endings: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-redis-'));
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
  await rm(folder, { recursive: true });
});

function open(address: string) {
  const redis = openRedis(address, keepingLog());
  endings.push(() => closeRedis(redis));
  return redis;
}

async function start(into: string): Promise<PrivateServer> {
  const outcome = await startPrivateRedis({ folder: into, path });
  if (outcome.kind !== 'started') throw new Error(outcome.because);
  endings.push(() => outcome.server.stop());
  return outcome.server;
}

describe('a private server', () => {
  it('keeps its data from one start to the next, and nothing runs after stop', async () => {
    const data = join(folder, 'made', 'by', 'it');
    const first = await start(data);
    await open(first.address).set('a', '1');
    await first.stop();
    await first.stop();
    expect(await first.ended).toBe('exit code 0');
    expect(() => process.kill(first.pid, 0)).toThrow(/ESRCH/);
    expect(await open((await start(data)).address).get('a')).toBe('1');
  });

  it('has nothing that checkServer would object to', async () => {
    expect(await checkServer(open((await start(folder)).address))).toEqual([]);
  });

  it('refuses a folder that a living process uses, naming it', async () => {
    await start(folder);
    await expect(startPrivateRedis({ folder, path })).rejects.toThrow(new RegExp(`in use by process ${process.pid}`));
  });

  it('takes over from one that a killed process left behind, with its data', async () => {
    const left = await start(folder);
    await open(left.address).set('a', '1');
    const gone = spawnSync('true');
    await writeFile(join(folder, 'owner.pid'), `${gone.pid}\n`);
    const next = await start(folder);
    expect(await left.ended).toBe('exit code 0');
    expect(next.pid).not.toBe(left.pid);
    expect(await open(next.address).get('a')).toBe('1');
  });

  it('is absent, with what to do about it, where no program is on the path', async () => {
    const outcome = await startPrivateRedis({ folder, path: folder });
    expect(outcome).toEqual({ kind: 'absent', because: expect.stringMatching(/apt install redis-server/) });
  });

  it('that cannot start says its last words', async () => {
    const settings = ['--maxmemory', 'plenty'];
    await expect(startPrivateRedis({ folder, path, settings })).rejects.toThrow(/did not start: ended.*maxmemory/s);
  });

  it('refuses a folder that is too long for a socket, saying so', async () => {
    const long = join(folder, 'x'.repeat(100));
    await expect(startPrivateRedis({ folder: long, path })).rejects.toThrow(/too long for a unix socket/);
  });
});

describe('a connection', () => {
  it('does not wait for ever for a server that hangs', async () => {
    const server = await startTestRedis();
    endings.push(() => server.stop());
    const redis = server.open({ commandTimeout: 200 });
    await redis.ping();
    server.signal('SIGSTOP');
    await expect(redis.get('a')).rejects.toThrow(/timed out/i);
  });

  it('that cannot be made is one line in the log, not one per attempt', async () => {
    const log = keepingLog();
    const redis = openRedis(join(folder, 'nobody.sock'), log);
    endings.push(() => closeRedis(redis));
    await expect(redis.get('a')).rejects.toThrow();
    await pause(300);
    expect(log.lines).toEqual([
      { level: 'warn', fields: { error: expect.stringMatching(/ENOENT/) }, message: 'connection to Redis has trouble' },
    ]);
  });
});

describe('the embedded server', () => {
  it('carries signals and check runs, and says what it is not', async () => {
    const embedded = await startEmbeddedRedis();
    endings.push(() => embedded.stop());
    expect(embedded.warning).toMatch(/keeps everything in memory.*apt install redis-server/);
    const redis = open(embedded.address);
    const log = keepingLog();
    const signals = createSignals(redis, 'test:', { log });
    const passes: SubjectId[] = [];
    endings.push(
      () => signals.close(),
      signals.listen(async (subject) => void passes.push(subject), 2),
    );
    await signals.wake(pullRequest(1));
    await eventually(() => passes).toEqual([pullRequest(1)]);
    const forge = new FakeCheckRuns();
    forge.answers.push({ kind: 'failed', because: '502' });
    const reporter = createReporter(redis, 'test:', forge.write, { log, firstRetryMs: 10 });
    endings.push(() => reporter.close(), reporter.listen());
    await reporter.want(project(5), final('c/1'));
    await eventually(() => reporter.waiting()).toBe(0);
    expect(forge.shown.get('c/1')).toBe('done');
  });
});

describe('checkServer', () => {
  it.each`
    settings                                                         | severity    | because
    ${['--maxmemory-policy', 'allkeys-lru', '--maxmemory', '100mb']} | ${'refuse'} | ${/silently drop webhooks.*CONFIG SET maxmemory-policy noeviction/}
    ${['--maxmemory-policy', 'volatile-ttl']}                        | ${'warn'}   | ${/maxmemory-policy is "volatile-ttl"/}
    ${['--appendonly', 'no']}                                        | ${'refuse'} | ${/would lose acknowledged webhooks.*CONFIG SET appendonly yes/}
    ${['--appendfsync', 'no']}                                       | ${'refuse'} | ${/appendfsync is "no"/}
  `('says $severity for $settings', async ({ settings, severity, because }) => {
    const server = await startTestRedis(settings);
    endings.push(() => server.stop());
    const problems = await checkServer(server.open());
    expect(problems).toEqual([{ severity, because: expect.stringMatching(because) }]);
  });

  it('warns where the server does not tell its settings', async () => {
    const server = await startTestRedis(['--rename-command', 'CONFIG', '']);
    endings.push(() => server.stop());
    const problems = await checkServer(server.open());
    expect(problems.map(({ severity }) => severity)).toEqual(['warn', 'warn']);
    expect(problems.map(({ because }) => because).join(' ')).toMatch(
      /maxmemory-policy cannot be read.*appendonly cannot be read/,
    );
  });
});

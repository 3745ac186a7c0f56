import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { documents } from '../../src/adapters/github/documents.ts';
import { writeAppFile } from '../../src/cli/app-file.ts';
import type { CliIo, ServeOptions } from '../../src/cli/deps.ts';
import { type StandInGitHub, startGitHub } from '../../src/demo/github/server.ts';
import { listBuilds } from '../../src/list-builds.ts';
import { serve } from '../../src/serve.ts';
import { openServedRedis } from '../../src/serve-redis.ts';
import { keepingLog, startTestRedis } from '../harness/redis.ts';
import { machineWith, type OwnTemporary, ownTemporary } from './local-repository.ts';

let temporary: OwnTemporary;
let github: StandInGitHub;
let app: { readonly appId: number; readonly privateKey: string; readonly webhookSecret: string };
let counter = 0;

beforeAll(async () => {
  temporary = await ownTemporary();
  const folder = join(tmpdir(), 'github');
  await mkdir(folder);
  github = await startGitHub({ folder, now: Date.now, documents });
  await github.createOrganization('acme');
  await github.createUser('ada');
  await github.addMember('acme', 'ada', 'admin');
  await github.createRepository('acme/api', { files: { Dockerfile: 'FROM scratch\n' } });
  const permissions = {
    checks: 'write',
    contents: 'read',
    issues: 'write',
    pull_requests: 'write',
    members: 'read',
    metadata: 'read',
  } as const;
  app = await github.createApp({ owner: 'acme', name: 'sluice', permissions, events: ['pull_request'] });
  await github.installApp(app.appId, 'acme');
});
afterAll(async () => {
  await github.close();
  await temporary.remove();
});

async function dataFolder(publicUrl: string | null = null): Promise<string> {
  counter += 1;
  const folder = join(tmpdir(), `data${counter}`);
  const names = { slug: 'sluice', clientId: 'Iv1.x', clientSecret: 'x', htmlUrl: `${github.url}/apps/sluice` };
  await writeAppFile(folder, { schema: 1, github: github.url, publicUrl, ...names, ...app });
  return folder;
}

interface Serving {
  readonly printed: { out: string; err: string };
  readonly ended: Promise<void>;
  interrupt(): void;
  url(): Promise<string>;
}

const servings: Serving[] = [];

function start(
  options: Partial<ServeOptions> & Pick<ServeOptions, 'data'>,
  environment: Readonly<Record<string, string>> = {},
): Serving {
  const printed = { out: '', err: '' };
  const interruption = new AbortController();
  const io: CliIo = {
    out: (text) => {
      printed.out += text;
    },
    err: (text) => {
      printed.err += text;
    },
    terminal: false,
    interrupted: interruption.signal,
    now: Date.now,
    newToken: () => `token-${'x'.repeat(20)}-${counter}`,
  };
  const usual = { role: 'all', host: '127.0.0.1', port: 0, redis: null, publicUrl: null, executor: 'process' } as const;
  const ended = serve({ ...usual, ...options }, machineWith({ SLUICE_LOG_LEVEL: 'debug', ...environment }), io);
  let over = false;
  const finished = ended.finally(() => {
    over = true;
  });
  // Whether it ended well is asked by the test; here only that it ended counts.
  finished.then(
    () => undefined,
    () => undefined,
  );
  const serving: Serving = {
    printed,
    ended: finished,
    interrupt: () => interruption.abort(),
    async url() {
      for (;;) {
        const found = /Listening on (\S+);/.exec(printed.err)?.[1];
        if (found !== undefined) return found;
        if (over) await finished;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
  servings.push(serving);
  return serving;
}

afterEach(async () => {
  for (const serving of servings.splice(0)) {
    serving.interrupt();
    await serving.ended.catch((error: unknown) => expect(error).toBeInstanceOf(Error));
  }
});

function deliver(url: string, body: string, secret: string): Promise<Response> {
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'ping',
    'x-github-delivery': `6f1d4a0e-0000-4000-8000-${String(Date.now()).slice(-12)}`,
    'x-hub-signature-256': signature,
    'x-github-hook-installation-target-id': String(app.appId),
  };
  return fetch(`${url}/api/github/webhooks`, { method: 'POST', headers, body });
}

describe('the server', { timeout: 60_000 }, () => {
  it('starts from the App file, is healthy, takes a signed delivery and refuses another, and ends within seconds', async () => {
    const data = await dataFolder();
    const serving = start({ data });
    const url = await serving.url();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await deliver(url, '{"zen":"x"}', app.webhookSecret)).status).toBe(202);
    expect((await deliver(url, '{"zen":"x"}', 'not the secret')).status).toBe(401);
    expect(serving.printed.err).toContain('read anew every minute');
    expect(serving.printed.err).toContain('SLUICE_ACCEPT_UNTRUSTED=1');
    const interrupted = Date.now();
    serving.interrupt();
    await serving.ended;
    expect(Date.now() - interrupted).toBeLessThan(10_000);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  it('logs one JSON object per line, without key, secret or token', async () => {
    const serving = start({ data: await dataFolder('https://sluice.example.com') });
    await serving.url();
    await expect
      .poll(() => github.requests.some(({ identity }) => identity.startsWith('installation:')), { timeout: 15_000 })
      .toBe(true);
    serving.interrupt();
    await serving.ended;
    const lines = serving.printed.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: string; msg: string });
    expect(lines.some(({ msg }) => msg === 'serving')).toBe(true);
    expect(serving.printed.out).not.toMatch(/ghs_|PRIVATE KEY|eyJ/);
    expect(serving.printed.out).not.toContain(app.webhookSecret);
    expect(serving.printed.err).toContain('webhooks at https://sluice.example.com/api/github/webhooks');
  });

  it('builds nothing of a head that nobody approved as plain processes, and lists that with the reason', async () => {
    const data = await dataFolder();
    const serving = start({ data });
    await github.setWebhookUrl(app.appId, `${await serving.url()}/api/github/webhooks`);
    const pull = await github.openPullRequest({
      repo: 'acme/api',
      by: 'ada',
      files: { Dockerfile: 'FROM scratch\nCOPY . /\n' },
    });
    const machine = machineWith({ REDIS_URL: join(data, 'redis', 'redis.sock') });
    const ended = async () => (await listBuilds(true, machine)).filter(({ state }) => state.kind === 'ended');
    await expect.poll(async () => (await ended()).length, { timeout: 30_000, interval: 200 }).toBe(1);
    expect(await ended()).toMatchObject([
      {
        change: `acme/api#${pull.number}`,
        job: 'build-image',
        state: { result: 'error' },
        because: expect.stringContaining('untrusted code is not run as plain processes'),
      },
    ]);
    expect(await listBuilds(false, machine)).toEqual([]);
  });

  it('keeps one log key for its owner alone', async () => {
    const data = await dataFolder();
    for (let round = 0; round < 2; round += 1) {
      const serving = start({ data });
      await serving.url();
      serving.interrupt();
      await serving.ended;
    }
    const file = join(data, 'log-key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file, 'utf8')).trim()).toMatch(/^token-/);
  });

  it('takes the App from the environment where that names one', async () => {
    const { privateKey } = app;
    const environment = {
      SLUICE_APP_ID: String(app.appId),
      SLUICE_PRIVATE_KEY: privateKey.replaceAll('\n', '\\n'),
      SLUICE_WEBHOOK_SECRETS: 'first-secret,second-secret',
      SLUICE_GITHUB_URL: github.url,
    };
    const serving = start({ data: join(tmpdir(), 'nothing-here') }, environment);
    const url = await serving.url();
    expect((await deliver(url, '{}', 'second-secret')).status).toBe(202);
    expect((await deliver(url, '{}', 'third-secret')).status).toBe(401);
  });

  it('divides into a process that listens and one that works, on one Redis', async () => {
    const redis = await startTestRedis();
    try {
      const data = await dataFolder();
      const web = start({ data, role: 'web', redis: redis.address });
      const own = { SLUICE_HEALTH_PORT: '0' };
      const worker = start({ data: await dataFolder(), role: 'worker', redis: redis.address }, own);
      expect((await fetch(`${await web.url()}/healthz`)).status).toBe(200);
      await expect.poll(() => worker.printed.err, { timeout: 10_000 }).toContain('Building with');
      expect(worker.printed.err).not.toContain('Listening');
      const health = /Health and metrics on (\S+)/.exec(worker.printed.err)?.[1];
      expect((await fetch(`${health}/healthz`)).status).toBe(200);
      expect(await (await fetch(`${health}/metrics`)).text()).toContain('sluice_redis_up 1\n');
      expect(web.printed.err).not.toContain('Building with');
      web.interrupt();
      worker.interrupt();
      await Promise.all([web.ended, worker.ended]);
    } finally {
      await redis.stop();
    }
  });

  it('keeps its state in memory where no redis-server is installed, and says so once', async () => {
    const bin = join(tmpdir(), 'bin');
    await mkdir(bin);
    const served = await openServedRedis(
      { address: null, data: join(tmpdir(), 'memory'), path: bin, role: 'all' },
      keepingLog(),
    );
    try {
      expect(served.warnings).toEqual([expect.stringContaining('No redis-server found')]);
      expect(served.ours).toBe(true);
    } finally {
      await served.stop();
    }
  });
});

describe('the server refuses to start', () => {
  const { privateKey: foreign } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });

  it.each([
    ['without an App', {}, {}, 'usage', 'there is no App'],
    ['with an App id that is none', {}, { SLUICE_APP_ID: 'sluice' }, 'usage', 'numeric id'],
    ['with an id and no key', {}, { SLUICE_APP_ID: '5' }, 'usage', 'SLUICE_PRIVATE_KEY'],
    ['with a key that is none', {}, { SLUICE_APP_ID: '5', SLUICE_PRIVATE_KEY: 'secret' }, 'usage', 'no PEM key'],
    [
      'with a role of several processes and no Redis',
      { role: 'web' },
      { SLUICE_APP_ID: '5', SLUICE_PRIVATE_KEY: foreign },
      'usage',
      'share one Redis',
    ],
    [
      'with a Redis that is not there',
      { redis: 'redis://:hunter2hunter2@127.0.0.1:1' },
      { SLUICE_APP_ID: '5', SLUICE_PRIVATE_KEY: foreign },
      'unreachable',
      'redis://:***@127.0.0.1:1 gives no answer: connect ECONNREFUSED 127.0.0.1:1',
    ],
    [
      'with a number of builds that is none',
      {},
      { SLUICE_APP_ID: '5', SLUICE_PRIVATE_KEY: foreign, SLUICE_BUILDS: 'many' },
      'usage',
      'SLUICE_BUILDS',
    ],
    [
      'with a staging place that is none',
      {},
      { SLUICE_APP_ID: '5', SLUICE_PRIVATE_KEY: foreign, SLUICE_STAGING: 'https://registry.acme.io' },
      'usage',
      'write it as registry.acme.io/staging',
    ],
    [
      'with credentials for registries that are nowhere',
      {},
      { SLUICE_APP_ID: '5', SLUICE_PRIVATE_KEY: foreign, SLUICE_REGISTRIES: '/nonexistent/registries.yaml' },
      'usage',
      'SLUICE_REGISTRIES names /nonexistent/registries.yaml, which cannot be read (ENOENT)',
    ],
    ...['many', '-1', '65536', '1.5'].map(
      (port) =>
        [
          `with the health port ${port}`,
          {},
          { SLUICE_APP_ID: '5', SLUICE_PRIVATE_KEY: foreign, SLUICE_HEALTH_PORT: port },
          'usage',
          'SLUICE_HEALTH_PORT',
        ] as const,
    ),
  ] as const)('%s', async (_, options, environment, kind, words) => {
    counter += 1;
    const serving = start({ data: join(tmpdir(), `refused${counter}`), ...options }, environment);
    await expect(serving.ended).rejects.toMatchObject({ kind, message: expect.stringContaining(words) });
  });

  it('with an App file that was damaged', async () => {
    const data = await dataFolder();
    await writeFile(join(data, 'app.json'), '{"appId": 1');
    await expect(start({ data }).ended).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('is not JSON'),
    });
  });
});

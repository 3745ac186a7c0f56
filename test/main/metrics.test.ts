import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningSluice } from '../../src/start-sluice.ts';
import { type Exposition, scrapeAt } from '../harness/exposition.ts';
import { dockerfile, startWorld, type World } from '../harness/world.ts';

const repo = 'acme/very-private-name';
const config = [
  'apiVersion: sluice/v1',
  'images:',
  '  - { name: hostile-image, repository: registry.example.com/acme/hostile-image }',
  'jobs:',
  '  build-image: { template: build-image, on: presubmit }',
  '  hostile-job: { on: presubmit, image: localhost/busybox:1, run: make test, pool: hostile-pool }',
  '  broken: { on: presubmit, image: localhost/busybox:1, run: make broken, optional: true }',
  '',
].join('\n');
/** What must not be told to whoever may read `/metrics` and the status page. */
const names = /acme|very-private|hostile|busybox|\bada\b|boss|registry\.example|presubmit\//;

let world: World;
let before: Exposition;
let after: Exposition & { readonly text: string };
const urlOf = (sluice: RunningSluice) => sluice.url ?? sluice.healthUrl ?? '';

beforeAll(async () => {
  world = await startWorld();
  const files = { Dockerfile: dockerfile, 'README.md': 'hello\n', '.sluice.yaml': config };
  await world.github.createRepository(repo, { private: true, files });
  await world.github.setPermission(repo, 'ada', 'write');
  const { notes } = world.sluice.ports;
  // As if both had been long ago; the first turn of a loop, or a repository that was added, may still note a new one.
  before = await world.until('both look old', async () => {
    for (const name of ['last-poll', 'last-resync'] as const) await notes.write(name, '1');
    const seen = await scrapeAt(urlOf(world.sluice));
    const isOld = (name: string): boolean => (seen.value(`sluice_last_${name}_age_seconds`) ?? 0) > 1_000_000;
    return isOld('poll') && isOld('resync') && seen;
  });
  for (const job of ['build-image', 'hostile-job']) world.executor.always(job, { exitCode: 0, log: 'ok\n' });
  world.executor.always('broken', { exitCode: 1, log: 'no\n' });
  const change = { title: 'hostile title"} 1', body: 'hostile\nsluice_evil 1', files: { 'README.md': 'new\n' } };
  const pull = await world.github.openPullRequest({ repo, by: 'ada', ...change });
  for (const job of ['build-image', 'broken']) await world.concluded(repo, pull.headSha, job);
  await world.sluice.worker?.resync();
  await world.sluice.worker?.redeliver();
  await world.until('everything is written', async () => (await world.sluice.ports.reporter.waiting()) === 0);
  after = await scrapeAt(urlOf(world.sluice));
});
afterAll(() => world.stop());

describe('one change from its delivery to its check runs', () => {
  it.each([
    'sluice_webhook_deliveries_total{outcome="accepted",status="202"}',
    'sluice_webhook_secret_index{index="0"}',
    'sluice_webhook_store_seconds_count',
    'sluice_pass_seconds_count{outcome="done"}',
    'sluice_builds_finished_total{result="success"}',
    'sluice_builds_finished_total{result="failure"}',
    'sluice_build_seconds_count{result="success"}',
    'sluice_pod_start_seconds_count',
    'sluice_forge_calls_total{kind="check-runs",status="201"}',
    'sluice_forge_calls_total{kind="tokens",status="201"}',
    'sluice_forge_calls_total{kind="deliveries",status="200"}',
    'sluice_redis_commands_total',
  ])('moves %s', (sample) => {
    expect(after.value(sample) ?? 0).toBeGreaterThan(before.value(sample) ?? 0);
  });

  it('counts each build that ended exactly once, and each pod', () => {
    const ended = (result: string) => after.value(`sluice_builds_finished_total{result="${result}"}`);
    const pods = world.executor.manifests.length;
    expect(pods).toBeGreaterThanOrEqual(2);
    expect((ended('success') ?? 0) + (ended('failure') ?? 0) + (ended('error') ?? 0)).toBe(pods);
    expect(after.value('sluice_pod_start_seconds_count')).toBe(pods);
  });

  it('makes the last delivery, poll and resync recent', () => {
    for (const name of ['poll', 'resync'])
      expect(before.value(`sluice_last_${name}_age_seconds`)).toBeGreaterThan(1_000_000);
    for (const name of ['delivery', 'routed', 'poll', 'resync'])
      expect(after.value(`sluice_last_${name}_age_seconds`), name).toBeLessThan(60);
  });

  it('shows what GitHub still allows the installation', () => {
    const sample = `sluice_forge_rate_limit_remaining{installation="${world.app.installationId}",resource="core"}`;
    expect(after.value(sample)).toBeGreaterThan(0);
  });

  it('leaves nothing waiting', () => {
    for (const name of ['intake_events', 'intake_pending_events', 'quarantined_events', 'check_writes_waiting'])
      expect(after.value(`sluice_${name}`), name).toBe(0);
  });

  it('names nothing of a private repository, neither to Prometheus nor to people', async () => {
    expect(after.text).not.toMatch(names);
    const page = await (await fetch(urlOf(world.sluice))).text();
    expect(page).toContain('Last delivery');
    expect(page).toContain('everything is as it should be');
    expect(page).not.toMatch(names);
  });
});

describe('readiness', () => {
  const missingOf = async (sluice: RunningSluice) => {
    const answer = await fetch(`${urlOf(sluice)}/readyz`);
    return { status: answer.status, ...((await answer.json()) as { missing: string[] }) };
  };
  const health = { host: '127.0.0.1', port: 0 };

  it('is given when everything answers', async () => {
    expect(await missingOf(world.sluice)).toEqual({ status: 200, ready: true, missing: [] });
  });

  it('a worker has health and metrics on a port of their own, where one is given', async () => {
    const sluice = await world.startAnother({ role: 'worker', worker: 'worker-2', health });
    expect(sluice.url).toBeNull();
    expect(await missingOf(sluice)).toEqual({ status: 200, ready: true, missing: [] });
    expect((await scrapeAt(urlOf(sluice))).value('sluice_redis_up')).toBe(1);
    await sluice.close();
    await expect(fetch(`${urlOf(sluice)}/healthz`)).rejects.toThrow('fetch failed');
  });

  it('a web process that has the port serves no metrics beside its webhooks', async () => {
    const sluice = await world.startAnother({ role: 'web', worker: 'web-2', health });
    expect((await fetch(`${sluice.url}/metrics`)).status).toBe(404);
    expect((await fetch(`${sluice.healthUrl}/metrics`)).status).toBe(200);
    expect((await fetch(`${sluice.url}/readyz`)).status).toBe(200);
    await sluice.close();
  });

  it('is refused to a worker whose pods cannot be listed or whose key GitHub does not take, but not to a web process', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    const changes = {
      github: { ...world.options.github, privateKey: pem },
      executor: { ...world.executor, list: () => Promise.reject(new Error('Unauthorized: Bearer hidden')) },
      health,
    };
    const worker = await world.startAnother({ ...changes, role: 'worker', worker: 'worker-3' });
    expect(await missingOf(worker)).toEqual({
      status: 503,
      ready: false,
      missing: [
        'The pods cannot be listed (process): the log says why.',
        'GitHub has not accepted the App yet: see that it is reachable and that App id and private key belong together.',
      ],
    });
    await worker.close();
    const web = await world.startAnother({ ...changes, role: 'web', worker: 'web-3' });
    expect(await missingOf(web)).toEqual({ status: 200, ready: true, missing: [] });
    await web.close();
  });

  it('is refused where Redis would lose what we acknowledged, with what to do about it', async () => {
    const redis = world.redis.open();
    await redis.call('CONFIG', 'SET', 'appendonly', 'no');
    await world.until('it is not ready', async () => (await missingOf(world.sluice)).status === 503);
    expect((await missingOf(world.sluice)).missing).toEqual([expect.stringContaining('CONFIG SET appendonly yes')]);
    // Whoever started it has said so already, and knows.
    const sluice = await world.startAnother({ role: 'worker', worker: 'worker-4', health, redisIsOurs: true });
    expect((await missingOf(sluice)).missing).toEqual([]);
    await sluice.close();
    await redis.call('CONFIG', 'SET', 'appendonly', 'yes');
    await world.until('it is ready', async () => (await missingOf(world.sluice)).status === 200);
  });
});

describe('with Redis down', () => {
  it('the process lives, is not ready, and still tells Prometheus and people what it knows; then all is back', async () => {
    const url = urlOf(world.sluice);
    if (!world.redis.real) throw new Error('this needs a redis-server that can be killed: install redis-server');
    await world.redis.kill();
    const began = performance.now();
    const down = await scrapeAt(url);
    // The limit of a scrape is 2 s; the rest is for a slow machine.
    expect(performance.now() - began).toBeLessThan(3_500);
    expect(down.value('sluice_redis_up')).toBe(0);
    expect(down.families.get('sluice_intake_events')?.samples.size).toBe(0);
    expect(down.value('sluice_pod_start_seconds_count')).toBe(after.value('sluice_pod_start_seconds_count'));
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await world.until('it is not ready', async () => (await fetch(`${url}/readyz`)).status === 503);
    expect(await (await fetch(url)).text()).toContain('gives no answer');
    await world.redis.restart();
    await world.until('Redis is up', async () => (await scrapeAt(url)).value('sluice_redis_up') === 1);
    await world.until('it is ready', async () => (await fetch(`${url}/readyz`)).status === 200);
    expect((await scrapeAt(url)).value('sluice_last_resync_age_seconds')).toBeLessThan(120);
  });
});

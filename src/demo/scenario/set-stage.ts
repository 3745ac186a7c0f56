import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pino from 'pino';
import { parse } from 'yaml';
import { documents } from '../../adapters/github/documents.ts';
import { exchangeCode, manifestFor } from '../../adapters/github/manifest-flow.ts';
import { startEmbeddedRedis } from '../../adapters/redis/embedded-server.ts';
import { closeRedis, openRedis } from '../../adapters/redis/open-redis.ts';
import { startPrivateRedis } from '../../adapters/redis/private-server.ts';
import { startGitHub } from '../github/server.ts';
import { chooseEngine } from './choose-engine.ts';
import { startFlakyService } from './flaky-service.ts';
import { startRegistry } from './registry.ts';
import { apiFiles } from './repository-files.ts';
import type { DemoRun, Teardown } from './run-demo.ts';
import { setRegistries } from './set-registries.ts';
import type { DemoDeps, SluiceWishes } from './sluice-port.ts';
import type { Stage } from './stage.ts';
import type { Told } from './story.ts';

const prefix = `sluice-demo-${process.pid}:`;
const silent = pino({ level: 'silent' });

/** One thing that is put on the stage. */
export interface Setting {
  readonly title: string;
  readonly set: (stage: Partial<Stage>) => Promise<{ readonly put: Partial<Stage>; readonly told: Told }>;
}

function told(happened: string, look: string | null = null): Told {
  return { happened, look };
}

function need<K extends keyof Stage>(stage: Partial<Stage>, key: K): Stage[K] {
  const there = stage[key];
  if (there === undefined) throw new Error(`the stage has no ${key} yet`);
  return there as Stage[K];
}

/** All keys of the demo in a Redis that stays. */
async function dropKeys(url: string): Promise<void> {
  const redis = openRedis(url, silent);
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 500 })) {
    if (Array.isArray(keys) && keys.length > 0) await redis.del(...keys.map(String));
  }
  await closeRedis(redis);
}

async function flushAll(url: string): Promise<string> {
  const redis = openRedis(url, silent);
  await redis.flushall();
  await closeRedis(redis);
  return 'FLUSHALL';
}

async function setRedis(deps: DemoDeps, folder: string, teardown: Teardown) {
  if (deps.redisUrl !== null) {
    const { redisUrl } = deps;
    teardown.add('Redis keys', () => dropKeys(redisUrl));
    const emptyRedis = () => dropKeys(redisUrl).then(() => "every key under the demo's prefix deleted");
    return {
      put: { redis: redisUrl, emptyRedis },
      told: told("Redis: the one that REDIS_URL names, under a prefix of the demo's own"),
    };
  }
  const private_ = await startPrivateRedis({ folder: join(folder, 'redis'), path: deps.path });
  if (private_.kind === 'started') {
    const { server } = private_;
    teardown.add('Redis', () => server.stop());
    return {
      put: { redis: server.address, emptyRedis: () => flushAll(server.address) },
      told: told('Redis: a private redis-server, every write on disk before it is answered'),
    };
  }
  const embedded = await startEmbeddedRedis();
  teardown.add('Redis', () => embedded.stop());
  return {
    put: { redis: embedded.address, emptyRedis: () => flushAll(embedded.address) },
    told: told(`Redis: inside this process. ${embedded.warning}`),
  };
}

async function setRegistry(deps: DemoDeps, folder: string, teardown: Teardown, stage: Partial<Stage>) {
  const engine = need(stage, 'engine');
  const place = join(folder, 'registry');
  await mkdir(place, { recursive: true });
  const registry = await startRegistry(place, engine.host, deps.path);
  teardown.add('registry', () => registry.stop());
  const baseImage = `${registry.address}/base/busybox:1`;
  const archive = `docker-archive:${join(deps.archives, 'busybox.tar')}`;
  await promisify(execFile)(
    'skopeo',
    ['copy', '--quiet', '--dest-tls-verify=false', archive, `docker://${baseImage}`],
    { env: { PATH: deps.path, HOME: folder, TMPDIR: folder } },
  );
  return {
    put: { registry, baseImage },
    told: told(`Registry: docker-registry with one base image, busybox`, `http://${registry.address}/v2/_catalog`),
  };
}

async function setGitHub(folder: string, teardown: Teardown, stage: Partial<Stage>) {
  const engine = need(stage, 'engine');
  const service = await startFlakyService(engine.host);
  teardown.add('flaky service', () => service.stop());
  const repositories = join(folder, 'github');
  await mkdir(repositories, { recursive: true });
  const github = await startGitHub({ folder: repositories, host: engine.host, now: Date.now, documents });
  teardown.add('GitHub', () => github.close());
  await github.createOrganization('acme');
  for (const login of ['ada', 'boss', 'mallory']) await github.createUser(login);
  await github.addMember('acme', 'boss', 'admin');
  await github.createRepository('acme/api', {
    files: apiFiles(need(stage, 'baseImage'), engine.testImage, service.url),
  });
  await github.setPermission('acme/api', 'ada', 'write');
  return {
    put: { github, service },
    told: told("GitHub: a stand-in over real git repositories, held to GitHub's description", github.url),
  };
}

async function setSluice(deps: DemoDeps, folder: string, teardown: Teardown, stage: Partial<Stage>) {
  const github = need(stage, 'github');
  const engine = need(stage, 'engine');
  const { staging, final, file: registries } = need(stage, 'images');
  const manifest = manifestFor(
    {
      name: 'sluice',
      url: 'http://127.0.0.1/',
      webhookUrl: 'http://127.0.0.1/',
      redirectUrl: 'http://127.0.0.1/registered',
    },
    parse(deps.appYml),
  );
  const redirect = new URL(await github.acceptManifest(manifest, deps.newToken(), 'boss', 'acme'));
  const app = await exchangeCode(github.apiUrl, redirect.searchParams.get('code') ?? '');
  const logFile = join(folder, 'sluice.log');
  const wishes: SluiceWishes = {
    redis: need(stage, 'redis'),
    prefix,
    data: join(folder, 'data'),
    host: '127.0.0.1',
    port: 0,
    pool: {
      ...engine.pool,
      insecureRegistries: [need(stage, 'registry'), staging, final].map(({ address }) => address),
    },
    registries,
    logKey: deps.newToken(),
    github: { appId: app.appId, privateKey: app.privateKey, webhookSecret: app.webhookSecret, apiUrl: github.apiUrl },
  };
  const log = pino({ level: 'debug' }, createWriteStream(logFile));
  const sluice = await deps.sluice.start({ ...wishes, executor: engine.executor, log });
  teardown.add('Sluice', () => sluice.close());
  const hearAt = (url: string) => github.setWebhookUrl(app.appId, `${url}/api/github/webhooks`);
  await hearAt(sluice.url);
  await github.installApp(app.appId, 'acme');
  const serve: Stage['serve'] = async (port) => {
    const served = await deps.sluice.serve({ ...wishes, port, executor: engine.recipe, logFile });
    teardown.add("Sluice's process", () => served.kill());
    await hearAt(served.url);
    return served;
  };
  return {
    put: { sluice, appId: app.appId, serve },
    told: told('Sluice: registered as a GitHub App from app.yml and installed on acme', sluice.url),
  };
}

/** What must stand before the story begins, in order. */
export function setStage(deps: DemoDeps, run: DemoRun, folder: string, teardown: Teardown): readonly Setting[] {
  return [
    { title: 'Redis', set: () => setRedis(deps, folder, teardown) },
    {
      title: 'Builder',
      set: async () => {
        const engine = await chooseEngine(deps, run.executor, folder);
        teardown.add('builder', () => engine.close());
        return { put: { engine, manifests: engine.manifests, folder }, told: told(`Builder: ${engine.description}`) };
      },
    },
    { title: 'Registry', set: (stage) => setRegistry(deps, folder, teardown, stage) },
    {
      title: 'Registries',
      set: async (stage) => {
        const images = await setRegistries(deps, folder, teardown, need(stage, 'engine'));
        const happened = `two more registries, each with a password: ${images.staging.address} for what waits, ${images.final.address} for what landed`;
        return { put: { images }, told: told(`Registries: ${happened}`) };
      },
    },
    { title: 'GitHub', set: (stage) => setGitHub(folder, teardown, stage) },
    { title: 'Sluice', set: (stage) => setSluice(deps, folder, teardown, stage) },
  ];
}

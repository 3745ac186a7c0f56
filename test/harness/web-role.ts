import { join } from 'node:path';
import type { Log } from '../../src/ports/log.ts';
import { type RunningSluice, type SluiceOptions, startSluice } from '../../src/start-sluice.ts';
import { createFakeExecutor } from '../fakes/executor.ts';
import { keepingLog } from './redis.ts';
import { worldClock } from './world-clock.ts';

export const webSecret = 'the webhook secret of a web process';
export const webAppId = 4711;

export interface WebRoleOptions {
  readonly redis: string;
  readonly prefix?: string;
  readonly secrets?: () => readonly string[];
  readonly log?: Log;
}

/** What a process that only listens is made of; its GitHub is never asked. */
export function webRoleOptions(options: WebRoleOptions): SluiceOptions {
  const { redis, prefix, secrets = () => [webSecret], log = keepingLog() } = options;
  return {
    role: 'web',
    redis,
    ...(prefix === undefined ? {} : { prefix }),
    github: {
      appId: webAppId,
      privateKey: 'none is needed to listen',
      webhookSecrets: secrets,
      apiUrl: 'http://127.0.0.1:9',
      pace: 'unbounded',
    },
    listen: { host: '127.0.0.1', port: 0 },
    publicUrl: null,
    data: '/nonexistent',
    jobsFolder: join(import.meta.dirname, '../../jobs'),
    logKey: 'log-key-of-this-test',
    executor: createFakeExecutor(Date.now),
    pool: {
      stepImage: 'localhost/sluice-steps:test',
      kanikoImage: 'localhost/kaniko:test',
      builder: 'kaniko',
      owner: 'test',
      hostUsers: null,
      runtimeClassName: null,
      nodeSelector: {},
      registryMaps: [],
      insecureRegistries: [],
    },
    limits: { pool: 1, perRepository: 1, perAuthor: 1 },
    allows: () => true,
    worker: 'web-1',
    periods: { dueMs: 3_600_000, resyncMs: 3_600_000, redeliveryMs: 3_600_000, podsMs: 3_600_000 },
    reporter: {},
    environment: { PATH: process.env.PATH ?? '' },
    clock: worldClock,
    log,
  };
}

export interface RunningWeb extends RunningSluice {
  readonly url: string;
}

/** The whole of a process that only listens, in this one: real web server, real parser, real intake. */
export async function startWebRole(options: WebRoleOptions): Promise<RunningWeb> {
  const sluice = await startSluice(webRoleOptions(options));
  if (sluice.url === null) throw new Error('a web process listens');
  return { ...sluice, url: sluice.url };
}

import { type SluiceOptions, startSluice } from '../../src/start-sluice.ts';
import { createFakeExecutor } from '../fakes/executor.ts';
import { worldClock } from './world-clock.ts';

/** A web process of its own, to be killed: reads its settings from the first argument, prints its URL, and stays. */
const settings = JSON.parse(process.argv[2] ?? '{}') as Pick<
  SluiceOptions,
  'redis' | 'data' | 'jobsFolder' | 'pool'
> & {
  readonly github: { readonly appId: number; readonly privateKey: string; readonly apiUrl: string };
  readonly secret: string;
};
const silent = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };
const sluice = await startSluice({
  ...settings,
  role: 'web',
  github: { ...settings.github, webhookSecrets: () => [settings.secret], pace: 'unbounded' },
  listen: { host: '127.0.0.1', port: 0 },
  publicUrl: null,
  logKey: 'log-key-of-this-test',
  executor: createFakeExecutor(Date.now),
  limits: { pool: 1, perRepository: 1, perAuthor: 1 },
  allows: () => true,
  worker: 'web-1',
  periods: { dueMs: 1000, resyncMs: 3_600_000, redeliveryMs: 3_600_000, podsMs: 1000 },
  reporter: {},
  environment: { PATH: process.env.PATH ?? '' },
  clock: worldClock,
  log: silent,
});
process.stdout.write(`${sluice.url}\n`);

import { join } from 'node:path';
import { createProcessExecutor } from '../../src/adapters/process/executor.ts';
import { openRegistries } from '../../src/registry-keys.ts';
import { createServerLog } from '../../src/server-log.ts';
import { startSluice } from '../../src/start-sluice.ts';
import type { WorkerSettings } from './worker-settings.ts';
import { worldClock } from './world-clock.ts';

/** A worker of its own, to be killed: with limits of its own and short periods. */
const {
  github,
  ahead = 0,
  reporter = {},
  registries: file = null,
  ...settings
} = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings;
const jobsFolder = join(import.meta.dirname, '../../jobs');
const path = process.env.PATH ?? '';
const log = createServerLog('info', [], (line) => void process.stdout.write(line));
const machine = { server: { registries: file }, userEnvironment: {}, kubeconfig: '' };
const registries = await openRegistries(machine, log);
await startSluice({
  ...settings,
  role: 'worker',
  github: { ...github, webhookSecrets: () => [], pace: 'unbounded' },
  listen: { host: '127.0.0.1', port: 0 },
  publicUrl: null,
  jobsFolder,
  logKey: 'log-key-of-this-test',
  executor: createProcessExecutor({
    folder: join(settings.data, 'builds'),
    owner: 'sluice',
    stepCommand: [process.execPath, join(jobsFolder, 'steps', 'step.ts')],
    allowed: 'trusted-only',
    acceptUntrusted: true,
    node: process.execPath,
    searchPath: path,
    logLimit: 1024 * 1024,
    now: Date.now,
  }),
  pool: {
    stepImage: 'localhost/sluice-steps:none',
    kanikoImage: 'localhost/kaniko:none',
    builder: 'buildah',
    owner: 'sluice',
    hostUsers: null,
    runtimeClassName: null,
    nodeSelector: {},
    registryMaps: [],
    insecureRegistries: registries?.insecureHosts ?? [],
  },
  ...(registries === null ? {} : { registryKeys: registries.keys }),
  allows: () => true,
  periods: { dueMs: 500, resyncMs: 3_600_000, redeliveryMs: 3_600_000, podsMs: 1_000 },
  reporter,
  environment: { PATH: path },
  clock: { ...worldClock, now: () => worldClock.now() + ahead },
  log,
});
log.info({ worker: settings.worker }, 'serving');

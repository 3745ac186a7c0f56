import type { RunningSluice, SluiceWishes } from './demo/scenario/sluice-port.ts';
import type { Machine } from './machine.ts';
import type { Executor } from './ports/executor.ts';
import type { Log } from './ports/log.ts';
import { openRegistries } from './registry-keys.ts';
import { startSluice } from './start-sluice.ts';

const hour = 3_600_000;

/** The real Sluice, on the demo's own Redis, GitHub and executor; quicker to look and to write than github.com allows. */
export async function showSluice(
  machine: Machine,
  wishes: SluiceWishes,
  { executor, log }: { readonly executor: Executor; readonly log: Log },
): Promise<RunningSluice> {
  const { redis, prefix, data, host, port, pool, registries, logKey, github } = wishes;
  const { webhookSecret, ...app } = github;
  const opened = await openRegistries({ ...machine, server: { ...machine.server, registries } }, log);
  const sluice = await startSluice({
    role: 'all',
    redis,
    prefix,
    github: { ...app, webhookSecrets: () => [webhookSecret], pace: 'unbounded' },
    listen: { host, port },
    publicUrl: null,
    data,
    jobsFolder: machine.jobsFolder,
    logKey,
    version: machine.version,
    executor,
    ...(opened === null ? {} : { registryKeys: opened.keys, knownRegistries: opened.known }),
    pool,
    limits: { pool: 4, perRepository: 4, perAuthor: 4 },
    allows: () => true,
    worker: machine.worker,
    periods: { dueMs: 500, resyncMs: hour, redeliveryMs: hour, podsMs: 1000 },
    reporter: { coalesceMs: 500, limiter: { max: 1000, duration: 1000 } },
    environment: { PATH: machine.path },
    clock: machine.clock,
    log,
  });
  if (sluice.url === null) throw new Error("the demo's Sluice does not listen");
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= sluice.close();
    return closing;
  };
  return { url: sluice.url, resync: async () => sluice.worker?.resync(), close };
}

import type { CliIo, DemoOptions } from './cli/deps.ts';
import { runDemo } from './demo/scenario/run-demo.ts';
import type { SluicePort } from './demo/scenario/sluice-port.ts';
import type { Machine } from './machine.ts';
import { startSluice } from './start-sluice.ts';

const hour = 3_600_000;

/** The process that the demo shows: the real one, on the demo's own Redis, GitHub and executor. */
function sluicePort(machine: Machine, logKey: string): SluicePort {
  return {
    async start({ redis, prefix, data, host, executor, pool, github, log }) {
      const { webhookSecret, ...app } = github;
      const sluice = await startSluice({
        role: 'all',
        redis,
        prefix,
        github: { ...app, webhookSecrets: () => [webhookSecret], pace: 'unbounded' },
        listen: { host, port: 0 },
        publicUrl: null,
        data,
        jobsFolder: machine.jobsFolder,
        logKey,
        version: machine.version,
        executor,
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
      return { url: sluice.url, resync: async () => sluice.worker?.resync(), close: () => sluice.close() };
    },
  };
}

/** Plays the demo; true exactly if every step held. */
export function playDemo(options: DemoOptions, machine: Machine, io: CliIo): Promise<boolean> {
  return machine.readAppYml().then((appYml) =>
    runDemo(
      {
        sluice: sluicePort(machine, io.newToken()),
        clock: machine.clock,
        redisUrl: machine.redisUrl,
        kubeconfig: machine.kubeconfig,
        path: machine.path,
        cache: machine.cache,
        archives: machine.archives,
        jobsFolder: machine.jobsFolder,
        appYml,
        root: machine.isRoot,
        terminal: io.terminal,
        out: io.out,
        interrupted: io.interrupted,
        newToken: io.newToken,
      },
      options,
    ),
  );
}

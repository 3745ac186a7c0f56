import type { Redis } from 'ioredis';
import type { GitHubApp } from './adapters/github/app.ts';
import { createPrometheus, type Prometheus } from './adapters/prometheus/prometheus.ts';
import { checkServer } from './adapters/redis/check-server.ts';
import { createFigureReader } from './adapters/redis/figures.ts';
import { countCommands } from './adapters/redis/open-redis.ts';
import { listSeen } from './app/pod-view.ts';
import { describeFigures, span } from './http/describe-figures.ts';
import { createReadiness, type ReadinessCheck } from './http/readiness.ts';
import type { HealthOptions, StatusLines } from './http/status-route.ts';
import type { Clock } from './ports/clock.ts';
import type { Executor } from './ports/executor.ts';
import type { Log } from './ports/log.ts';

/** What is told of a process to probes, to Prometheus and to people. */
export interface SluiceHealth extends HealthOptions {
  readonly prometheus: Prometheus;
  readonly status: () => Promise<StatusLines>;
}

export interface HealthParts {
  readonly role: 'web' | 'worker' | 'all';
  readonly redis: Redis;
  /** Then only whether it answers is asked. */
  readonly redisIsOurs: boolean;
  readonly prefix: string | undefined;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The pools that an operator may name; for now there is the one of this machine. */
const pools = ['default'];

/** Counts from now on; must come before other connections are made from this one. */
export function startCounting({ redis, prefix, version, clock }: HealthParts) {
  const figures = createFigureReader(redis, prefix);
  const prometheus = createPrometheus({ figures, pools, version, now: clock.now });
  countCommands(redis, prometheus.metrics.redisCommanded);
  return { figures, prometheus };
}

/** What is needed depends on the role: a web process takes deliveries without GitHub or an executor. */
export function createHealth(
  parts: HealthParts,
  { figures, prometheus }: ReturnType<typeof startCounting>,
  work: { readonly github: GitHubApp; readonly executor: Executor },
): SluiceHealth {
  const { clock, log, role, version } = parts;
  const checks = [redisCheck(parts), ...(role === 'web' ? [] : workChecks(work.github, work.executor))];
  const began = clock.now();
  const figuresOrNull = () =>
    figures().catch((cause: unknown) => {
      log.warn({ err: cause }, 'the figures could not be read');
      return null;
    });
  return {
    prometheus,
    clock,
    ready: createReadiness(checks, clock, log),
    async status() {
      const now = clock.now();
      const about = `version ${version}, role ${role}`;
      const process = { name: 'This process', value: `runs for ${span(now - began)}`, note: about };
      return [...describeFigures(await figuresOrNull(), pools, now), process];
    },
  };
}

function redisCheck({ redis, redisIsOurs }: HealthParts): ReadinessCheck {
  return {
    failure: 'Redis gives no answer: see that it runs and that its address and password are right.',
    missing: async () => {
      const problems = await checkServer(redis);
      return redisIsOurs ? [] : problems.flatMap((each) => (each.severity === 'refuse' ? [each.because] : []));
    },
  };
}

function workChecks(github: GitHubApp, executor: Executor): readonly ReadinessCheck[] {
  let accepted = false;
  return [
    {
      failure: `The pods cannot be listed (${executor.kind}): the log says why.`,
      missing: async () => {
        // A pool that is away holds up no other, and takes no worker out of service.
        await listSeen(executor);
        return [];
      },
    },
    {
      failure:
        'GitHub has not accepted the App yet: see that it is reachable and that App id and private key belong together.',
      missing: async () => {
        // Once is enough: an hour without GitHub must not take every worker out of service.
        if (!accepted) await (await github.asApp()).rest.apps.getAuthenticated();
        accepted = true;
        return [];
      },
    },
  ];
}

import type { AppSettings, Ports, WorkerContext } from '../../src/app/context.ts';
import { noJobSecrets } from '../../src/job-secrets.ts';
import type { ForgeEvent } from '../../src/model/forge-event.ts';
import type { PoolSettings } from '../../src/model/order.ts';
import { parseSubjectId } from '../../src/model/subject.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Log } from '../../src/ports/log.ts';
import { uncounted } from '../../src/ports/metrics.ts';
import type { Reporter } from '../../src/ports/reporter.ts';
import type { Signals } from '../../src/ports/signals.ts';
import type { Intake } from '../../src/ports/store.ts';
import type { Calls } from './calls.ts';
import { listenForWishes } from './check-writer.ts';
import type { Cluster } from './cluster.ts';
import { forgePort, type Minted, sourcePort } from './forge-port.ts';
import type { ForgeWorld } from './forge-world.ts';
import type { Disk } from './gate/clone.ts';
import { gateForgePort } from './gate/gate-forge-port.ts';
import { landingPort } from './gate/landing-port.ts';
import { type IntakeScripts, idleMs } from './intake-model.ts';
import { type LogFiles, logPort } from './log-model.ts';
import type { Product } from './product.ts';
import { parseOnce, withoutFile } from './projects.ts';
import { hearsOf, pushPorts } from './push/ports.ts';
import type { RedisServer } from './redis-server.ts';
import type { RegistryWorld } from './registry-model.ts';
import { registriesOf } from './registry-port.ts';
import type { ReportScripts } from './reporter-model.ts';
import type { Safety } from './safety.ts';
import type { Process, Sim } from './sim.ts';
import { type StoreScripts, storePorts } from './store-model.ts';
import type { WakeQueueModel } from './wake-queue-model.ts';
import type { Webhooks } from './webhooks.ts';

/** Everything that outlives a process. */
export interface Surroundings {
  readonly sim: Sim;
  readonly calls: Calls;
  readonly product: Product;
  readonly redis: RedisServer;
  readonly store: StoreScripts;
  readonly intake: IntakeScripts;
  readonly reports: ReportScripts;
  readonly passes: WakeQueueModel;
  readonly writes: WakeQueueModel;
  readonly forge: ForgeWorld;
  readonly webhooks: Webhooks;
  readonly cluster: Cluster;
  readonly logs: LogFiles;
  readonly safety: Safety;
  readonly minted: Minted[];
  /** Clones that outlive a process. */
  readonly disk: Disk;
  readonly registries: RegistryWorld;
}

/** Once nothing fails any more, whoever waits for events is woken by them and need not look for what others left. */
const quietMs = 60_000;

export const pool: PoolSettings = {
  stepImage: `registry.acme.io/sluice-steps@sha256:${'1'.repeat(64)}`,
  kanikoImage: `registry.acme.io/kaniko@sha256:${'2'.repeat(64)}`,
  builder: 'kaniko',
  owner: 'sluice-sim',
  hostUsers: null,
  runtimeClassName: null,
  nodeSelector: {},
  registryMaps: [],
  insecureRegistries: [],
};

function clockOf({ sim, calls }: Surroundings, process: Process): Clock {
  return {
    now: () => sim.time.now() + process.skew,
    elapsed: () => sim.time.now(),
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) {
          resolve();
          return;
        }
        const wake = (): void => {
          signal?.removeEventListener('abort', abort);
          resolve();
        };
        const cancel = calls.later(process, milliseconds, wake);
        const abort = (): void => {
          cancel();
          resolve();
        };
        signal?.addEventListener('abort', abort);
      }),
  };
}

/** What the product says is counted, so that it shows which of its paths were taken. */
function logOf({ sim }: Surroundings, process: Process): Log {
  const line =
    (level: string) =>
    (fields: object, message: string): void => {
      if (level !== 'debug' && level !== 'info') sim.note(`log: ${message}`);
      sim.tell(() => `${process.name} ${level}: ${message} ${JSON.stringify(fields, plain)}`);
    };
  return { error: line('error'), warn: line('warn'), info: line('info'), debug: line('debug') };
}

function plain(_key: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value;
}

function intakeOf({ calls, redis, intake, product, sim }: Surroundings, process: Process): Intake {
  const script = <T>(what: string, kind: 'read' | 'write', run: () => T): Promise<T> =>
    calls.call(process, `intake.${what}`, () => redis[kind](run));
  return {
    accept: (event, subjects) =>
      calls.wait(process, 'intake.accept', (answer, fail) => {
        const outcome = redis.write(() => intake.accept(event, subjects));
        if (outcome === 'duplicate') sim.note('intake: a duplicate');
        if (product.planted.hasty) {
          answer(outcome);
          return;
        }
        redis.whenOnDisk(
          () => answer(outcome),
          () => fail(new Error(`cannot store delivery ${event.delivery}`)),
        );
      }),
    seen: (guids) => script('seen', 'read', () => intake.seen(guids)),
    take: (count, waitMs) =>
      calls.wait(process, 'intake.take', (answer, fail) => {
        const take = () => redis.write(() => intake.take(count, process.name));
        const there = take();
        if (there.length > 0) {
          answer(there);
          return;
        }
        let open = true;
        const settle = (): void => {
          if (!open || !process.alive) return;
          open = false;
          stop();
          try {
            answer(take());
          } catch (cause) {
            fail(cause as Error);
          }
        };
        const stop = intake.onAccepted(settle);
        process.onDeath.push(stop);
        // Nobody would notice a shorter wait: what asks again at once finds the same.
        sim.time.after(Math.max(waitMs, sim.faultsOn() ? idleMs / 2 : quietMs), settle);
      }),
    finish: (entry, event, subjects) => script('finish', 'write', () => intake.finish(entry, event, subjects)),
    quarantine: (entry, event, because) =>
      script('quarantine', 'write', () => {
        sim.note('intake: an event was quarantined');
        intake.quarantine(entry, event, because);
      }),
  };
}

function reporterOf({ calls, redis, reports, writes }: Surroundings, process: Process, log: Log): Reporter {
  const script = <T>(what: string, kind: 'read' | 'write', run: () => T): Promise<T> =>
    calls.call(process, `reporter.${what}`, () => redis[kind](run));
  return {
    async want(project, report, origin) {
      const outcome = await script('want', 'write', () => reports.want(project, report, origin));
      if (outcome !== 'stored') return;
      await writes.wake(process, String(project.installation)).catch((err: unknown) => {
        log.warn({ err }, 'waiting check runs were not signalled');
      });
    },
    known: (ids) => script('known', 'read', () => reports.known(ids)),
    waiting: () => script('waiting', 'read', () => reports.waiting().length),
    async recover() {
      for (const installation of await script('recover', 'read', reports.waiting))
        await writes.wake(process, String(installation));
    },
  };
}

function portsOf(world: Surroundings, process: Process): Ports {
  const { sim, calls, redis, forge, cluster, safety, minted, passes } = world;
  const log = logOf(world, process);
  const disk = sim.knobs.queues?.disk === 'new' ? new Map() : world.disk;
  const watched: StoreScripts = {
    ...world.store,
    load(subject) {
      const stored = world.store.load(subject);
      safety.onLoad(process, subject, stored.version);
      return stored;
    },
    save(request) {
      const outcome = world.store.save(request);
      safety.onSave(process, request, outcome);
      return outcome;
    },
  };
  const store = storePorts(watched, (where, kind, script) => calls.call(process, where, () => redis[kind](script)));
  const signals: Signals = {
    wake: async (subject) => {
      if (hearsOf(sim.knobs, subject)) await passes.wake(process, subject);
    },
    listen(pass, concurrency) {
      const failures = new Map<string, number>();
      const handle = async (name: string): Promise<void> => {
        if (!parseSubjectId(name)) throw new Error(`not a subject: ${name}`);
        try {
          await pass(name as Parameters<typeof pass>[0]);
          failures.delete(name);
        } catch (err) {
          const count = (failures.get(name) ?? 0) + 1;
          failures.set(name, count);
          log.error({ subject: name, err }, 'pass failed');
          await passes.wakeLater(process, name, Math.min(60_000, 1000 * 2 ** (count - 1)));
        }
      };
      return passes.listen(process, handle, concurrency);
    },
  };
  return {
    ...store,
    forge: forgePort(sim, calls, forge, process, minted),
    deliveries: world.webhooks.logOf(process),
    source: sourcePort(calls, forge, process, disk),
    gateForge: gateForgePort(world, calls, process),
    ...pushPorts({ ...world, disk }, process),
    landing: landingPort(
      { ...world, watch: safety, disk, leaseless: world.product.planted.leaseless === true },
      process,
    ),
    executor: cluster.executorOf(process),
    jobSecrets: noJobSecrets,
    ...registriesOf({ ...world, watch: safety, byDigest: world.product.planted.byDigest === true }, process),
    intake: intakeOf(world, process),
    signals,
    reporter: reporterOf(world, process, log),
    logs: logPort(calls, world.logs, process),
    clock: clockOf(world, process),
    log,
    metrics: uncounted,
  };
}

function settingsOf({ sim, product }: Surroundings, process: Process, slow: boolean): AppSettings {
  return {
    worker: process.name,
    appId: 1,
    limits: sim.knobs.limits,
    pool,
    environment: 'one for all',
    allows: () => true,
    logUrl: (build) => `https://sluice.test/logs/${build}`,
    whyNotRender: (order) => product.whyNotRender(order, pool, product.library),
    renderPod: (order) => product.renderPod(order, pool, product.library),
    parseConfig: parseOnce,
    defaultConfig: (repository, containerFile, organisation) =>
      withoutFile(repository, containerFile, { organisation }),
    concurrency: 8,
    periods: slow
      ? { dueMs: 60_000, resyncMs: 600_000, redeliveryMs: 300_000, podsMs: 60_000 }
      : { dueMs: 15_000, resyncMs: 600_000, redeliveryMs: 300_000, podsMs: 20_000 },
  };
}

/** Starts the loops of a worker process. `slow`: its sweeps come seldom, for worlds of many days. */
export function startWorkerProcess(world: Surroundings, process: Process, slow: boolean): void {
  const { product, calls, redis, forge, writes } = world;
  const { planted } = product;
  const plainPorts = portsOf(world, process);
  const ports = planted.ports?.(plainPorts) ?? plainPorts;
  const settings = settingsOf(world, process, slow);
  const context: WorkerContext = {
    ports,
    settings: planted.settings?.(settings) ?? settings,
    pods: product.createPodView(ports, 500),
  };
  listenForWishes(process, {
    calls,
    redis,
    scripts: world.reports,
    forge,
    queue: writes,
    now: world.sim.time.now,
    careless: planted.careless === true,
  });
  product.startWorker(context);
}

/** How a web process takes one delivery: true when it answers 202. */
export function receiveAt(world: Surroundings, process: Process): (event: ForgeEvent) => Promise<boolean> {
  const intake = intakeOf(world, process);
  const clock = clockOf(world, process);
  const log = logOf(world, process);
  return async (event) => {
    const begunAt = world.sim.time.now();
    const told = { ...event, receivedAt: clock.now() };
    const limits = { storeMs: 2000 };
    const outcome = await world.product.storeInTime(told, { intake, onStored: () => undefined, clock, log, limits });
    if (outcome === null) return false;
    world.safety.onAnswered(told, begunAt);
    return true;
  };
}

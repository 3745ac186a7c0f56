import { stat, truncate } from 'node:fs/promises';
import type { ObservedContainer, ObservedPod, PodContainer, PodManifest } from '../../model/pod.ts';
import { holdSecrets } from './hold-secrets.ts';
import { killByHome, markOf, type ProcessMark } from './process-mark.ts';
import { type BuildRecord, type BuildState, isMissing, pathsIn, readJson, writeJson } from './record.ts';
import { type RunningContainer, runContainer } from './run-container.ts';

/** Why a build was ended by us, and how long its containers may take. */
export interface EndOrder {
  readonly reason: string;
  readonly message: string | null;
  readonly graceSeconds: number;
}

/** The sequence of one build, as its runner drives it. */
export interface PodRun {
  /** Runs everything to its end and leaves the final state on disk. */
  readonly drive: () => Promise<void>;
  /** Looks whether it shall end, and ends it; may be called at any time and again. */
  readonly obey: () => Promise<void>;
  /** Ends it for this reason. */
  readonly endFor: (order: EndOrder) => void;
}

export function createPodRun(record: BuildRecord, folder: string, self: ProcessMark, now: () => number): PodRun {
  const paths = pathsIn(folder);
  const containers = createStates(record.manifest);
  const running = new Set<RunningContainer>();
  let order: EndOrder | null = null;
  let failure: string | null = null;
  let saved = Promise.resolve();
  let giveSecrets: (container: string) => Promise<void> = async () => undefined;

  function save(phase: ObservedPod['phase']): Promise<void> {
    const own = failure === null ? { reason: null, message: null } : { reason: 'StartError', message: failure };
    const { reason, message } = order ?? own;
    const state: BuildState = { runner: self, phase, reason, message, containers: containers.list() };
    saved = saved.then(() => writeJson(paths.state, state));
    return saved;
  }

  async function runOne(container: PodContainer): Promise<boolean> {
    await obey();
    if (order !== null) return false;
    await giveSecrets(container.name);
    const one = await runContainer(record, folder, container, now);
    running.add(one);
    containers.set(one.name, { kind: 'running', startedAt: one.startedAt });
    if (order !== null) askToEnd(one, order);
    await save('running');
    await obey();
    const end = await one.end;
    running.delete(one);
    failure ??= one.failure();
    containers.set(one.name, end);
    await save('running');
    return end.exitCode === 0;
  }

  async function runInOrder(): Promise<boolean> {
    for (const container of record.manifest.spec.initContainers) if (!(await runOne(container))) return false;
    return (await Promise.all(record.manifest.spec.containers.map(runOne))).every((succeeded) => succeeded);
  }

  async function obey(): Promise<void> {
    const wanted = await readJson<EndOrder>(paths.ended);
    if (wanted !== null) endFor(wanted);
  }

  function endFor(wanted: EndOrder): void {
    if (order !== null && order.graceSeconds <= wanted.graceSeconds) return;
    order = { ...(order ?? wanted), graceSeconds: wanted.graceSeconds };
    for (const one of running) askToEnd(one, order);
  }

  async function drive(): Promise<void> {
    await save('pending');
    // Only now: a runner that ends before this is replaced, and the next one must find them.
    giveSecrets = await holdSecrets(record.manifest, paths);
    const succeeded = await runInOrder();
    await killByHome(paths.home);
    const inTime = order?.reason !== 'DeadlineExceeded';
    if (succeeded && inTime) order = null;
    await save(succeeded && inTime ? 'succeeded' : 'failed');
  }

  return { drive, obey, endFor };
}

function askToEnd(one: RunningContainer, { graceSeconds }: EndOrder): void {
  one.signal(graceSeconds === 0 ? 'SIGKILL' : 'SIGTERM');
  setTimeout(() => one.signal('SIGKILL'), graceSeconds * 1000).unref();
}

/** The state of each container in the manifest's order; all wait at first. */
function createStates({ spec }: PodManifest) {
  const waiting = { kind: 'waiting', reason: 'PodInitializing', message: null } as const;
  const states = new Map<string, ObservedContainer['state']>();
  const describe = (group: readonly PodContainer[], init: boolean): ObservedContainer[] =>
    group.map(({ name }) => ({ name, init, state: states.get(name) ?? waiting }));
  return {
    set: (name: string, state: ObservedContainer['state']) => states.set(name, state),
    list: () => [...describe(spec.initContainers, true), ...describe(spec.containers, false)],
  };
}

/** Cuts logs that have grown beyond the limit; what was written first stays. */
export async function capLogs(record: BuildRecord, folder: string): Promise<void> {
  const { initContainers, containers } = record.manifest.spec;
  for (const { name } of [...initContainers, ...containers]) {
    const path = pathsIn(folder).log(name);
    try {
      if ((await stat(path)).size > record.logLimit) await truncate(path, record.logLimit);
    } catch (cause) {
      if (!isMissing(cause)) throw new Error(`cannot cut the log ${path}`, { cause });
    }
  }
}

/** This very process. */
export async function ownMark(): Promise<ProcessMark> {
  const mark = await markOf(process.pid);
  if (mark === null) throw new Error('/proc does not show this process');
  return mark;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { type BuildId, toBuildId } from '../../src/model/build.ts';
import type { ObservedContainer, ObservedPod, PodManifest } from '../../src/model/pod.ts';
import type { Executor, PodSecrets } from '../../src/ports/executor.ts';
import { type PodParts, podOf } from './pod-manifest.ts';

export type ClosableExecutor = Executor & { readonly close: () => Promise<void> };

/** An executor under the contract, with what the suite needs around it. */
export interface ExecutorSubject {
  readonly owner: string;
  readonly executor: ClosableExecutor;
  /** Another executor on the same state, as a worker that came later would have it. */
  readonly another: (owner: string) => ClosableExecutor;
  /** Starts this build from a process of its own, which is killed by SIGKILL as soon as `until` allows. */
  readonly startAndDie: (manifest: PodManifest, secrets: PodSecrets, until: 'called' | 'answered') => Promise<void>;
  /** Whatever still is on the machine of builds that were removed; empty is right. */
  readonly leftovers: () => Promise<readonly string[]>;
  readonly end: () => Promise<void>;
}

type Parts = Omit<PodParts, 'owner' | 'name'>;

/** The verbs in which the suite's tests are told. */
export interface ExecutorRig {
  readonly subject: () => ExecutorSubject;
  /** A name that no other test has; what is called so is removed after the test. */
  readonly nextName: () => BuildId;
  readonly pod: (parts: Parts) => PodManifest;
  /** Starts a new build, which must be created. */
  readonly start: (parts: Parts, secrets?: PodSecrets) => Promise<BuildId>;
  /** Waits, 20 seconds at most, until the pod is as wanted. */
  readonly seen: (build: BuildId, wanted: (pod: ObservedPod) => boolean, executor?: Executor) => Promise<ObservedPod>;
  readonly finished: (build: BuildId) => Promise<ObservedPod>;
  /** The whole output, each piece headed by `[container]`. */
  readonly logOf: (build: BuildId) => Promise<string>;
  readonly removeAll: () => Promise<void>;
}

export function createExecutorRig(subject: () => ExecutorSubject): ExecutorRig {
  const made = new Set<BuildId>();
  let count = 0;

  function nextName(): BuildId {
    count += 1;
    const build = toBuildId(`b-contract-${count.toString(16).padStart(24, '0')}`);
    made.add(build);
    return build;
  }

  const pod = (parts: Parts) => podOf({ owner: subject().owner, name: nextName(), ...parts });

  async function start(parts: Parts, secrets: PodSecrets = {}): Promise<BuildId> {
    const manifest = pod(parts);
    expect(await subject().executor.start(manifest, secrets)).toEqual({ kind: 'created' });
    return manifest.metadata.name as BuildId;
  }

  async function seen(build: BuildId, wanted: (pod: ObservedPod) => boolean, executor: Executor = subject().executor) {
    for (let tries = 0; tries < 200; tries++) {
      const found = await executor.observe(build);
      if (found !== null && wanted(found)) return found;
      await sleep(100);
    }
    throw new Error(`after 20 s ${build} is ${JSON.stringify(await executor.observe(build))}`);
  }

  const finished = (build: BuildId) => seen(build, ({ phase }) => phase === 'succeeded' || phase === 'failed');

  async function logOf(build: BuildId): Promise<string> {
    const pieces: string[] = [];
    const limit = AbortSignal.timeout(20_000);
    await subject().executor.follow(build, ({ container, text }) => pieces.push(`[${container}]${text}`), limit);
    return pieces.join('');
  }

  async function removeAll(): Promise<void> {
    for (const build of made) await subject().executor.remove(build);
    made.clear();
  }

  return { subject, nextName, pod, start, seen, finished, logOf, removeAll };
}

export function containerOf(found: ObservedPod, wanted: string): ObservedContainer['state'] {
  const container = found.containers.find((one) => one.name === wanted);
  if (container === undefined) throw new Error(`no container ${wanted} in ${JSON.stringify(found)}`);
  return container.state;
}

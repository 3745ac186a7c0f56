import { setTimeout as sleep } from 'node:timers/promises';
import { type BuildId, toBuildId } from '../../../src/model/build.ts';
import type { ObservedPod } from '../../../src/model/pod.ts';
import type { Executor, PodSecrets } from '../../../src/ports/executor.ts';
import { type PodParts, podOf } from '../../contract/pod-manifest.ts';

/** Runs builds one after another on an executor and removes them. */
export interface Story {
  readonly start: (parts: Omit<PodParts, 'owner' | 'name'>, secrets?: PodSecrets) => Promise<BuildId>;
  /** Starts a build and waits for its end. */
  readonly run: (
    parts: Omit<PodParts, 'owner' | 'name'>,
    secrets?: PodSecrets,
  ) => Promise<{ pod: ObservedPod; log: string }>;
  /** Waits until the pod is as wanted; throws after 30 seconds, saying how it is. */
  readonly until: (build: BuildId, wanted: (pod: ObservedPod) => boolean) => Promise<ObservedPod>;
  readonly removeAll: () => Promise<void>;
}

export function isOver(pod: ObservedPod): boolean {
  return pod.phase === 'succeeded' || pod.phase === 'failed';
}

export function createStory(executor: Executor, owner: string): Story {
  const made: BuildId[] = [];

  async function start(parts: Omit<PodParts, 'owner' | 'name'>, secrets: PodSecrets = {}): Promise<BuildId> {
    const name = toBuildId(`b-${owner}-${made.length.toString(16).padStart(24, '0')}`);
    made.push(name);
    const outcome = await executor.start(podOf({ owner, name, ...parts }), secrets);
    if (outcome.kind !== 'created') throw new Error(`not created: ${JSON.stringify(outcome)}`);
    return name;
  }

  async function until(build: BuildId, wanted: (pod: ObservedPod) => boolean): Promise<ObservedPod> {
    const limit = Date.now() + 30_000;
    for (;;) {
      const pod = await executor.observe(build);
      if (pod !== null && wanted(pod)) return pod;
      if (Date.now() > limit) throw new Error(`after 30 s ${build} is ${JSON.stringify(pod)}`);
      await sleep(50);
    }
  }

  async function run(parts: Omit<PodParts, 'owner' | 'name'>, secrets: PodSecrets = {}) {
    const build = await start(parts, secrets);
    const texts: string[] = [];
    await executor.follow(build, ({ text }) => texts.push(text), AbortSignal.timeout(60_000));
    return { pod: await until(build, isOver), log: texts.join('') };
  }

  async function removeAll(): Promise<void> {
    for (const build of made) await executor.remove(build);
  }

  return { start, run, until, removeAll };
}

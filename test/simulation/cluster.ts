import type { BuildId } from '../../src/model/build.ts';
import { type PodManifest, podKeys } from '../../src/model/pod.ts';
import type { Executor, PodSecrets, StartOutcome } from '../../src/ports/executor.ts';
import type { Calls } from './calls.ts';
import { isOver, observed, type Pod, type Work, workOf } from './pod-life.ts';
import { type Promoter, promotionOf } from './promoter.ts';
import type { Process, Sim } from './sim.ts';
import type { Uploader } from './uploader.ts';

export interface Cluster {
  readonly pods: Map<string, Pod>;
  /** Every pod of ours that ever was, by uid. */
  readonly everBeen: Pod[];
  /** How old what each process was shown last of all pods is: when they were listed, by its name. */
  readonly listedAt: ReadonlyMap<string, number>;
  /** Called when a pod of ours comes to be. */
  onStart: (manifest: PodManifest, secrets: PodSecrets) => void;
  /** How a pod's work ends by itself; null: chance says. */
  judge: (manifest: PodManifest) => Work | null;
  /** Where its uploaders put images; null: no pod has one. */
  uploader: Uploader | null;
  /** Does the work of pods that promote; null: there are none. */
  promoter: Promoter | null;
  executorOf(process: Process): Executor;
  evict(name: string): void;
  delete(name: string): void;
  loseNode(name: string): void;
  goAway(milliseconds: number): void;
}

export function createCluster(sim: Sim, calls: Calls, owner: string): Cluster {
  const { time, knobs } = sim;
  const pods = new Map<string, Pod>();
  const everBeen: Pod[] = [];
  const listedAt = new Map<string, number>();
  const watchers = new Map<(build: BuildId) => void, Process>();
  const endings = new Map<string, (() => void)[]>();
  const draws = sim.chance.stream('cluster');
  let awayUntil = 0;
  let uids = 0;

  const mustAnswer = (): void => {
    if (time.now() < awayUntil) throw new Error('connect ECONNREFUSED cluster');
  };

  function changed(pod: Pod): void {
    for (const [callback, process] of watchers) {
      if (sim.faultsOn() && draws.happens(knobs.rates.watchLost)) sim.note('cluster: a watch event was lost');
      else calls.later(process, draws.between(10, 500), () => watchers.has(callback) && callback(pod.name as BuildId));
    }
    if (!isOver(pod) && pods.get(pod.name) === pod) return;
    for (const ended of endings.get(pod.uid) ?? []) ended();
    endings.delete(pod.uid);
  }

  function cutOff(pod: Pod): void {
    cluster.uploader?.cutOff(pod);
    cluster.promoter?.cutOff(pod);
  }

  function end(pod: Pod, exitCode: number, reason: string | null, message: string | null = null): void {
    if (isOver(pod) || pods.get(pod.name) !== pod) return;
    if (exitCode !== 0) cutOff(pod);
    Object.assign(pod, { exitCode, reason, message, finishedAt: pod.startedAt === null ? null : time.now() });
    pod.phase = exitCode === 0 ? 'succeeded' : 'failed';
    sim.tell(() => `pod ${pod.name}: ${pod.phase} ${reason ?? ''}`);
    changed(pod);
  }

  /** What it built is uploaded last of all. */
  function finish(pod: Pod, exitCode: number): void {
    if (isOver(pod) || pods.get(pod.name) !== pod) return;
    if (promotionOf(pod.manifest) !== null) {
      end(pod, exitCode === 0 ? (cluster.promoter?.promote(pod) ?? 0) : exitCode, null);
      return;
    }
    const uploaded = exitCode === 0 ? (cluster.uploader?.upload(pod.manifest) ?? 0) : exitCode;
    pod.notUploaded = exitCode === 0 && uploaded !== 0;
    end(pod, uploaded, null);
  }

  function gone(pod: Pod): void {
    if (pods.get(pod.name) !== pod) return;
    if (!isOver(pod)) cutOff(pod);
    pods.delete(pod.name);
    pod.goneAt = time.now();
    sim.tell(() => `pod ${pod.name}: gone`);
    changed(pod);
  }

  function live(pod: Pod): void {
    const { spec } = pod.manifest;
    time.after(spec.activeDeadlineSeconds * 1000, () => end(pod, 143, 'DeadlineExceeded'));
    if (pod.work === 'never starts') {
      pod.reason = 'Unschedulable';
      pod.message = '0/3 nodes are available';
      return;
    }
    if (pod.work === 'no image') {
      time.after(draws.between(1000, 20_000), () => {
        pod.message = 'manifest unknown';
        changed(pod);
      });
      return;
    }
    time.after(draws.between(200, 10_000), () => {
      if (isOver(pod) || pods.get(pod.name) !== pod) return;
      pod.phase = 'running';
      pod.startedAt = time.now();
      changed(pod);
      if (pod.work === 'hangs') return;
      const codes: Partial<Record<Work, number>> = { failure: 1, 'out of memory': 137, 'checkout failed': 12 };
      const longest = promotionOf(pod.manifest) === null ? knobs.buildMs : Math.min(knobs.buildMs, 20_000);
      time.after(draws.between(500, longest), () => finish(pod, codes[pod.work] ?? 0));
    });
  }

  function create(manifest: PodManifest, ours: boolean): Pod {
    const { name } = manifest.metadata;
    uids += 1;
    const pod: Pod = {
      name,
      uid: `uid-${uids}`,
      manifest,
      createdAt: time.now(),
      ours,
      work: ours ? workOf(sim, draws, cluster.judge(manifest)) : 'hangs',
      phase: 'pending',
      reason: null,
      message: null,
      startedAt: null,
      finishedAt: null,
      goneAt: null,
      exitCode: 0,
      ending: false,
      givenUpAt: null,
      struck: false,
      notUploaded: false,
    };
    pods.set(name, pod);
    sim.tell(() => `pod ${name}: created, ${pod.work}`);
    return pod;
  }

  function start(manifest: PodManifest, secrets: PodSecrets): StartOutcome {
    mustAnswer();
    const { name } = manifest.metadata;
    const there = pods.get(name);
    if (there && !there.ours) return { kind: 'refused', because: `a pod that is not ours has the name ${name}` };
    if (there) {
      sim.note('executor: a pod of this name was there already');
      return { kind: 'exists' };
    }
    if (sim.faultsOn() && draws.happens(knobs.rates.foreignPod)) {
      sim.note('executor: a foreign pod has the name');
      create({ ...manifest, metadata: { ...manifest.metadata, labels: {}, annotations: {} } }, false);
      return { kind: 'refused', because: `a pod that is not ours has the name ${name}` };
    }
    if (sim.faultsOn() && draws.happens(knobs.rates.startUnavailable)) {
      sim.note('executor: no room');
      return { kind: 'unavailable', because: 'exceeded quota' };
    }
    cluster.onStart(manifest, secrets);
    const pod = create(manifest, true);
    everBeen.push(pod);
    live(pod);
    changed(pod);
    return { kind: 'created' };
  }

  function stop(name: string): void {
    mustAnswer();
    const pod = pods.get(name);
    if (!pod || isOver(pod) || !pod.ours) return;
    pod.ending = true;
    const graceMs = draws.between(0, 2) === 0 ? draws.between(100, 2000) : draws.between(2000, 30_000);
    time.after(graceMs, () => end(pod, 143, null));
  }

  function remove(name: string): void {
    mustAnswer();
    const pod = pods.get(name);
    if (!pod?.ours) return;
    pod.ending = true;
    gone(pod);
  }

  const ourPods = (): Pod[] =>
    [...pods.values()].filter((pod) => pod.manifest.metadata.labels[podKeys.owner] === owner);

  const cluster: Cluster = {
    pods,
    everBeen,
    listedAt,
    onStart: () => undefined,
    judge: () => null,
    uploader: null,
    promoter: null,
    evict: (name) => {
      const pod = pods.get(name);
      if (pod) end(pod, 137, 'Evicted', 'The node was low on resource: memory.');
    },
    delete: (name) => {
      const pod = pods.get(name);
      if (pod) gone(pod);
    },
    loseNode(name) {
      const pod = pods.get(name);
      if (!pod || isOver(pod)) return;
      pod.reason = 'NodeLost';
      pod.ending = true;
      changed(pod);
      time.after(draws.between(30_000, 300_000), () => gone(pod));
    },
    goAway(milliseconds) {
      sim.note('cluster: away');
      awayUntil = time.now() + milliseconds;
    },
    executorOf(process) {
      const ask = <T>(what: string, effect: () => T): Promise<T> => calls.call(process, `executor.${what}`, effect);
      return {
        kind: 'kubernetes',
        builders: ['kaniko'],
        start: (manifest, secrets) => ask('start', () => start(manifest, secrets)),
        list: async () => {
          const seen = await ask('list', () => {
            mustAnswer();
            return { at: time.now(), pods: ourPods().map(observed) };
          });
          listedAt.set(process.name, seen.at);
          return seen.pods;
        },
        observe: (build) =>
          ask('observe', () => {
            mustAnswer();
            const pod = pods.get(build);
            return pod?.ours ? observed(pod) : null;
          }),
        stop: (build) => ask('stop', () => stop(build)),
        remove: (build) => ask('remove', () => remove(build)),
        follow: (build, onChunk, signal) =>
          calls.wait(process, 'executor.follow', (answer) => {
            mustAnswer();
            const pod = pods.get(build);
            if (!pod || signal.aborted) {
              answer(undefined);
              return;
            }
            if (process.alive) onChunk({ container: 'checkout', text: `${pod.name} is there\n` });
            const finish = (): void => {
              if (process.alive && !signal.aborted) onChunk({ container: 'build', text: `work of ${pod.name}\n` });
              answer(undefined);
            };
            if (isOver(pod)) finish();
            else endings.set(pod.uid, [...(endings.get(pod.uid) ?? []), finish]);
          }),
        watch(onChange) {
          watchers.set(onChange, process);
          process.onDeath.push(() => watchers.delete(onChange));
          return () => watchers.delete(onChange);
        },
      };
    },
  };
  return cluster;
}

import type { ObservedContainer, ObservedPod, PodManifest } from '../../src/model/pod.ts';
import type { Draws } from './chance.ts';
import { promotionOf } from './promoter.ts';
import type { Sim } from './sim.ts';
import { messageOf } from './uploader.ts';

/** How a pod's work ends when nothing happens to it. */
export type Work = 'success' | 'failure' | 'out of memory' | 'checkout failed' | 'no image' | 'hangs' | 'never starts';

export interface Pod {
  readonly name: string;
  readonly uid: string;
  readonly manifest: PodManifest;
  readonly createdAt: number;
  readonly ours: boolean;
  readonly work: Work;
  phase: ObservedPod['phase'];
  reason: string | null;
  message: string | null;
  startedAt: number | null;
  finishedAt: number | null;
  /** When it was removed, by whomever; null: it is there. */
  goneAt: number | null;
  exitCode: number;
  /** Somebody asked for its end. */
  ending: boolean;
  /** When pods were listed by which our state has given it up, as the App may not see its repository; null: it has not. */
  givenUpAt: number | null;
  /** Something befell it from outside. */
  struck: boolean;
  /** It was built, and its image could not be uploaded. */
  notUploaded: boolean;
}

export function isOver(pod: Pod): boolean {
  return pod.phase === 'succeeded' || pod.phase === 'failed';
}

/** `judged`: how it ends unless something befalls it; null: chance says. */
export function workOf(sim: Sim, draws: Draws, judged: Work | null): Work {
  const { rates, failingBuilds } = sim.knobs;
  const dice = draws.unit();
  if (sim.faultsOn()) {
    if (dice < rates.podHangs) return 'hangs';
    if (dice < rates.podHangs + rates.podPending) return 'never starts';
    if (dice < rates.podHangs + rates.podPending + rates.noImage) return 'no image';
    if (draws.happens(rates.podEvicted / 2)) return 'checkout failed';
  }
  if (judged !== null) return judged;
  if (draws.happens(failingBuilds)) return draws.pick<Work>(['failure', 'failure', 'out of memory']);
  return 'success';
}

function stateOf(
  pod: Pod,
  name: string,
  failing: string,
  isAfter: boolean,
  isLast: boolean,
): ObservedContainer['state'] {
  if (pod.startedAt === null) {
    const stuck = pod.work === 'no image' && pod.message !== null;
    return stuck
      ? { kind: 'waiting', reason: 'ErrImagePull', message: pod.message }
      : { kind: 'waiting', reason: 'PodInitializing', message: null };
  }
  if (pod.finishedAt === null) {
    return isLast
      ? { kind: 'running', startedAt: pod.startedAt }
      : {
          kind: 'terminated',
          exitCode: 0,
          reason: 'Completed',
          message: '',
          startedAt: pod.startedAt,
          finishedAt: pod.startedAt,
        };
  }
  if (isAfter) return { kind: 'waiting', reason: 'PodInitializing', message: null };
  const failed = name === failing && pod.exitCode !== 0;
  return {
    kind: 'terminated',
    exitCode: failed ? pod.exitCode : 0,
    reason: failed ? (pod.exitCode === 137 && pod.work === 'out of memory' ? 'OOMKilled' : 'Error') : 'Completed',
    message: isLast && !failed ? messageOf(pod.manifest) : '',
    startedAt: pod.startedAt,
    finishedAt: pod.finishedAt,
  };
}

export function observed(pod: Pod): ObservedPod {
  const { metadata, spec } = pod.manifest;
  const all = [
    ...spec.initContainers.map((each) => ({ each, init: true })),
    ...spec.containers.map((each) => ({ each, init: false })),
  ];
  const failing = pod.notUploaded
    ? 'upload'
    : pod.work === 'checkout failed' && promotionOf(pod.manifest) === null
      ? 'checkout'
      : (all.find(({ each }) => ['command', 'build', 'promote'].includes(each.name))?.each.name ?? '');
  const at = pod.exitCode === 0 ? all.length : all.findIndex(({ each }) => each.name === failing);
  const containers = all.map(({ each, init }, index): ObservedContainer => {
    const state = stateOf(pod, each.name, failing, index > at, index === all.length - 1);
    return { name: each.name, init, state };
  });
  const { name, labels, annotations } = metadata;
  const { uid, phase, reason, message } = pod;
  return { name, uid, labels, annotations, phase, reason, message, containers };
}

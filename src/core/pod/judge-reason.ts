import type { ObservedPod } from '../../model/pod.ts';
import { jobImageKey } from './labels.ts';
import { changesFault, type Ending, ourFault, quoted, type Terminated } from './pod-ending.ts';

/** The container that runs in the author's image with the author's command. */
export const authorsContainer = 'command';

const pullReasons = new Set(['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName']);

/** What the cluster did to the pod, whatever ran in it; as Kubernetes 1.35 and podman's adapter write them. */
const lossReasons: Readonly<Record<string, string>> = {
  NodeLost: 'its node was lost',
  NodeShutdown: 'its node was shut down',
  Shutdown: 'its node was shut down',
  Terminated: 'its node was shut down',
  Preempting: 'it had to make room for another pod',
  Preempted: 'it had to make room for another pod',
  PreemptionByScheduler: 'it had to make room for another pod',
  PreemptionByKubeScheduler: 'it had to make room for another pod',
  DeletionByTaintManager: 'its node could not keep it',
  EvictionByEvictionAPI: 'it was evicted from its node',
  TerminationByKubelet: 'its node ended it',
  ContainerStatusUnknown: 'its node lost sight of it',
  Deleted: 'its pod got deleted unexpectedly',
};

export function isPullReason(reason: string | null): boolean {
  return reason !== null && pullReasons.has(reason);
}

const withoutLogin = ': jobs pull without a credential so far, so a registry that wants one cannot be pulled from here';

function isDenied(message: string | null): boolean {
  return /\b(?:unauthori[sz]ed|denied|authentication required|401|403)\b/i.test(message ?? '');
}

/** Ours for the images that we name; the author's, with the runtime's words, for the author's. */
export function judgeMissingImage(container: string, reason: string | null, message: string | null): Ending {
  const words = quoted(message ?? reason);
  return container === authorsContainer
    ? changesFault(`the image of the job could not be had${words}${isDenied(message) ? withoutLogin : ''}`)
    : ourFault(`the image of the step ${container} could not be had${words}`);
}

/** What the pod's own reason decides before its containers are asked; null where it decides nothing. */
export function judgeReason(pod: ObservedPod, failed: Terminated | null): Ending | null {
  const { reason, message } = pod;
  if (reason === null) return null;
  if (reason === 'DeadlineExceeded')
    return { result: 'timeout', because: 'it took longer than its timeout', retry: false, image: null };
  if (reason === 'Evicted') return judgeEviction(message);
  if (isPullReason(reason))
    return judgeMissingImage(namesAuthorsImage(pod) ? authorsContainer : 'of ours', reason, message);
  if (reason === 'StartError') return judgeStartError(failed?.name ?? null, failed?.state.message || message);
  const loss = Object.hasOwn(lossReasons, reason) ? lossReasons[reason] : undefined;
  if (loss !== undefined) return ourFault(`${loss}${quoted(message)}`);
  const ranToItsEnd = failed !== null && !isKill(failed.state.exitCode);
  return ranToItsEnd ? null : ourFault(`its pod was ended${quoted([reason, message ?? ''].join(' '))}`);
}

/** A program that the author's image does not have is the author's; everything else about starting is ours. */
export function judgeStartError(container: string | null, words: string | null): Ending {
  const noProgram =
    /\bexec:? .*(?:no such file|not found|permission denied|exec format error)|attempted to invoke a command that was not found/i;
  if (container === authorsContainer && words !== null && noProgram.test(words))
    return changesFault(`the image of the job cannot run /bin/sh${quoted(words)}`);
  return ourFault(`it could not be started${quoted(words)}`);
}

// The kubelet's words are all there is: the reason is the same for a pod's own limit and for a full node.
function judgeEviction(message: string | null): Ending {
  const ownLimit = /exceeds the (?:total )?limit|exceeded its (?:local )?ephemeral storage limit/i;
  if (message === null || !ownLimit.test(message)) return ourFault(`its node ran short${quoted(message)}`);
  return changesFault(`it used more storage than its limit${quoted(message)}: raise ephemeralStorage, or write less`);
}

// A runtime that cannot pull says which image, and not for which container.
function namesAuthorsImage({ annotations, message }: ObservedPod): boolean {
  const image = annotations[jobImageKey];
  if (image === undefined || image === '' || message === null) return false;
  for (let at = message.indexOf(image); at >= 0; at = message.indexOf(image, at + 1)) {
    const before = message[at - 1] ?? ' ';
    const after = message[at + image.length] ?? ' ';
    if (!/[\w.-]/.test(before) && !/[\w./-]/.test(after)) return true;
  }
  return false;
}

/** SIGKILL and SIGTERM: what ends a container from outside. */
function isKill(exitCode: number): boolean {
  return exitCode === 137 || exitCode === 143;
}

import type { ObservedPod } from '../../model/pod.ts';
import type { PodJudgement } from '../presubmit/judgement.ts';
import { isPullReason, judgeMissingImage, judgeReason } from './judge-reason.ts';
import { judgeStep } from './judge-steps.ts';
import { changesFault, type Ending, ourFault, quoted, type Terminated } from './pod-ending.ts';
import { readMeasured, readUploaded } from './read-measured.ts';
import { daemonName } from './rights-flaws.ts';

/**
 * What a pod's state says of its Build; never throws, whatever the pod says. `buildsImage`: success means that an image was
 * measured; `logTail`: the end of the pod's log, which may hold anything. Of times that nobody knows `since` and `finishedAt` are 0
 * and `startedAt` is null: a pod that could not get its image has none. (builders.md §5.5, intake-faults-attacks.md §6)
 */
export function judgePod(
  pod: ObservedPod,
  facts: { readonly buildsImage: boolean; readonly logTail: string },
): PodJudgement {
  const starts = startTimes(pod);
  const startedAt = starts.length > 0 ? Math.min(...starts) : null;
  const ending = endingOf(pod, facts.buildsImage, facts.logTail);
  if (ending === null)
    return { kind: 'going', phase: startedAt === null ? 'starting' : 'running', since: startedAt ?? 0 };
  const finishedAt = Math.max(0, ...ends(pod).map((each) => each.state.finishedAt));
  return { kind: 'ended', ...ending, startedAt, finishedAt };
}

function endingOf(pod: ObservedPod, buildsImage: boolean, logTail: string): Ending | null {
  if (pod.phase === 'succeeded') return endOfSuccess(pod, buildsImage);
  if (pod.phase === 'failed') return endOfFailure(pod, logTail);
  // Kubernetes leaves the phase as it was when a node is gone.
  if (pod.reason === 'NodeLost') return ourFault(`its node was lost${quoted(pod.message)}`);
  const daemon = pod.containers.find(({ name }) => name === daemonName)?.state;
  if (daemon?.kind === 'waiting' && daemon.reason === 'CrashLoopBackOff')
    return ourFault(`BuildKit's daemon does not stay up${quoted(daemon.message)}`);
  const stuck = pod.containers.find((each) => each.state.kind === 'waiting' && isPullReason(each.state.reason));
  return stuck?.state.kind === 'waiting'
    ? judgeMissingImage(stuck.name, stuck.state.reason, stuck.state.message)
    : null;
}

function endOfFailure(pod: ObservedPod, logTail: string): Ending {
  const failed = ends(pod).find((each) => each.state.exitCode !== 0) ?? null;
  const daemon = pod.containers.find(({ name }) => name === daemonName)?.state;
  if (daemon?.kind === 'terminated' && daemon.reason === 'OOMKilled')
    return changesFault('build ran out of memory: raise memory, or let the build hold less at once');
  return (
    judgeReason(pod, failed) ??
    (failed ? judgeStep(failed, logTail) : ourFault('its pod failed, and none of its containers did'))
  );
}

function endOfSuccess(pod: ObservedPod, buildsImage: boolean): Ending {
  const open = stepsOf(pod).find((each) => each.state.kind !== 'terminated' || each.state.exitCode !== 0);
  if (open) return ourFault(`its pod ended as succeeded, and its container ${open.name} had not`);
  const last = ends(pod).at(-1);
  if (!last) return ourFault('its pod ended as succeeded without any container');
  if (last.name === 'keep') return endOfKeeping(last);
  if (!buildsImage) return { result: 'success', because: 'it passed', retry: false, image: null };
  const uploads = last.name === 'upload';
  const image = uploads ? readUploaded(last.state.message) : readMeasured(last.state.message);
  if (image === null)
    return ourFault(`its image was built, and what was ${uploads ? 'uploaded' : 'measured'} of it could not be read`);
  return { result: 'success', because: uploads ? 'it was built and uploaded' : 'it was built', retry: false, image };
}

function endOfKeeping({ state }: Terminated): Ending {
  const image = readUploaded(state.message);
  if (image === null) return ourFault('it passed, and what was kept of it could not be read');
  return { result: 'success', because: 'it passed, and its artifacts were kept', retry: false, image };
}

/** Without the daemon that ran beside them: it is stopped at the end, and what it did is in what they came to. */
function stepsOf(pod: ObservedPod): ObservedPod['containers'] {
  return pod.containers.filter(({ name }) => name !== daemonName);
}

function ends(pod: ObservedPod): readonly Terminated[] {
  return stepsOf(pod).flatMap(({ name, state }) => (state.kind === 'terminated' ? [{ name, state }] : []));
}

function startTimes(pod: ObservedPod): readonly number[] {
  return pod.containers.flatMap(({ state }) => {
    const at = state.kind === 'waiting' ? null : state.startedAt;
    return at === null ? [] : [at];
  });
}

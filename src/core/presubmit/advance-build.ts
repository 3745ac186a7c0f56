import { type Build, type BuildPhase, type BuiltImage, buildIdFor } from '../../model/build.ts';
import type { IsolationStanding } from '../../model/isolation.ts';
import type { Job } from '../../model/job.ts';
import type { BuildOrder, Checkout, PromoteOrder, ResolvedImage, TakeOrder, UploadOrder } from '../../model/order.ts';
import type { ObservedPod, StartOutcome } from '../../model/pod.ts';
import type { Project } from '../../model/project.ts';
import { annotationFor, shownOfFile } from '../from/show-replaced.ts';
import { judgePod } from '../pod/judge-pod.ts';
import { lastLines } from '../text/clean-log.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import type { Draft } from './draft.ts';
import type { PresubmitFacts } from './facts.ts';
import { type Finished, finished } from './judgement.ts';

/** How many times our own errors are tried, and how long we wait for things that should take seconds. */
export const patience = { attempts: 3, startMs: 10 * 60_000, logMs: 20_000, stopMs: 120_000 };

/** What a Build needs to be started: from the configuration at its pinned tree; null while that cannot be read. */
export interface BuildPlace {
  readonly job: Job;
  readonly image: ResolvedImage | null;
}

/** What of the world moves a Build. */
export interface BuildFacts extends Pick<PresubmitFacts, 'now' | 'pods' | 'line' | 'logs' | 'starts'> {
  /** Null: whether it may start was not asked in this pass. */
  readonly forge: object | null;
}

export interface BuildContext {
  readonly draft: Pick<Draft, 'effects' | 'reasons'>;
  readonly facts: BuildFacts;
  readonly project: Project;
  readonly checkout: Checkout;
  /** In whose name it runs; left out: the branch that its subject names. */
  readonly branch?: string;
  readonly place: BuildPlace | null;
  /** Where its image goes; left out: nowhere. */
  readonly upload?: UploadOrder;
  /** What it promotes; left out: nothing. */
  readonly promote?: PromoteOrder;
  /** What it gets of other jobs; left out: nothing. */
  readonly takes?: TakeOrder;
  /** Why nothing may start now; null when it may. Asked again here because trust may have changed since the plan. */
  readonly barred: string | null;
  /** Whether it may start could not be found out in this pass: it keeps its place and is looked at again. */
  readonly unsure: boolean;
  /** Whether code that nobody approved may start; left out: nobody asks here. */
  readonly isolation?: IsolationStanding;
}

function orderOf(context: BuildContext, build: Build): BuildOrder | null {
  const { place, project, checkout, upload, promote, takes, branch } = context;
  const to = {
    ...(branch === undefined ? {} : { branch }),
    ...(upload === undefined ? {} : { upload }),
    ...(promote === undefined ? {} : { promote }),
    ...(takes === undefined ? {} : { takes }),
  };
  return place ? { build, project, job: place.job, checkout, image: place.image, ...to } : null;
}

function start(context: BuildContext, build: Build, state: BuildPhase): Build {
  const order = orderOf(context, { ...build, state });
  if (!order || isHeld(context, build)) return build;
  context.draft.effects.push({ kind: 'start', order });
  return withIsolation(context, { ...build, state });
}

/** Code that nobody approved, while nothing proves that it would be shut in: it waits, whatever slot it has (issue 8). */
function isHeld({ isolation }: BuildContext, { trust }: Build): boolean {
  return trust === 'untrusted' && isolation?.kind === 'held';
}

/** What was accepted when it started goes on standing there, whatever is accepted later. */
function withIsolation({ isolation }: BuildContext, build: Build): Build {
  const { isolation: _, ...rest } = build;
  if (build.trust !== 'untrusted' || isolation?.kind !== 'open' || isolation.said === null) return rest;
  return { ...rest, isolation: isolation.said };
}

function advanceWanted(context: BuildContext, build: Build, state: Extract<BuildPhase, { phase: 'wanted' }>): Build {
  const { facts, barred, draft, unsure } = context;
  // A pod of this very id: started by an earlier life of ours.
  if (facts.pods?.some((pod) => pod.name === build.id))
    return withIsolation(context, { ...build, state: { phase: 'starting', since: facts.now } });
  if (!facts.line.get(build.id)?.granted || !facts.forge) return build;
  if (barred !== null) return { ...build, state: finished('aborted', barred, facts.now) };
  // No listing: a later attempt, of which an old backup of our state does not know, may be under way.
  if (unsure || facts.pods === null) return build;
  const started = start(context, build, { phase: 'starting', since: facts.now });
  if (started !== build)
    draft.reasons.push(`${build.parts.job}: starting after ${Math.round((facts.now - state.since) / 1000)} s in line`);
  return started;
}

/** Whether what came of a start must be learnt at once: that it was refused, or why it is not possible now, as far as that is new. */
export function isStartNews({ build: { state } }: BuildOrder, outcome: StartOutcome): boolean {
  if (outcome.kind === 'unavailable') return state.phase !== 'starting' || state.said !== outcome.because;
  return outcome.kind === 'refused';
}

type Starting = Extract<BuildPhase, { phase: 'starting' }>;

function advanceStarting(context: BuildContext, build: Build, before: Starting): Build {
  const { facts, barred, unsure } = context;
  const outcome = facts.starts.get(build.id);
  if (outcome?.kind === 'refused') {
    const result = outcome.fault === 'change' ? 'failure' : 'error';
    return { ...build, state: finished(result, `it could not be started: ${outcome.because}`, facts.now) };
  }
  const state: Starting = outcome?.kind === 'unavailable' ? { ...before, said: outcome.because } : before;
  // No listing, no verdict: its pod may well be there.
  if (!facts.pods) return { ...build, state };
  if (facts.now - state.since > patience.startMs) {
    const because = state.said ?? 'its pod never came to be';
    return retryOrEnd(context, build, finished('error', `it could not be started: ${because}`, facts.now));
  }
  // Asked in this pass already, or whether it may still run was not: wait.
  if (outcome || !facts.forge || unsure) return { ...build, state };
  if (barred !== null) return { ...build, state: finished('aborted', barred, facts.now) };
  return start(context, build, state);
}

function annotate(context: BuildContext, build: Build, state: Finished): Finished {
  const log = context.facts.logs.get(build.id);
  const tail = lastLines(log?.text ?? '', 25, 2000);
  const image = context.place?.image ?? null;
  const failed = state.result === 'failure' && log?.containerFile ? { ...log, containerFile: log.containerFile } : null;
  const annotation = failed && image ? annotationFor(image, failed.containerFile, failed.text) : null;
  return { ...state, outcome: { ...state.outcome, tail, annotation, ...shownOfFile(image) } };
}

/** Our own errors get another attempt, which is another Build with another pod; the third is final. */
function retryOrEnd(context: BuildContext, build: Build, state: Finished): Build {
  const { attempt } = build.parts;
  const { draft, facts } = context;
  if (attempt >= patience.attempts || context.barred !== null) {
    return { ...build, state: { ...state, because: `${state.because} (attempt ${attempt} of ${patience.attempts})` } };
  }
  draft.reasons.push(`${build.parts.job}: attempt ${attempt + 1}, ${state.because}`);
  draft.effects.push({ kind: 'remove', build: build.id });
  const parts = { ...build.parts, attempt: attempt + 1 };
  return { ...build, id: buildIdFor(parts), parts, state: { phase: 'wanted', since: facts.now } };
}

function takePod(context: BuildContext, build: Build, pod: ObservedPod): Build {
  const { facts, draft } = context;
  const log = facts.logs.get(build.id);
  const judged = judgePod(pod, { buildsImage: build.parts.point.image !== undefined, logTail: log?.text ?? '' });
  if (judged.kind === 'going') {
    const startedAt = build.state.phase === 'running' ? build.state.since : judged.since;
    if (judged.phase === 'starting') return pending(context, build, pod);
    return overdue(context, { ...build, state: { phase: 'running', since: startedAt } }, startedAt);
  }
  // The log is what people need most: give its follower a moment to finish.
  if (log && !log.ended && facts.now - judged.finishedAt < patience.logMs)
    return { ...build, state: asRunning(build, judged.startedAt ?? facts.now) };
  const { result, because, startedAt, image } = judged;
  // 0: nobody knows.
  const finishedAt = judged.finishedAt === 0 ? facts.now : judged.finishedAt;
  const state = annotate(context, build, {
    phase: 'finished',
    result,
    because,
    startedAt,
    finishedAt,
    outcome: { image, tail: '', annotation: null },
  });
  if (judged.retry && result === 'error') return retryOrEnd(context, build, state);
  draft.reasons.push(`${build.parts.job}: ${result}, ${because}`);
  draft.effects.push({ kind: 'remove', build: build.id });
  return { ...build, state };
}

/** A pod in which nothing was started yet: the scheduler's own words are the reason when it takes too long. */
function pending(context: BuildContext, build: Build, pod: ObservedPod): Build {
  const { facts } = context;
  if (build.state.phase !== 'starting') return { ...build, state: { phase: 'starting', since: facts.now } };
  if (facts.now - build.state.since <= patience.startMs) return build;
  const words = [pod.reason, pod.message].filter((word) => word !== null).join(': ');
  const because = `its pod did not start within ${patience.startMs / 60_000} minutes${words === '' ? '' : `: ${inlineCode(words)}`}`;
  // It holds its slot until it is gone: what comes next must not run beside it.
  context.draft.effects.push({ kind: 'stop', build: build.id });
  return { ...build, state: { phase: 'stopping', since: facts.now, startedAt: null, result: 'error', because } };
}

function asRunning(build: Build, since: number): BuildPhase {
  return build.state.phase === 'running' ? build.state : { phase: 'running', since };
}

function overdue(context: BuildContext, build: Build, startedAt: number): Build {
  const { facts, place, draft } = context;
  const limit = place?.job.timeoutSeconds ?? Number.POSITIVE_INFINITY;
  if (facts.now - startedAt < limit * 1000) return build;
  draft.effects.push({ kind: 'stop', build: build.id });
  const because = `it took longer than its timeout of ${limit} s`;
  return { ...build, state: { phase: 'stopping', since: facts.now, startedAt, result: 'timeout', because } };
}

function advanceStopping(
  context: BuildContext,
  build: Build,
  state: Extract<BuildPhase, { phase: 'stopping' }>,
): Build {
  const { facts, draft } = context;
  if (!facts.pods) return build;
  const pod = facts.pods.find((candidate) => candidate.name === build.id);
  const ended = !pod || pod.phase === 'succeeded' || pod.phase === 'failed';
  if (!ended) {
    draft.effects.push({ kind: facts.now - state.since > patience.stopMs ? 'remove' : 'stop', build: build.id });
    return build;
  }
  const ending = finished(state.result, state.because, facts.now, state.startedAt);
  const image = pod ? uploadedBy(build, pod) : null;
  return { ...build, state: annotate(context, build, { ...ending, outcome: { ...ending.outcome, image } }) };
}

/** What one that was stopped had uploaded all the same: it counts for nothing, and is to be taken away. */
function uploadedBy({ parts }: Build, pod: ObservedPod): BuiltImage | null {
  const judged = judgePod(pod, { buildsImage: parts.point.image !== undefined, logTail: '' });
  return judged.kind === 'ended' && judged.image?.uploaded ? judged.image : null;
}

/** Of what an earlier life of ours began, the last attempt that has a pod is the one that counts. */
export function atItsAttempt({ pods }: Pick<BuildFacts, 'pods'>, build: Build): Build {
  const names = new Set(pods?.map((pod) => pod.name));
  for (let attempt = patience.attempts; attempt > build.parts.attempt; attempt -= 1) {
    const parts = { ...build.parts, attempt };
    const id = buildIdFor(parts);
    if (names.has(id)) return { ...build, id, parts };
  }
  return build;
}

/** An old backup of our state may not know of the attempt that is under way; null where it does. */
function catchUp({ draft, facts }: BuildContext, build: Build): Build | null {
  if (build.state.phase === 'stopping' || build.state.phase === 'finished') return null;
  const last = atItsAttempt(facts, build);
  if (last === build) return null;
  draft.reasons.push(`${build.parts.job}: attempt ${last.parts.attempt} is under way already`);
  return { ...last, state: { phase: 'starting', since: facts.now } };
}

/** One step of one Build towards its end, from what is true now; the same facts again change nothing. */
export function advanceBuild(context: BuildContext, build: Build): Build {
  const { facts, draft } = context;
  const { state } = build;
  const later = catchUp(context, build);
  if (later) return later;
  const pod = facts.pods?.find((candidate) => candidate.name === build.id);
  switch (state.phase) {
    case 'wanted':
      return advanceWanted(context, build, state);
    case 'starting':
      return pod ? takePod(context, build, pod) : advanceStarting(context, build, state);
    case 'running':
      if (pod) return takePod(context, build, pod);
      // Absence is only what a successful listing shows.
      return facts.pods
        ? retryOrEnd(context, build, finished('error', 'its pod got deleted unexpectedly', facts.now, state.since))
        : build;
    case 'stopping':
      return advanceStopping(context, build, state);
    case 'finished':
      if (pod) draft.effects.push({ kind: 'remove', build: build.id });
      return build;
  }
}

/** Asks a Build of a retired request to end; one that never started ends at once. */
export function stopBuild(draft: Pick<Draft, 'effects'>, build: Build, because: string, now: number): Build {
  if (build.state.phase === 'finished' || build.state.phase === 'stopping') return build;
  if (build.state.phase === 'wanted') return { ...build, state: finished('aborted', because, now) };
  draft.effects.push({ kind: 'stop', build: build.id });
  const startedAt = build.state.phase === 'running' ? build.state.since : null;
  return { ...build, state: { phase: 'stopping', since: now, startedAt, result: 'aborted', because } };
}

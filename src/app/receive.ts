import { type Route, routeEvent } from '../core/route-event.ts';
import type { ForgeEvent } from '../model/forge-event.ts';
import { type SubjectId, subjectIdOf } from '../model/subject.ts';
import { branchTopic } from '../model/topic.ts';
import type { TakenEvent } from '../ports/store.ts';
import { answerOwnerless } from './answer-press.ts';
import type { AppContext } from './context.ts';
import type { ForgeMemory } from './forge-memory.ts';
import { ownersOfChecks } from './owners-of-checks.ts';

const poison = 5;

type BranchMove = Extract<Route, { kind: 'branch-moved' }>;

/** Fetched behind the back of the loop; what fails here is fetched when it is needed. */
function fetchAhead(context: AppContext, memory: ForgeMemory, event: ForgeEvent, moved: BranchMove): void {
  const project = memory.recentProject(moved.repository);
  if (project === null) return;
  context.ports.source.noteTip(project, moved.branch, moved.before, moved.after).catch((cause: unknown) => {
    context.ports.log.debug({ delivery: event.delivery, err: cause }, 'push not fetched ahead');
  });
}

/** The file of the default branch says what runs by the clock: where another branch went is nothing to it. */
function periodicSubject(memory: ForgeMemory, { repository, branch }: BranchMove): readonly SubjectId[] {
  const project = memory.recentProject(repository);
  if (project !== null && project.defaultBranch !== branch) return [];
  return [subjectIdOf({ kind: 'periodic', repository, branch })];
}

type Asked = Extract<Route, { kind: 'find-owner' }>;

async function pullRequestsOf(context: AppContext, { repository, head, numbers }: Asked): Promise<SubjectId[]> {
  const project = numbers.length > 0 ? null : await context.ports.forge.project(repository);
  const found = project === null ? numbers : await context.ports.forge.pullRequestsAt(project, head);
  return found.map((number) => subjectIdOf({ kind: 'presubmit', repository, number }));
}

/** One check run is one subject's; what stands on a commit may be that of several, and of pull requests as well. */
async function ownersOf(context: AppContext, asked: Asked): Promise<SubjectId[]> {
  const { repository, head, externalId } = asked;
  const changes = externalId === null ? await pullRequestsOf(context, asked) : [];
  try {
    const project = await context.ports.forge.project(repository);
    const owners = project === null ? [] : await ownersOfChecks(context, project, head, externalId);
    if (owners.length > 0) return [...changes, ...owners];
  } catch (err) {
    // A fork's head may not be there to be read: its pull request needs none of it.
    const found = externalId === null ? changes : await pullRequestsOf(context, asked);
    if (found.length === 0) throw err;
    context.ports.log.debug({ repository, head, err }, 'whose check run it is was not found out');
    return found;
  }
  return externalId === null ? changes : pullRequestsOf(context, asked);
}

async function subjectsOf(
  context: AppContext,
  memory: ForgeMemory,
  event: ForgeEvent,
  resync: () => void,
): Promise<SubjectId[]> {
  const { forge, log } = context.ports;
  const route = routeEvent(event);
  switch (route.kind) {
    case 'presubmit':
      return route.numbers.map((number) => subjectIdOf({ kind: 'presubmit', repository: route.repository, number }));
    case 'find-by-head': {
      const project = await forge.project(route.repository);
      const numbers = project ? await forge.pullRequestsAt(project, route.head) : [];
      return numbers.map((number) => subjectIdOf({ kind: 'presubmit', repository: route.repository, number }));
    }
    case 'find-owner': {
      const owners = await ownersOf(context, route);
      if (owners.length === 0) await answerOwnerless(context, event);
      return owners;
    }
    case 'release':
      return [subjectIdOf({ kind: 'release', repository: route.repository, name: route.name })];
    case 'tags':
      return [subjectIdOf(route)];
    case 'heard':
      return [...(await context.ports.documents.hearers(route.topic))];
    case 'branch-moved':
      fetchAhead(context, memory, event, route);
      return [
        subjectIdOf({ kind: 'push', repository: route.repository, branch: route.branch }),
        ...periodicSubject(memory, route),
        ...(await context.ports.documents.hearers(branchTopic(route.repository, route.branch))),
      ];
    case 'resync':
      memory.forget();
      // For the other workers as well.
      await context.ports.notes.write('installations-changed', event.delivery);
      resync();
      return [];
    case 'ignored':
      log.debug({ delivery: event.delivery, event: event.name, because: route.because }, 'event ignored');
      return [];
  }
}

async function receiveOne(
  context: AppContext,
  memory: ForgeMemory,
  taken: TakenEvent,
  resync: () => void,
): Promise<void> {
  const { intake, signals, log } = context.ports;
  const { event, entry } = taken;
  try {
    const subjects = await subjectsOf(context, memory, event, resync);
    await intake.finish(entry, event, subjects);
    for (const subject of subjects) {
      log.info({ delivery: event.delivery, event: event.name, subject }, 'event routed');
      await signals.wake(subject);
    }
  } catch (cause) {
    log.warn(
      { delivery: event.delivery, event: event.name, attempts: taken.attempts, err: cause },
      'event could not be routed',
    );
    if (taken.attempts + 1 < poison) return;
    const because = cause instanceof Error ? cause.message : 'unknown error';
    await intake.quarantine(entry, event, because);
    log.error({ delivery: event.delivery, event: event.name, because }, 'event quarantined');
  }
}

/** Takes events as they come and wakes whom they concern, until the signal aborts. */
export async function receiveEvents(
  context: AppContext,
  memory: ForgeMemory,
  resync: () => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const taken = await context.ports.intake.take(50, 500);
      await Promise.all(taken.map((each) => receiveOne(context, memory, each, resync)));
    } catch (cause) {
      if (signal.aborted) return;
      context.ports.log.warn({ err: cause }, 'intake could not be read');
      await context.ports.clock.sleep(1000, signal);
    }
  }
}

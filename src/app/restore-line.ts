import { podKeys } from '../model/pod.ts';
import { fullName, type Project } from '../model/project.ts';
import { parseSubjectId, type SubjectId, subjectIdOf } from '../model/subject.ts';
import type { AppContext } from './context.ts';
import { tellForgottenLines } from './promote/tell-promotion.ts';
import { tellForgottenReleases } from './release/tell-releases.ts';

/** One that cannot be found again must not keep all others waiting for ever. */
const patienceMs = 10 * 60_000;
const listAgainMs = 30_000;
const lookMs = 250;

const whole = 'whole';

/**
 * False after a first start and after a lost Redis, until everything that waits or runs has been found again: before that a
 * free slot may be one whose build is not known yet, and whose turn it is cannot be told.
 */
export async function isLineWhole({ ports }: Pick<AppContext, 'ports'>): Promise<boolean> {
  return (await ports.notes.read('line')) === whole;
}

async function projectsOf({ ports, settings }: AppContext): Promise<readonly Project[]> {
  return (await ports.forge.projects()).filter((project) => settings.allows(fullName(project)));
}

/** Every open pull request that we may see. */
async function openSubjects(context: AppContext): Promise<ReadonlySet<SubjectId>> {
  const { forge, log } = context.ports;
  const found = new Set<SubjectId>();
  for (const project of await projectsOf(context)) {
    try {
      for (const { number } of await forge.openPullRequests(project))
        found.add(subjectIdOf({ kind: 'presubmit', repository: project.id, number }));
    } catch (cause) {
      log.warn({ repository: fullName(project), err: cause }, 'repository could not be looked at for what waits');
    }
  }
  return found;
}

/** Tags that somebody moves meanwhile are to be put right in time: that waits for no resync. */
async function findPromotions(context: AppContext): Promise<void> {
  const { log } = context.ports;
  for (const project of await projectsOf(context))
    await tellForgottenLines(context, project)
      .then(() => tellForgottenReleases(context, project))
      .catch((err: unknown) => {
        log.warn({ repository: fullName(project), err }, 'what a repository promotes could not be looked for');
      });
}

/** Whose pods live without a slot in the line. */
async function subjectsOfStrays({ ports }: AppContext): Promise<SubjectId[]> {
  const holding = new Set<string>();
  for (const pool of await ports.line.pools())
    for (const { build, state } of (await ports.line.read(pool)).entries) if (state !== 'waiting') holding.add(build);
  const living = (await ports.executor.list()).filter(({ phase }) => phase === 'pending' || phase === 'running');
  const subjects = living.filter(({ name }) => !holding.has(name)).map((pod) => pod.annotations[podKeys.subject] ?? '');
  return subjects.filter((subject): subject is SubjectId => parseSubjectId(subject) !== null);
}

async function notFoundYet(context: AppContext, open: ReadonlySet<SubjectId>): Promise<ReadonlySet<SubjectId>> {
  const known = new Set(await context.ports.documents.subjects());
  return new Set([...[...open].filter((subject) => !known.has(subject)), ...(await subjectsOfStrays(context))]);
}

/** Looks until nothing is missing, or until the list of what is open has grown old; true when nothing is. */
async function findAll(context: AppContext, signal: AbortSignal): Promise<boolean> {
  const { signals, clock } = context.ports;
  const open = await openSubjects(context);
  const woken = new Set<SubjectId>();
  for (const end = clock.now() + listAgainMs; clock.now() < end && !signal.aborted; ) {
    const missing = await notFoundYet(context, open);
    if (missing.size === 0) return true;
    for (const subject of missing) {
      if (!woken.has(subject)) await signals.wake(subject);
      woken.add(subject);
    }
    await clock.sleep(lookMs, signal);
  }
  return false;
}

/**
 * Gives the turn that finds a lost line again, one worker at a time: every open pull request and every pod gets a pass, and
 * only when their records are there are slots given again. Nothing to do, it costs one look at a note.
 */
export function createLineRestorer(context: AppContext, signal: AbortSignal): () => Promise<void> {
  const { notes, clock, log } = context.ports;
  const { worker } = context.settings;
  let since: number | null = null;
  return async () => {
    if (await isLineWhole(context)) {
      since = null;
      return;
    }
    if (!(await notes.lease('line', worker, listAgainMs + 5_000))) return;
    since ??= clock.now();
    // Lost once more meanwhile, the note is gone, and so is what was found.
    const mine = `restored by ${worker} at ${clock.now()}`;
    await notes.write('line', mine);
    log.info({}, 'the wanted line is put together again: nothing starts before');
    const complete = await findAll(context, signal);
    if (signal.aborted || (await notes.read('line')) !== mine) return;
    if (complete || clock.now() - since >= patienceMs) {
      if (!complete) log.warn({}, 'the wanted line may lack something: it could not all be looked at');
      await notes.write('line', whole);
      log.info({ ms: clock.now() - since }, 'the wanted line is whole');
    }
    await findPromotions(context);
  };
}

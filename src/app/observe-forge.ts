import { asksFor, holdsCommands } from '../core/presubmit/answer-comments.ts';
import type { ForgeFacts } from '../core/presubmit/facts.ts';
import { isOpenJob } from '../core/presubmit/take-facts.ts';
import type { PreparedChange } from '../model/code.ts';
import type { ForgeEvent } from '../model/forge-event.ts';
import type { Person, Rights } from '../model/person.ts';
import type { PresubmitRecord } from '../model/presubmit.ts';
import { fullName, type Project } from '../model/project.ts';
import { type Comment, commentKey, type PullRequest } from '../model/pull-request.ts';
import { subjectIdOf } from '../model/subject.ts';
import type { AppContext } from './context.ts';
import { firstSeen } from './first-seen.ts';

export interface ObservedForge {
  readonly forge: ForgeFacts;
  readonly prepared: PreparedChange | null;
}

/** Read again at each look: a comment may become readable a little after a newer one. The handled ones are known by key. */
const overlapMs = 10 * 60_000;

const nobody = new Map<number, Rights>();

async function readRights(
  context: AppContext,
  project: Project,
  people: readonly Person[],
): Promise<Map<number, Rights>> {
  const distinct = new Map(people.map((person) => [person.id, person]));
  const read = [...distinct.values()].map(
    async (person) => [person.id, await context.ports.forge.rights(project, person)] as const,
  );
  return new Map(await Promise.all(read));
}

async function readReactions(
  context: AppContext,
  project: Project,
  record: PresubmitRecord,
  comments: readonly Comment[],
): Promise<Set<string>> {
  // Only a record that knows nothing needs them: after a loss of our state the reaction tells what was handled.
  if (record.change !== null) return new Set();
  const reacted = new Set<string>();
  for (const comment of comments) {
    if (await context.ports.forge.hasReacted(project, record.number, comment)) reacted.add(commentKey(comment));
  }
  return reacted;
}

/** Null as well when the code cannot be had now; that is logged, and tried again by a later pass. */
export async function prepareChange(
  context: AppContext,
  project: Project,
  pull: PullRequest,
): Promise<PreparedChange | null> {
  try {
    return await context.ports.source.prepare(project, pull.number, pull.baseRef, pull.head);
  } catch (cause) {
    const subject = subjectIdOf({ kind: 'presubmit', repository: project.id, number: pull.number });
    context.ports.log.warn({ err: cause, subject, repository: fullName(project) }, 'a change could not be fetched');
    return null;
  }
}

/** Reads everything that the forge knows of one pull request and that a decision may need. */
export async function observeForge(
  context: AppContext,
  record: PresubmitRecord,
  inbox: readonly ForgeEvent[],
): Promise<ObservedForge> {
  const { forge } = context.ports;
  const project = await forge.project(record.project.id);
  const allowed = project !== null && context.settings.allows(fullName(project));
  const pull = project && allowed ? await forge.pullRequest(project, record.number) : null;
  if (!project || !pull) {
    return {
      prepared: null,
      forge: {
        project: allowed ? project : null,
        pull: null,
        comments: [],
        reacted: new Set(),
        rights: nobody,
        checkRuns: null,
        firstSeen: 0,
      },
    };
  }
  const newHead = record.change?.head !== pull.head || record.change.baseRef !== pull.baseRef;
  // What a resync finds may have been put back to what an old backup knew: the forge tells what came after that.
  const mayLack = newHead || record.unconfirmed !== undefined || inbox.some(({ name }) => name === 'resync');
  const isOpen = pull.state === 'open';
  const early = isOpen ? prepareChange(context, project, pull) : null;
  const [seen, checkRuns] = await Promise.all([
    firstSeen(context.ports, project),
    mayLack ? forge.checkRuns(project, pull.head) : null,
  ]);
  // Its file says whose they are, and so how they are concluded.
  const isLeftOpen = !isOpen && record.change === null && (checkRuns ?? []).some(isOpenJob);
  const preparing = isLeftOpen ? prepareChange(context, project, pull) : early;
  // A pull request that we never worked on: what was said before the App came is no command to it.
  const known = record.comments.since > 0 || (checkRuns?.length ?? 0) > 0;
  // The forge's times have whole seconds.
  const since = known ? Math.max(0, record.comments.since - overlapMs) : Math.floor(seen / 1000) * 1000;
  const comments = await forge.comments(project, record.number, since);
  const commanding = comments.filter(
    (comment) => holdsCommands(comment) && !record.comments.handled.includes(commentKey(comment)),
  );
  const pressers = inbox.flatMap((event) =>
    event.detail.kind === 'check-button' && event.sender ? [event.sender] : [],
  );
  const people = [pull.author, ...commanding.map((comment) => comment.author), ...pressers];
  const asksGate = commanding.some((comment) => asksFor(comment, 'why', 'gate', 'override'));
  const asksOfHead = commanding.some((comment) => asksFor(comment, 'gate', 'override'));
  const [rights, reacted, prepared, gateRuns, forcedAt] = await Promise.all([
    readRights(context, project, people),
    readReactions(context, project, record, commanding),
    preparing,
    asksGate ? (checkRuns ?? forge.checkRuns(project, pull.head)) : undefined,
    asksOfHead ? forge.forcedAt(project, record.number) : undefined,
  ]);
  const visible = comments.filter((comment) => comment.createdAt >= since);
  const read = { project, pull, comments: visible, reacted, rights, checkRuns, firstSeen: seen };
  const forced = forcedAt === undefined ? {} : { forcedAt };
  return { prepared, forge: { ...read, ...(gateRuns === undefined ? {} : { gateRuns }), ...forced } };
}

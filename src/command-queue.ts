import { userInfo } from 'node:os';
import { createDocumentStore } from './adapters/redis/document-store.ts';
import { createIntake } from './adapters/redis/intake.ts';
import { createSignals } from './adapters/redis/signals.ts';
import type { CliIo } from './cli/deps.ts';
import { cliError } from './cli/exit-codes.ts';
import { pickQueue } from './cli/pick-queue.ts';
import type { QueueReceipt, QueueWord } from './cli/queue-view.ts';
import { operatorPermission } from './core/gate/judge-change.ts';
import { findChange, findInQueue, findQueued, projectIn } from './find-change.ts';
import { type Known, type KnownQueue, readKnown } from './known-subjects.ts';
import type { Machine } from './machine.ts';
import type { ForgeEvent, GateCommand } from './model/forge-event.ts';
import type { Person } from './model/person.ts';
import { fullName, type Project } from './model/project.ts';
import type { QueueRecord } from './model/queue.ts';
import { type SubjectId, subjectIdOf } from './model/subject.ts';
import { type ServerRedis, silentLog, withServerRedis } from './server-redis.ts';

/** A word with the queue that it goes to. */
interface Addressed {
  readonly subject: SubjectId;
  readonly project: Project;
  readonly detail: Pick<GateCommand, 'command' | 'number' | 'head' | 'words'>;
  readonly receipt: Omit<QueueReceipt, 'by'>;
}

/** The account on this machine: nobody on the forge, so it has no id there. */
export function operatorHere(): Person {
  const person = (login: string): Person => ({ id: 0, login, kind: 'user' });
  try {
    return person(userInfo().username);
  } catch {
    // A container may run under a number that has no name.
    return person(`uid-${process.getuid?.() ?? 'unknown'}`);
  }
}

function noteOf(place: number | null, isSameHead: boolean): string {
  const where = place === null ? 'Its landing was asked for before' : `It is in the queue already, at place ${place}`;
  return isSameHead ? `${where}: it stays there, and what was parked goes on.` : `${where}, with an older head.`;
}

function enqueue(known: Known, number: number, repository: string | null): Addressed {
  const change = findChange(known, number, repository);
  const { project, pull } = change.record;
  const name = `#${number} of ${change.repository}`;
  if (pull === null)
    throw cliError('failed', `${name} was not read yet, or is gone: nothing was queued; see "sluice why ${number}"`);
  if (pull.state !== 'open') throw cliError('failed', `${name} is ${pull.state}: there is nothing to land`);
  const { head, title, baseRef: branch } = pull;
  const before = findQueued(known, number, change.repository).find(({ queue }) => queue.branch === branch);
  return {
    subject: subjectIdOf({ kind: 'queue', repository: project.id, branch }),
    project,
    detail: { command: 'gate', number, head, words: '' },
    receipt: {
      command: 'enqueue',
      repository: change.repository,
      branch,
      change: { number, title, head },
      note: before ? noteOf(before.place, before.change.request.head === head) : null,
    },
  };
}

function projectOf({ record, subject }: KnownQueue): Project {
  const [first] = record.branches;
  if (!first) throw new Error(`${subject} has no branch`);
  return first.project;
}

function dequeue(known: Known, number: number, repository: string | null): Addressed {
  const { queue, change } = findInQueue(known, number, repository);
  const { landing } = queue.record;
  const { head } = change.request;
  return {
    subject: queue.subject,
    project: projectIn(queue, change),
    detail: { command: 'dequeue', number, head, words: '' },
    receipt: {
      command: 'dequeue',
      repository: fullName(projectIn(queue, change)),
      branch: queue.branch,
      change: { number, title: change.view.pull.title, head },
      note:
        landing?.number === number && landing.branch === change.branch
          ? 'It is being landed: this may come too late.'
          : null,
    },
  };
}

function noteOnFreezing({ frozen }: QueueRecord, command: 'freeze' | 'thaw'): string | null {
  if (frozen === null) return command === 'thaw' ? 'It was not frozen.' : null;
  const why = `${frozen.because}${frozen.by === null ? '' : ` (by ${frozen.by.login})`}`;
  if (command === 'freeze') return `It was frozen before and stays so, for that reason: ${why}.`;
  return frozen.by === null ? `Sluice froze it by itself, and only the end of this ends it: ${why}.` : null;
}

/** Branches that pull requests go to: a queue that holds nothing yet can be frozen before anything enters it. */
function branchesOf({ changes, queues }: Known): readonly Omit<Addressed, 'detail' | 'receipt'>[] {
  const bases = changes.flatMap(({ record: { project, pull } }) => (pull ? [{ project, branch: pull.baseRef }] : []));
  const known = new Set<string>(queues.map(({ subject }) => subject));
  const subjects = new Map(
    bases.map(({ project, branch }) => {
      const subject = subjectIdOf({ kind: 'queue', repository: project.id, branch });
      return [subject, { subject, project, branch, repository: fullName(project) }] as const;
    }),
  );
  return [...subjects.values()].filter(({ subject }) => !known.has(subject));
}

function freeze(known: Known, word: Extract<QueueWord, { command: 'freeze' | 'thaw' }>, by: Person): Addressed {
  const { command, reason } = word;
  const empty = branchesOf(known).map((each) => ({ ...each, record: null }));
  const begun = known.queues.map((queue) => ({ ...queue, project: projectOf(queue) }));
  // Unless it is named, a branch that has no queue yet is not what is meant.
  const places = word.branch === null && begun.length > 0 ? begun : [...begun, ...empty];
  const place = pickQueue(places as readonly Place[], word);
  const words = reason === '' ? `${by.login} ${command === 'freeze' ? 'froze' : 'thawed'} it` : reason;
  return {
    subject: place.subject,
    project: place.project,
    detail: { command, number: 0, head: null, words },
    receipt: {
      command,
      repository: place.repository,
      branch: place.branch,
      change: null,
      note: place.record ? noteOnFreezing(place.record, command) : null,
    },
  };
}

interface Place {
  readonly subject: SubjectId;
  readonly project: Project;
  readonly repository: string;
  readonly branch: string;
  readonly record: QueueRecord | null;
}

function address(known: Known, word: QueueWord, by: Person): Addressed {
  switch (word.command) {
    case 'enqueue':
      return enqueue(known, word.number, word.repository);
    case 'dequeue':
      return dequeue(known, word.number, word.repository);
    case 'freeze':
    case 'thaw':
      return freeze(known, word, by);
  }
}

/** Durable before anybody is woken: a wake-up that is lost costs time only. */
async function deliver(
  redis: ServerRedis,
  event: ForgeEvent,
  subjects: readonly SubjectId[],
  machine: Machine,
): Promise<void> {
  const { now } = machine.clock;
  const intake = createIntake(redis, undefined, { now, consumer: machine.worker, log: silentLog });
  const signals = createSignals(redis, undefined, { log: silentLog });
  try {
    await intake.accept(event, subjects);
    for (const subject of subjects) await signals.wake(subject);
  } finally {
    await Promise.all([intake.close(), signals.close()]);
  }
}

/** Puts an operator's word into its queue's inbox and wakes the queue. Throws an error for people where none is meant. */
export async function tellQueue(word: QueueWord, machine: Machine, io: Pick<CliIo, 'newToken'>): Promise<QueueReceipt> {
  return withServerRedis(machine, async (redis) => {
    const by = operatorHere();
    const { subject, project, detail, receipt } = address(await readKnown(createDocumentStore(redis)), word, by);
    const at = machine.clock.now();
    const event: ForgeEvent = {
      delivery: `operator-${io.newToken()}`,
      name: `gate.${detail.command}`,
      installation: project.installation,
      repository: { id: project.id, owner: project.owner, name: project.name },
      sender: by,
      receivedAt: at,
      detail: { kind: 'gate', ...detail, by, permission: operatorPermission, at },
    };
    // The pull request's own pass tells the queue of what is heard there from now on.
    const pull = subjectIdOf({ kind: 'presubmit', repository: project.id, number: detail.number });
    await deliver(redis, event, detail.command === 'gate' ? [subject, pull] : [subject], machine);
    return { ...receipt, by: by.login };
  });
}

import type { Audit, AuditLine, AuditWish } from './cli/queue-view.ts';
import type { KnownQueue } from './known-subjects.ts';
import { withLedgers } from './ledgers-of-queues.ts';
import type { Machine } from './machine.ts';
import { fullName, type Project } from './model/project.ts';
import type { Landing } from './ports/landing.ts';
import type { Decision, DocumentStore } from './ports/store.ts';
import { type Said, saidInLedger } from './said-in-ledger.ts';
import { usualData } from './server-redis.ts';

const mostDecisions = 200;

/** What a reason of a queue says of a person; null: it names nobody. */
export function readReason(reason: string): Said | null {
  const asked = /^#(\d+): (.+) asked for ([0-9a-f]{12,64})$/.exec(reason);
  if (asked) {
    const [, number, who = '', commit = ''] = asked;
    return { what: 'asked', who, number: Number(number), commit, detail: 'asked for its landing' };
  }
  const taken = /^#(\d+): withdrawn, (.+) took it out$/.exec(reason);
  if (!taken) return null;
  const [, number, who = ''] = taken;
  const isNamed = who !== 'an operator';
  return { what: 'dequeued', who: isNamed ? who : null, number: Number(number), commit: null, detail: 'took it out' };
}

function linesOfHistory({ repository, branch }: KnownQueue, decisions: readonly Decision[]): readonly AuditLine[] {
  return decisions.flatMap(({ at, reasons }) =>
    reasons.flatMap((reason) => {
      const said = readReason(reason);
      return said ? [{ at, repository, branch, ...said, from: 'history' as const }] : [];
    }),
  );
}

/** Of changes that the queue still holds; afterwards the check run on the head is what keeps them. */
function overridesIn({ record, repository, branch }: KnownQueue): readonly AuditLine[] {
  const changes = [...record.items, ...record.asked, ...record.leaving.map(({ change }) => change)];
  return changes.flatMap(({ number, overrides }) =>
    overrides.map(({ check, head, by, at }) => ({
      at,
      repository,
      branch,
      what: 'overridden' as const,
      who: by.login,
      number,
      commit: head,
      detail: `lets it in without ${check}`,
      from: 'history' as const,
    })),
  );
}

interface Read {
  readonly lines: readonly AuditLine[];
  readonly because: string | null;
}

async function readLedger({ record }: KnownQueue, load: Landing['read']): Promise<Read> {
  const read = await Promise.all(record.branches.map(({ project, branch }) => readOne(project, branch, load)));
  const because = read.flatMap((each) => each.because ?? []).join('; ');
  return { lines: read.flatMap(({ lines }) => lines), because: because === '' ? null : because };
}

async function readOne(project: Project, branch: string, load: Landing['read']): Promise<Read> {
  const repository = fullName(project);
  try {
    const { ledger } = await load(project, branch);
    if (ledger.kind === 'broken') return { lines: [], because: `it cannot be trusted: ${ledger.because}` };
    const lines = ledger.entries.map((entry) => ({
      at: entry.at,
      repository,
      branch,
      ...saidInLedger(entry),
      from: 'ledger' as const,
    }));
    return { lines, because: null };
  } catch (cause) {
    return { lines: [], because: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** Who did what in these queues, oldest first. A ledger that cannot be had is named, never left out in silence. */
export async function auditQueues(
  queues: readonly KnownQueue[],
  since: number | null,
  documents: Pick<DocumentStore, 'history'>,
  read: Landing['read'],
): Promise<Audit> {
  const lines: AuditLine[] = [];
  const unread: { repository: string; branch: string; because: string }[] = [];
  for (const queue of queues) {
    const ledger = await readLedger(queue, read);
    const decisions = await documents.history(queue.subject, mostDecisions);
    lines.push(...ledger.lines, ...linesOfHistory(queue, decisions), ...overridesIn(queue));
    const { repository, branch } = queue;
    if (ledger.because !== null) unread.push({ repository, branch, because: ledger.because });
  }
  const wanted = lines.filter(({ at }) => since === null || at >= since);
  return { lines: wanted.sort((one, other) => one.at - other.at), unread };
}

/** The audit of a server's queues, with the ledger key that is kept here. Throws a usage error where no queue is meant. */
export async function auditHere(wish: AuditWish, machine: Machine, data = usualData): Promise<Audit> {
  return withLedgers(wish, machine, data, (queues, documents, read) =>
    auditQueues(queues, wish.since, documents, read),
  );
}

import { changeIdOf, type GateDraft } from '../../../src/core/gate/draft.ts';
import { emptyQueue } from '../../../src/core/gate/empty-queue.ts';
import { type BranchFacts, type HeardCommand, type QueueFacts, rightsKey } from '../../../src/core/gate/facts.ts';
import type { LedgerDetail, LedgerEntry } from '../../../src/model/ledger.ts';
import type { JobRecord, JobStatus } from '../../../src/model/presubmit.ts';
import {
  type AskedChange,
  branchKeyOf,
  type MadeCandidate,
  type QueueItem,
  type QueueRecord,
} from '../../../src/model/queue.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import type { RecordedVerdict } from '../../../src/model/verdict.ts';
import { aJob, aProject, people, rights, sha } from '../../fakes/model-data.ts';
import { request, settings, view } from './entry/entry-fixture.ts';

export const project = aProject();
export const main = branchKeyOf(project.id, 'main');
export const ownQueue = subjectIdOf({ kind: 'queue', repository: project.id, branch: 'main' });
export const tip = sha('0');
export const ledgerHead = sha('9');
export const now = 10_000_000;
export const ourApp = 77;

/** The head of a change in these tests: its number, repeated. */
export function headOf(number: number): Sha {
  return sha(number.toString(16).padStart(4, '0'));
}

export function idOf(number: number): string {
  return changeIdOf({ branch: main, number });
}

export function aJobRecord(job: string, status: JobStatus, over: Partial<JobRecord> = {}): JobRecord {
  const { definition, pool } = aJob(job);
  const tree = { base: tip, tree: sha('7') };
  return { job, required: true, because: '', definition, request: 1, tree, status, pool, readBack: false, ...over };
}

export function ended(result: 'success' | 'failure' | 'timeout' | 'aborted' | 'error'): JobStatus {
  return { kind: 'ended', result, builds: [] };
}

export function aVerdict(commit: Sha): RecordedVerdict {
  return { commit, tree: sha('7'), checks: [], configuration: 'c', git: '2.39', at: now };
}

export function aCandidate(commit: Sha, over: Partial<MadeCandidate> = {}): MadeCandidate {
  return {
    kind: 'made',
    parents: { [main]: tip },
    commit,
    tree: sha('7'),
    published: true,
    jobs: [aJobRecord('unit', ended('success'))],
    changed: { known: true, paths: ['README.md'] },
    ahead: [],
    broken: null,
    verdict: null,
    ...over,
  };
}

/** A change that was asked for at the time that is its number, and lacks nothing. */
export function anAsked(number: number, over: Partial<AskedChange> = {}): AskedChange {
  const head = headOf(number);
  return {
    number,
    branch: main,
    request: request({ head, at: number }),
    overrides: [],
    view: view({}, { number, head }),
    seenAt: now,
    lane: 'normal',
    entry: number,
    ...over,
  };
}

export function anItem(number: number, over: Partial<QueueItem> = {}): QueueItem {
  const item = { message: `#${number}`, enteredAt: now, candidate: null, makes: 0, parked: null, overtaken: 0 };
  return { ...anAsked(number), ...item, ...over };
}

export function aRecord(over: Partial<QueueRecord> = {}): QueueRecord {
  const branch = { key: main, project, branch: 'main', tip, ledger: ledgerHead, landed: [] };
  return { ...emptyQueue([branch], 20), ...over };
}

export function aDraft(over: Partial<QueueRecord> = {}): GateDraft {
  return {
    record: aRecord(over),
    effects: [],
    reasons: [],
    wants: { candidates: [], trees: [], roots: [], differences: [], views: [], indexes: [], looks: [], tags: [] },
  };
}

/** A ledger with these entries, numbered from 1. */
export function ledgerOf(...details: readonly LedgerDetail[]): readonly LedgerEntry[] {
  const plain = { schema: 1, repository: project.id, branch: 'main', at: now } as const;
  return details.map((detail, index) => ({ ...plain, sequence: index + 1, detail }));
}

export const owned: LedgerDetail = { kind: 'owner', app: ourApp };

export function landedEntry(number: number, commit: Sha): LedgerDetail {
  const head = headOf(number);
  const verdict: RecordedVerdict = { ...aVerdict(commit), checks: [{ name: 'unit', conclusion: 'success' }] };
  return { kind: 'landed', number, head, from: tip, commit, method: 'merge', by: people.boss, verdict };
}

/** What was read of `main`; its ledger has the owner's entry and these. */
export function aBranch(over: Partial<BranchFacts> & { readonly landed?: readonly LedgerDetail[] } = {}): BranchFacts {
  const { landed = [], ...rest } = over;
  const ledger = { kind: 'whole', head: ledgerHead, entries: ledgerOf(owned, ...landed) } as const;
  const standing = new Set(ledger.entries.map(({ sequence }) => sequence));
  return {
    seen: true,
    reading: { tip, ledger },
    standing,
    rules: { rules: [] },
    settings: settings(),
    queue: ownQueue,
    ...rest,
  };
}

export function theFacts(over: Partial<QueueFacts> = {}): QueueFacts {
  return {
    now,
    subject: ownQueue,
    app: ourApp,
    branches: new Map([[main, aBranch()]]),
    views: new Map(),
    rights: new Map([[rightsKey(main, people.boss), rights('write')]]),
    elsewhere: new Map(),
    commands: [],
    unheard: new Map(),
    made: new Map(),
    trees: new Map(),
    roots: new Map(),
    differences: new Map(),
    indexes: new Map(),
    claims: new Map(),
    looks: new Map(),
    environment: null,
    siblings: new Map(),
    reports: new Map(),
    published: new Set(),
    landing: null,
    starts: new Map(),
    git: '2.39',
    line: new Map(),
    pods: [],
    logs: new Map(),
    forge: {},
    logUrl: () => null,
    ...over,
  };
}

export function heard(
  command: HeardCommand['command'],
  number: number,
  over: Partial<HeardCommand> = {},
): HeardCommand {
  const plain = { words: '', head: null, by: people.boss, permission: 'write', at: now };
  return { branch: main, delivery: `d${number}`, command, number, ...plain, ...over };
}

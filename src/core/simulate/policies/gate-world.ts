import type { GateSettings } from '../../../model/gate-settings.ts';
import type { Job } from '../../../model/job.ts';
import type { LedgerEntry } from '../../../model/ledger.ts';
import type { Person } from '../../../model/person.ts';
import type { Project } from '../../../model/project.ts';
import type { AskedChange, BranchKey, QueueRecord } from '../../../model/queue.ts';
import { branchKeyOf } from '../../../model/queue.ts';
import { type Sha, toSha } from '../../../model/sha.ts';
import { type SubjectId, subjectIdOf } from '../../../model/subject.ts';
import { emptyQueue } from '../../gate/empty-queue.ts';
import type { BranchFacts } from '../../gate/facts.ts';
import type { TreeFacts } from '../../presubmit/facts.ts';

/** An App, a project, people and one job, as the gate wants to know them; none of them decides anything here. */
export const app = 1;
export const person: Person = { id: 2, login: 'somebody', kind: 'user' };
export const project: Project = {
  id: 3,
  owner: 'simulated',
  name: 'project',
  private: false,
  defaultBranch: 'main',
  installation: 4,
  cloneUrl: 'https://simulated.invalid/project.git',
};
export const main: BranchKey = branchKeyOf(project.id, 'main');
export const queue: SubjectId = subjectIdOf({ kind: 'queue', repository: project.id, branch: 'main' });

/** Ids of simulated objects: a digit for what they are, and a number. */
export function shaOf(kind: 'head' | 'commit' | 'tree' | 'ledger', number: number): Sha {
  const digit = { head: 'a', commit: 'c', tree: 'b', ledger: 'd' }[kind];
  return toSha(`${digit}${number.toString(16).padStart(39, '0')}`);
}

const job: Job = {
  name: 'test',
  pipelines: ['gate'],
  selection: { trigger: 'auto', branches: [], skipBranches: [], onlyIf: null, skipIf: null, optional: false },
  content: { template: 'run', image: 'simulated', command: 'make test', env: {} },
  needs: [],
  pool: 'default',
  resources: { cpu: '1', memory: '1Gi', ephemeralStorage: '1Gi' },
  timeoutSeconds: 1_000_000_000,
  allowPrivilegeEscalation: false,
  definition: 'simulated',
};

const settings: GateSettings = {
  queue: null,
  approvals: 0,
  staleReviews: 'ignore',
  window: { start: 20, floor: 3 },
  landing: 'push',
  method: 'merge',
  failFast: false,
  scheduler: { kind: 'window' },
  protect: [],
  reuseMs: 0,
  supersedesPresubmit: false,
  promotion: { mode: 'tag', staging: null, executor: 'worker' },
};

/** What every candidate's tree says is to be tested: the one job. */
export const tree: TreeFacts = {
  config: {
    kind: 'usable',
    notes: [],
    config: {
      origin: 'file',
      mode: 'active',
      images: [],
      jobs: [job],
      trust: { trust: 'members', trustedApps: [] },
      gate: settings,
      version: null,
    },
  },
  kinds: new Map(),
};

/** The ledger of a branch whose tip the gate landed: nothing has to be asked of that tip first. */
export function firstEntries(tip: Sha): readonly LedgerEntry[] {
  const plain = { schema: 1, repository: project.id, branch: 'main', at: 0 } as const;
  const verdict = {
    commit: tip,
    tree: shaOf('tree', 0),
    checks: [{ name: job.name, conclusion: 'success' }],
    configuration: '',
    git: '',
    at: 0,
  } as const;
  const number = 2 ** 31;
  const landed = { kind: 'landed', number, head: shaOf('head', 0), from: tip, commit: tip } as const;
  return [
    { ...plain, sequence: 1, detail: { kind: 'owner', app } },
    { ...plain, sequence: 2, detail: { ...landed, method: 'merge', by: person, verdict } },
  ];
}

export function branchWith(tip: Sha, entries: readonly LedgerEntry[]): BranchFacts {
  const head = shaOf('ledger', entries.length);
  return {
    seen: true,
    reading: { tip, ledger: { kind: 'whole', head, entries } },
    standing: new Set(entries.map(({ sequence }) => sequence)),
    rules: { rules: [] },
    settings,
    queue,
  };
}

export function emptyRecord(tip: Sha): QueueRecord {
  const branch = { key: main, project, branch: 'main', tip, ledger: shaOf('ledger', 2), landed: [] };
  return emptyQueue([branch], settings.window.start);
}

/** A change that was asked for at this time (ms) and lacks nothing. */
export function askedFor(number: number, at: number): AskedChange {
  const head = shaOf('head', number);
  const view: AskedChange['view'] = {
    pull: {
      number,
      title: `change ${number}`,
      author: person,
      state: 'open',
      draft: false,
      head,
      headRef: `change-${number}`,
      baseRef: 'main',
      labels: [],
      createdAt: at,
      updatedAt: at,
      url: `https://simulated.invalid/${number}`,
    },
    body: '',
    reviews: [],
    codeOwnersApproved: null,
    checks: [],
    unresolved: 0,
    autoMerge: false,
    lastPusher: person,
    signed: null,
    commits: 1,
  };
  const request = { head, by: person, permission: 'write', at };
  return { number, branch: main, request, overrides: [], view, seenAt: at, lane: 'normal', entry: at };
}

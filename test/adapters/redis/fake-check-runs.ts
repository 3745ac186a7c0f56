import type { WriteCheckRun, WriteOutcome } from '../../../src/adapters/redis/report-writer.ts';
import type { CheckRunReport } from '../../../src/model/check-run.ts';
import type { Project } from '../../../src/model/project.ts';
import { toSha } from '../../../src/model/sha.ts';

export function project(installation: number): Project {
  const names = { owner: 'octo', name: 'images', cloneUrl: 'http://127.0.0.1/octo/images.git' };
  return { id: 7, private: false, defaultBranch: 'main', installation, ...names };
}

export function progress(externalId: string, title = 'running'): CheckRunReport {
  return {
    commit: toSha('a'.repeat(40)),
    name: 'presubmit / web',
    externalId,
    state: { status: 'in_progress' },
    title,
    summary: '',
    text: '',
    annotations: [],
    actions: [],
    detailsUrl: null,
    startedAt: 1,
    completedAt: null,
  };
}

export function final(externalId: string, title = 'done'): CheckRunReport {
  return { ...progress(externalId, title), state: { status: 'completed', conclusion: 'success' }, completedAt: 2 };
}

export interface Write {
  readonly at: number;
  readonly installation: number;
  readonly externalId: string;
  readonly title: string;
}

/** The check runs of a forge: created once per external id, patched afterwards; answers can be prepared. */
export class FakeCheckRuns {
  readonly writes: Write[] = [];
  /** External id → title, as people see it. */
  readonly shown = new Map<string, string>();
  readonly ids = new Map<string, number>();
  /** Check runs that were created twice, or written to by two at once. */
  readonly mistakes: string[] = [];
  /** Given instead of writing, first come first; a function may wait. */
  readonly answers: (WriteOutcome | (() => Promise<WriteOutcome | 'write'>))[] = [];
  private readonly busy = new Set<string>();

  readonly write: WriteCheckRun = async (to, report, knownId) => {
    const { externalId, title } = report;
    if (this.busy.has(externalId)) this.mistakes.push(`${externalId}: two writes at once`);
    this.busy.add(externalId);
    this.writes.push({ at: performance.now(), installation: to.installation, externalId, title });
    const prepared = this.answers.shift() ?? (async () => 'write' as const);
    const answer = typeof prepared === 'function' ? await prepared() : prepared;
    this.busy.delete(externalId);
    return answer === 'write' ? this.show(externalId, title, knownId) : answer;
  };

  private show(externalId: string, title: string, knownId: number | null): WriteOutcome {
    const there = this.ids.get(externalId);
    if (knownId !== null && knownId !== there) this.mistakes.push(`${externalId}: unknown id ${knownId}`);
    const id = there ?? 1000 + this.ids.size;
    this.ids.set(externalId, id);
    this.shown.set(externalId, title);
    return { kind: 'written', id };
  }
}

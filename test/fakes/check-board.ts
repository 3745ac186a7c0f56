import { type CheckRunReport, isFinal, type KnownReport, type ObservedCheckRun } from '../../src/model/check-run.ts';
import type { Sha } from '../../src/model/sha.ts';

/** The check runs of a forge and the one writer of them, with the reporter's rules; what breaks a promise is kept. */
export interface CheckBoard {
  want(report: CheckRunReport): void;
  known(): ReadonlyMap<string, KnownReport>;
  on(commit: Sha): readonly ObservedCheckRun[];
  /** The newest check run of that name on that commit, as a person sees it. */
  shown(commit: Sha, name: string): CheckRunReport | undefined;
  all(): readonly CheckRunReport[];
  /** The writer forgets what it wrote; the forge does not. */
  forget(): void;
  /** From now on what is wished for is not written, or everything is again. */
  writes(is: boolean): void;
  readonly violations: readonly string[];
}

interface Entry {
  readonly id: number;
  readonly report: CheckRunReport;
}

function conclusionOf(report: CheckRunReport): string {
  return report.state.status === 'completed' ? report.state.conclusion : report.state.status;
}

export function createCheckBoard(): CheckBoard {
  const entries = new Map<string, Entry>();
  const wishes = new Map<string, KnownReport>();
  const violations: string[] = [];
  let waiting: Map<string, CheckRunReport> | null = null;

  function check(was: CheckRunReport, report: CheckRunReport): void {
    if (was.name !== report.name || was.commit !== report.commit)
      violations.push(`${report.externalId} was ${was.name} on ${was.commit}, now ${report.name} on ${report.commit}`);
    if (isFinal(was) && conclusionOf(was) !== conclusionOf(report))
      violations.push(`${report.name} ${report.externalId} was ${conclusionOf(was)}, now ${conclusionOf(report)}`);
  }

  const board: CheckBoard = {
    violations,
    want(report) {
      const entry = entries.get(report.externalId);
      if (entry) check(entry.report, report);
      const final = isFinal(report);
      if (wishes.get(report.externalId)?.final && !final) return;
      wishes.set(report.externalId, { fingerprint: JSON.stringify(report), final, delivered: waiting === null });
      if (waiting === null) entries.set(report.externalId, { id: entry?.id ?? entries.size + 1, report });
      else waiting.set(report.externalId, report);
    },
    known: () => wishes,
    on: (commit) =>
      [...entries.values()]
        .filter(({ report }) => report.commit === commit)
        .map(({ id, report }) => {
          const { name, externalId, state, title, summary, text, startedAt, completedAt } = report;
          return { id, name, commit, externalId, state, title, summary, text, startedAt, completedAt };
        }),
    shown: (commit, name) =>
      [...entries.values()]
        .filter(({ report }) => report.commit === commit && report.name === name)
        .sort((a, b) => a.id - b.id)
        .at(-1)?.report,
    all: () => [...entries.values()].map(({ report }) => report),
    forget: () => wishes.clear(),
    writes(is) {
      const late = waiting ?? new Map<string, CheckRunReport>();
      waiting = is ? null : late;
      if (is) for (const report of late.values()) board.want(report);
    },
  };
  return board;
}

import { type CheckRunReport, isFinal, type KnownReport } from '../../src/model/check-run.ts';
import type { Project } from '../../src/model/project.ts';
import type { ReportOrigin } from '../../src/ports/reporter.ts';
import type { Keyspace } from './keyspace.ts';

/** What became of one write, as `src/adapters/redis/report-writer.ts` has it. */
export type WriteOutcome =
  | { readonly kind: 'written'; readonly id: number }
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
  | { readonly kind: 'refused' | 'failed'; readonly because: string };

export interface Picked {
  readonly report: CheckRunReport;
  readonly project: Project;
  readonly knownId: number | null;
  readonly fingerprint: string;
  readonly token: number;
}

interface Wish {
  readonly project: Project;
  readonly report: CheckRunReport;
  readonly fingerprint: string;
  readonly final: boolean;
  readonly id: number | null;
  readonly delivered: string | null;
  readonly writtenAt: number | null;
  /** Of the server, in which the last write was recorded. */
  readonly life: number | null;
  readonly lease: number | null;
  readonly leaseUntil: number;
  readonly failures: number;
  /** When it may be written; null: nothing waits. */
  readonly at: number | null;
}

/** The scripts of the reporter on a keyspace. */
export interface ReportScripts {
  want(project: Project, report: CheckRunReport, origin?: ReportOrigin): 'same' | 'ignored' | 'unknown' | 'stored';
  known(externalIds: readonly string[]): Map<string, KnownReport>;
  /** When anybody wished for it last (ms), whatever was lost since; 0: never. */
  wantedAt(externalId: string): number;
  /** Installations with something that waits. */
  waiting(): readonly number[];
  pick(installation: number): Picked | { readonly waitMs: number } | null;
  record(picked: Picked, outcome: WriteOutcome): void;
}

const waits = {
  coalesce: 10_000,
  firstRetry: 1000,
  longestRetry: 300_000,
  refused: 3_600_000,
  lease: 45_000,
  rewrite: 600_000,
};
const budget = { max: 60, duration: 60_000 };

function isFree(used: readonly number[], allowed: number, now: number): number | null {
  const recent = used.filter((at) => at > now - budget.duration);
  const oldest = recent[recent.length - allowed];
  return oldest === undefined ? null : oldest + budget.duration;
}

function keyOf(externalId: string): string {
  return `check:${externalId}`;
}

function wishes(data: Keyspace, installation: number): Wish[] {
  const all = data.keys('check:').flatMap((key) => data.get<Wish>(key) ?? []);
  return all.filter((wish) => wish.at !== null && wish.project.installation === installation);
}

function pick(data: Keyspace, installation: number, now: number, token: number): ReturnType<ReportScripts['pick']> {
  const waiting = wishes(data, installation).sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
  if (waiting.length === 0) return null;
  const limitedUntil = data.get<number>(`check-limit:${installation}`) ?? 0;
  if (limitedUntil > now) return { waitMs: limitedUntil - now };
  const final = waiting.find((wish) => wish.final && (wish.at ?? 0) <= now);
  const next = final ?? waiting.find((wish) => (wish.at ?? 0) <= now);
  if (!next) return { waitMs: Math.max(1, (waiting[0]?.at ?? now) - now) };
  const used = data.get<readonly number[]>(`check-budget:${installation}`) ?? [];
  const freeAt = isFree(used, final ? budget.max : budget.max - Math.floor(budget.max / 4), now);
  if (freeAt !== null) return { waitMs: Math.max(1, freeAt - now) };
  data.set(`check-budget:${installation}`, [...used.filter((at) => at > now - budget.duration), now]);
  const leaseUntil = now + waits.lease;
  data.set(keyOf(next.report.externalId), { ...next, lease: token, leaseUntil, at: leaseUntil });
  const { report, project, id: knownId, fingerprint } = next;
  return { report, project, knownId, fingerprint, token };
}

function nextTurn(wish: Wish, outcome: WriteOutcome, isNewest: boolean, now: number): number {
  if (outcome.kind === 'written') return wish.final ? now : now + waits.coalesce;
  if (outcome.kind === 'failed') return now + Math.min(waits.longestRetry, waits.firstRetry * 2 ** wish.failures);
  return outcome.kind === 'refused' && isNewest ? now + waits.refused : now;
}

function record(data: Keyspace, picked: Picked, outcome: WriteOutcome, now: number, life: number): void {
  const { installation } = picked.project;
  if (outcome.kind === 'limited') {
    const until = Math.max(now + outcome.retryAfterMs, data.get<number>(`check-limit:${installation}`) ?? 0);
    data.set(`check-limit:${installation}`, until);
  }
  const key = keyOf(picked.report.externalId);
  const wish = data.get<Wish>(key);
  if (!wish) return;
  const isMine = wish.lease === picked.token;
  const isNewest = wish.fingerprint === picked.fingerprint;
  const isWritten = outcome.kind === 'written';
  if (!isWritten && !isMine) return;
  const written = isWritten
    ? { id: outcome.id, writtenAt: now, life, delivered: isMine ? picked.fingerprint : null }
    : { failures: outcome.kind === 'failed' ? wish.failures + 1 : 0 };
  const at = isWritten && isMine && isNewest ? null : nextTurn(wish, outcome, isNewest, now);
  data.set(key, { ...wish, ...written, at, lease: null, leaseUntil: 0 });
}

/** What is remembered as written may be older than what the forge has. */
function isDoubtful(was: Wish, now: number, life: number): boolean {
  const isWritten = was.delivered === was.fingerprint && now - (was.writtenAt ?? 0) >= waits.rewrite;
  return !was.final && isWritten && was.life !== life;
}

export function createReportScripts(data: Keyspace, now: () => number, life: () => number): ReportScripts {
  let tokens = 0;
  const wanted = new Map<string, number>();
  return {
    wantedAt: (externalId) => wanted.get(externalId) ?? 0,
    want(project, report, origin) {
      const known = origin && data.get<{ readonly version: number }>(`doc:${origin.subject}`);
      if (origin && (known?.version ?? 0) < (origin.version ?? 1)) return 'unknown';
      wanted.set(report.externalId, now());
      const key = keyOf(report.externalId);
      const was = data.get<Wish>(key);
      const fingerprint = JSON.stringify(report);
      const final = isFinal(report);
      const isSame = was?.fingerprint === fingerprint && was.project.installation === project.installation;
      if (isSame && !isDoubtful(was, now(), life())) return 'same';
      if (was?.final && !final) return 'ignored';
      const earliest = final || was?.writtenAt == null ? now() : Math.max(now(), was.writtenAt + waits.coalesce);
      const at = Math.max(earliest, was?.leaseUntil ?? 0);
      const empty = { id: null, delivered: null, writtenAt: null, life: null, lease: null, leaseUntil: 0 };
      data.set(key, { ...empty, ...was, project, report, fingerprint, final, failures: 0, at });
      return 'stored';
    },
    known(externalIds) {
      const found = new Map<string, KnownReport>();
      for (const id of externalIds) {
        const wish = data.get<Wish>(keyOf(id));
        if (!wish) continue;
        const { fingerprint, final, delivered } = wish;
        found.set(id, { fingerprint, final, delivered: delivered === fingerprint });
      }
      return found;
    },
    waiting() {
      const all = data.keys('check:').flatMap((key) => data.get<Wish>(key) ?? []);
      return [...new Set(all.filter((wish) => wish.at !== null).map((wish) => wish.project.installation))];
    },
    pick(installation) {
      tokens += 1;
      return pick(data, installation, now(), tokens);
    },
    record: (picked, outcome) => record(data, picked, outcome, now(), life()),
  };
}

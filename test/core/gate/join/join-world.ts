import { joinReportIds } from '../../../../src/core/gate/join/report-join.ts';
import { planQueue, type QueuePlan } from '../../../../src/core/gate/plan-queue.ts';
import { type TreeFacts, treeKey } from '../../../../src/core/presubmit/facts.ts';
import type { CheckRunReport } from '../../../../src/model/check-run.ts';
import type { GateSettings } from '../../../../src/model/gate-settings.ts';
import type { Job } from '../../../../src/model/job.ts';
import type { Join } from '../../../../src/model/join.ts';
import type { LedgerDetail } from '../../../../src/model/ledger.ts';
import type { JobRecord } from '../../../../src/model/presubmit.ts';
import type { MadeCandidate, QueueRecord } from '../../../../src/model/queue.ts';
import type { Sha } from '../../../../src/model/sha.ts';
import { aConfig, aJob, sha } from '../../../fakes/model-data.ts';
import { settings } from '../entry/entry-fixture.ts';
import {
  aBranch,
  aRecord,
  landedEntry,
  ledgerHead,
  ledgerOf,
  main,
  now,
  owned,
  theFacts,
  tip,
} from '../gate-fixture.ts';

export const minute = 60_000;

/** What the branch is at once the change of this number has landed; 0: where it begins. */
export function commitOf(number: number): Sha {
  return number === 0 ? tip : sha(`c${number.toString().padStart(3, '0')}`);
}

function treeOf(commit: Sha): Sha {
  return sha(`7${commit.slice(0, 4)}`);
}

interface Landing {
  /** Tested as another tree (`lane`), as its own with each job passing (`whole`), or with one skipped (`part`). */
  readonly how: 'lane' | 'whole' | 'part';
  readonly from: Sha;
}

type End = 'success' | 'failure' | 'error';

/** A branch on which changes land in lanes, and the joins of it, pass by pass. */
export class JoinWorld {
  record: QueueRecord = aRecord();
  /** Ms. */
  at = now;
  readonly landings: (Landing & { readonly number: number })[] = [];
  pushed: Sha | null = null;
  jobs: readonly Job[] = [aJob('left', { pipelines: ['gate'] }), aJob('right', { pipelines: ['gate'] })];
  /** How a job ends on a commit, the `nth` time it is run there. */
  ends: (job: string, commit: Sha, nth: number) => End = () => 'success';
  joinMs: number | undefined = 60 * minute;
  lanes = true;
  unreadable: ReadonlySet<Sha> = new Set();
  isTold = true;
  readonly ran: string[] = [];
  /** Ids of the Builds of all that ran. */
  readonly builds: string[] = [];
  readonly reports = new Map<string, CheckRunReport>();
  plan: QueuePlan | null = null;

  get tip(): Sha {
    return this.pushed ?? commitOf(this.landings.at(-1)?.number ?? 0);
  }

  get join(): Join {
    if (this.record.join === undefined) throw new Error('there is no join');
    return this.record.join;
  }

  lands(number: number, how: Landing['how'] = 'lane'): this {
    this.landings.push({ number, how, from: this.tip });
    this.pushed = null;
    return this;
  }

  pushes(commit: Sha): this {
    this.pushed = commit;
    return this;
  }

  private details(): readonly LedgerDetail[] {
    return this.landings.map(({ number, how, from }) => {
      const detail = landedEntry(number, commitOf(number));
      if (detail.kind !== 'landed') throw new Error('no landing');
      const left = how === 'part' ? 'skipped' : 'success';
      const checks = [
        { name: 'left', conclusion: left },
        { name: 'right', conclusion: 'success' },
      ] as const;
      const reused = { reused: { commit: sha('d1'), at: 1, tree: sha('d2') } };
      return { ...detail, from, verdict: { ...detail.verdict, checks, ...(how === 'lane' ? reused : {}) } };
    });
  }

  private facts() {
    const config: TreeFacts['config'] = { kind: 'usable', config: aConfig(this.jobs), notes: [] };
    const commits = [...Array.from({ length: 40 }, (_, number) => commitOf(number)), this.tip];
    const roots = new Map<Sha, Sha | null>();
    for (const commit of commits) roots.set(commit, this.unreadable.has(commit) ? null : treeOf(commit));
    const trees = new Map<string, TreeFacts>();
    for (const base of commits)
      for (const commit of commits) trees.set(treeKey({ base, tree: treeOf(commit) }), { config, kinds: new Map() });
    const ledger = { kind: 'whole', head: ledgerHead, entries: ledgerOf(owned, ...this.details()) } as const;
    const standing = new Set(ledger.entries.map(({ sequence }) => sequence));
    const plain = { kind: 'best-first', slots: 4, prefixes: false } as const;
    const joins = this.joinMs === undefined ? {} : { joinMs: this.joinMs };
    const scheduler: GateSettings['scheduler'] = this.lanes ? { ...plain, lanes: 'closure', ...joins } : plain;
    const own = aBranch({ reading: { tip: this.tip, ledger }, standing, settings: settings({ scheduler }) });
    const ids = joinReportIds(theFacts().subject, this.record.join);
    const known = ids.map((id) => {
      const final = this.reports.get(id)?.state.status === 'completed';
      return [id, { fingerprint: '', final, delivered: this.isTold }] as const;
    });
    return theFacts({ now: this.at, roots, trees, branches: new Map([[main, own]]), reports: new Map(known) });
  }

  /** One pass, after so many ms; then all that runs of the join ends as it is to. */
  pass(after = 10_000): this {
    this.at += after;
    this.plan = planQueue(this.record, this.facts());
    this.record = this.plan.record;
    for (const effect of this.plan.effects)
      if (effect.kind === 'on' && effect.effect.kind === 'report')
        this.reports.set(effect.effect.report.externalId, effect.effect.report);
    const { join } = this.record;
    if (join !== undefined) this.record = { ...this.record, join: this.withEnds(join) };
    return this;
  }

  passes(times: number, after?: number): this {
    for (let pass = 0; pass < times; pass += 1) this.pass(after);
    return this;
  }

  private withEnds(join: Join): Join {
    const { phase } = join;
    const end = (probe: MadeCandidate): MadeCandidate => {
      const jobs = (probe.jobs ?? []).map((record) => this.ended(record, probe.commit));
      return { ...probe, jobs };
    };
    if (phase.kind === 'searching' && phase.search.run !== null) {
      const run = { ...phase.search.run, probe: end(phase.search.run.probe) };
      return { ...join, phase: { ...phase, search: { ...phase.search, run } } };
    }
    if (phase.kind === 'testing' || phase.kind === 'red') {
      if (phase.run === null) return join;
      return { ...join, phase: { ...phase, run: { ...phase.run, probe: end(phase.run.probe) } } };
    }
    return join;
  }

  private ended(record: JobRecord, commit: Sha): JobRecord {
    const { status, job } = record;
    if (status.kind !== 'building' || status.builds.some(({ state }) => state.phase === 'finished')) return record;
    const name = `${job}@${nameOf(commit)}`;
    this.ran.push(name);
    this.builds.push(...status.builds.map(({ id }) => id));
    const result = this.ends(job, commit, this.ran.filter((each) => each === name).length);
    const outcome = { image: null, tail: '', annotation: null };
    const state = {
      phase: 'finished',
      result,
      because: 'it ended',
      startedAt: null,
      finishedAt: this.at,
      outcome,
    } as const;
    return { ...record, status: { kind: 'building', builds: status.builds.map((build) => ({ ...build, state })) } };
  }

  /** All that is said, as `conclusion title` of the commit or head. */
  said(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.reports.values()].map(({ commit, state, title }) => [
        nameOf(commit),
        `${state.status === 'completed' ? state.conclusion : state.status}: ${title}`,
      ]),
    );
  }
}

/** A commit as the number of the landing that made it, a head as `#4`. */
function nameOf(commit: Sha): string {
  if (commit.startsWith('c')) return String(Number(commit.slice(1, 4)));
  const number = Number.parseInt(commit.slice(0, 4), 16);
  return number === 0 ? '0' : number < 100 ? `#${number}` : commit.slice(0, 2);
}

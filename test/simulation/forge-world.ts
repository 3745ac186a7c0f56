import type { CheckRunReport, CheckStatus, ObservedCheckRun } from '../../src/model/check-run.ts';
import type { Permission, Person } from '../../src/model/person.ts';
import type { Project } from '../../src/model/project.ts';
import type { Comment } from '../../src/model/pull-request.ts';
import type { Sha } from '../../src/model/sha.ts';
import type { RepositoryGit } from './gate/repository-git.ts';
import type { Sim } from './sim.ts';
import type { Timeline } from './timeline.ts';

/** What a commit holds. `edits`: shared places that it changed since `base`, for conflicts. */
export interface Commit {
  readonly sha: Sha;
  readonly files: Readonly<Record<string, string>>;
  readonly changed: readonly string[];
  /** Version of the one place that everybody edits. */
  readonly hot: number;
  readonly editsHot: boolean;
}

export interface Pull {
  readonly number: number;
  readonly author: Person;
  readonly fork: boolean;
  readonly createdAt: number;
  updatedAt: number;
  readonly state: Timeline<'open' | 'closed' | 'merged'>;
  readonly draft: Timeline<boolean>;
  readonly head: Timeline<Sha>;
  readonly baseRef: Timeline<string>;
  readonly comments: StoredComment[];
  readonly reactions: Map<string, string>;
  /** When we first reacted, by comment. */
  readonly reactedAt: Map<string, number>;
  readonly replies: Map<number, string>;
  readonly presses: Press[];
  readonly labels: Timeline<readonly string[]>;
  /** The description; an author's words. */
  readonly body: string;
  /** In order of time. */
  readonly reviews: StoredReview[];
  /** When we closed it ourselves. */
  readonly closedByUs: number[];
  /** Consent of a person to one head, as the forge could show it. */
  readonly consents: { readonly head: string; readonly by: number; readonly at: number }[];
}

export interface StoredReview {
  readonly by: Person;
  readonly commit: Sha;
  readonly at: number;
  readonly state: Timeline<'approved' | 'changes-requested' | 'dismissed'>;
}

/** Somebody asked by a button for a concluded job to be built again. */
export interface Press {
  readonly delivery: string;
  readonly job: string;
  readonly head: string;
  readonly by: number;
  readonly at: number;
}

export interface StoredComment extends Comment {
  readonly visibleAt: number;
}

export interface Repository {
  readonly project: Project;
  readonly installedAt: number;
  readonly seen: Timeline<boolean>;
  readonly branches: Map<string, Timeline<Sha>>;
  readonly commits: Map<string, Commit>;
  readonly pulls: Map<number, Pull>;
  readonly permissions: Map<number, Timeline<Permission>>;
  readonly members: ReadonlySet<number>;
  /** Null in worlds where nothing lands. */
  readonly git: RepositoryGit | null;
  /** A rule keeps everybody from pushing to its branches. */
  readonly locked: Timeline<boolean>;
  /** What another App says of commits. */
  readonly ci: Map<string, Timeline<'success' | 'failure' | null>>;
}

export interface StoredCheckRun extends ObservedCheckRun {
  readonly summary: string;
  readonly actions: readonly string[];
  readonly firstAt: number;
  /** When it was concluded; null while it is not. */
  readonly finalAt: number | null;
}

/** The forge wants nothing for a while. */
export class Limited extends Error {
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super(`403 secondary rate limit, Retry-After ${retryAfterMs / 1000}`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The forge will not do this, however often it is asked. */
export class Refused extends Error {}

export interface ForgeWorld {
  readonly repositories: Map<number, Repository>;
  readonly checkRuns: Map<string, StoredCheckRun[]>;
  /** Called before each check run is written: `was` null for a new one. */
  onCheckWrite: (project: Project, report: CheckRunReport, was: StoredCheckRun | null) => void;
  /** Any request of ours for this repository: throws while the forge does not answer. */
  mustAnswer(): void;
  /** From now on it is our own fault to write before its end. */
  limitIsKnown(installation: number): void;
  /** What was counted of them is lost with Redis. */
  forgetLimits(): void;
  /** No answers at all until then. */
  goAway(milliseconds: number): void;
  repositoryOf(project: Pick<Project, 'id'>): Repository;
  /** Whether the App keeps a record of what is pushed to this branch. */
  knowsBranch: (repository: number, branch: string) => boolean;
  /** The one of this id, or else all of the external id, newest first. */
  findCheckRuns(project: Project, commit: Sha, id: number | null, externalId: string): readonly StoredCheckRun[];
  /** `decidedAt`: when it was decided to write; what was on its way before a limit was known is no fault. */
  createCheckRun(project: Project, report: CheckRunReport, decidedAt: number): number;
  updateCheckRun(project: Project, id: number, report: CheckRunReport, decidedAt: number): number;
}

/** The forge's times have whole seconds. */
export function wholeSecond(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}

export function createForgeWorld(sim: Sim): ForgeWorld {
  const { time, knobs } = sim;
  const draws = sim.chance.stream('limits');
  const checkRuns = new Map<string, StoredCheckRun[]>();
  const repositories = new Map<number, Repository>();
  const limitedUntil = new Map<number, number>();
  const known = new Map<number, { readonly at: number; readonly until: number }>();
  const writes = new Map<number, number[]>();
  let awayUntil = 0;
  let ids = 1000;

  /** GitHub's secondary limit on writes: who asks again before its end breaks S16. */
  function countWrite({ installation }: Project, decidedAt: number): void {
    const now = time.now();
    const limit = known.get(installation);
    if (limit && decidedAt > limit.at && now < limit.until)
      sim.violate('S16', `a check run was written before Retry-After`);
    const recent = (writes.get(installation) ?? []).filter((at) => at > now - 60_000);
    writes.set(installation, [...recent, now]);
    if (recent.length >= 61) sim.violate('S16', `${recent.length} writes of check runs within a minute`);
    if (!sim.faultsOn() || !draws.happens(knobs.rates.limited)) return;
    const retryAfterMs = draws.between(5, 180) * 1000;
    limitedUntil.set(installation, now + retryAfterMs);
    sim.note('forge: a secondary limit was reached');
    throw new Limited(retryAfterMs);
  }

  function mustSee(project: Project): Repository {
    forge.mustAnswer();
    const repository = forge.repositoryOf(project);
    if (!repository.seen.now()) throw new Refused(`403 ${project.name} is not accessible by integration`);
    return repository;
  }

  function stored(id: number, report: CheckRunReport, was: StoredCheckRun | null): StoredCheckRun {
    const { name, commit, externalId, state, title, text, startedAt, completedAt, summary } = report;
    const actions = report.actions.map((action) => action.identifier);
    const firstAt = was?.firstAt ?? time.now();
    const finalAt = state.status === 'completed' ? (was?.finalAt ?? time.now()) : null;
    return {
      id,
      name,
      commit,
      externalId,
      state,
      title,
      text,
      startedAt,
      completedAt,
      summary,
      actions,
      firstAt,
      finalAt,
    };
  }

  const forge: ForgeWorld = {
    repositories,
    checkRuns,
    onCheckWrite: () => undefined,
    knowsBranch: () => false,
    mustAnswer() {
      if (time.now() < awayUntil) throw new Error('502 Bad Gateway');
    },
    limitIsKnown: (installation) =>
      void known.set(installation, { at: time.now(), until: limitedUntil.get(installation) ?? 0 }),
    forgetLimits() {
      known.clear();
      writes.clear();
    },
    goAway(milliseconds) {
      sim.note('forge: away');
      awayUntil = time.now() + milliseconds;
    },
    repositoryOf({ id }) {
      const repository = repositories.get(id);
      if (!repository) throw new Error(`404 no repository ${id}`);
      return repository;
    },
    findCheckRuns(project, commit, id, externalId) {
      mustSee(project);
      const there = checkRuns.get(commit) ?? [];
      const known = id === null ? undefined : there.find((run) => run.id === id);
      return known ? [known] : there.filter((run) => run.externalId === externalId).reverse();
    },
    createCheckRun(project, report, decidedAt) {
      mustSee(project);
      countWrite(project, decidedAt);
      forge.onCheckWrite(project, report, null);
      ids += 1;
      checkRuns.set(report.commit, [...(checkRuns.get(report.commit) ?? []), stored(ids, report, null)]);
      return ids;
    },
    updateCheckRun(project, id, report, decidedAt) {
      mustSee(project);
      countWrite(project, decidedAt);
      const there = checkRuns.get(report.commit) ?? [];
      const was = there.find((run) => run.id === id);
      if (!was) throw new Error(`404 no check run ${id}`);
      forge.onCheckWrite(project, report, was);
      checkRuns.set(
        report.commit,
        there.map((run) => (run.id === id ? stored(id, report, run) : run)),
      );
      return id;
    },
  };
  return forge;
}

export function isCompleted(run: { readonly state: CheckStatus }): boolean {
  return run.state.status === 'completed';
}

import { type PresubmitFacts, type TreeFacts, treeKey } from './core/presubmit/facts.ts';
import { readTree } from './local-tree.ts';
import type { PreparedChange } from './model/code.ts';
import type { ForgeEvent } from './model/forge-event.ts';
import type { Job } from './model/job.ts';
import type { PoolSettings } from './model/order.ts';
import type { Person, Rights } from './model/person.ts';
import type { Project } from './model/project.ts';
import type { Comment, PullRequest } from './model/pull-request.ts';
import type { Source } from './ports/source.ts';

/** A pull request as far as it is known without asking the forge. */
export interface LocalChange {
  readonly project: Project;
  readonly pull: PullRequest;
  readonly rights: ReadonlyMap<number, Rights>;
  readonly prepared: PreparedChange;
  readonly comments: readonly Comment[];
  /** What wakes the pull request; empty: only what comments ask for is started. */
  readonly inbox: readonly ForgeEvent[];
  /** What builds its images; left out: kaniko, as with a server that is told nothing of builders. */
  readonly builder?: PoolSettings['builder'];
  /** What becomes of its jobs where they are not run as they are written; left out: nothing. */
  readonly changeJob?: (job: Job) => Job;
}

/** Somebody who may do everything: the person in front of this machine. */
export const self: Person = { id: 1, login: 'you', kind: 'user' };

export const fullRights: Rights = { known: true, permission: 'admin', member: true };

function withJobs(facts: TreeFacts, { changeJob }: LocalChange): TreeFacts {
  const { config } = facts;
  if (config.kind !== 'usable' || changeJob === undefined) return facts;
  return { ...facts, config: { ...config, config: { ...config.config, jobs: config.config.jobs.map(changeJob) } } };
}

/** The facts of a pass over it, as the server would have gathered them; nothing has been built and nothing is known of it yet. */
export async function factsOf(
  source: Pick<Source, 'readText' | 'entries'>,
  change: LocalChange,
  now: number,
): Promise<PresubmitFacts> {
  const { project, pull, rights, prepared, comments, inbox } = change;
  const { base, merge } = prepared;
  // In a conflict nothing of the merge is read; whom the base trusts is known all the same.
  const tree = { base, tree: merge.kind === 'merged' ? merge.tree : base };
  const read = await readTree(source, project, tree, change.builder ?? 'kaniko');
  return {
    now,
    forge: {
      project,
      pull,
      comments,
      rights,
      reacted: new Set(),
      checkRuns: [],
      // Only an event wakes it: what was open before stays asleep.
      firstSeen: Number.MAX_SAFE_INTEGER,
    },
    prepared,
    trees: new Map([[treeKey(tree), withJobs(read.facts, change)]]),
    trust: read.trust,
    pods: [],
    line: new Map(),
    logs: new Map(),
    reports: new Map(),
    starts: new Map(),
    sent: new Set(),
    inbox,
    logUrl: () => null,
  };
}

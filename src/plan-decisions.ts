import type { PlanDecision } from './cli/deps.ts';
import { parseCommands } from './core/parse-commands.ts';
import type { PresubmitFacts } from './core/presubmit/facts.ts';
import { treeKey } from './core/presubmit/facts.ts';
import type { PresubmitPlan } from './core/presubmit/plan.ts';
import { askMayRun, judgeStanding, type Standing } from './core/presubmit/standing.ts';
import type { Job } from './model/job.ts';
import type { JobRecord, PresubmitRecord } from './model/presubmit.ts';

type Decided = Pick<PlanDecision, 'decision' | 'reason'>;

/** What was recorded for a job, in the words that scripts read. */
function fromRecord(record: JobRecord, job: Job | undefined): Decided {
  const { status, because } = record;
  if (status.kind === 'skipped') return { decision: 'skip', reason: because };
  // A job that ended without a Build and without success cannot be built as it is written.
  if (status.kind === 'ended' && status.result !== 'success') return { decision: 'refuse', reason: because };
  const needs = (job?.needs ?? []).map((need) => need.job);
  const after = status.kind === 'blocked' && needs.length > 0 ? `; it starts after ${needs.join(', ')}` : '';
  return { decision: 'run', reason: `${because}${after}` };
}

function refusedSender(record: PresubmitRecord, facts: PresubmitFacts, job: Job): Decided | null {
  for (const comment of facts.forge?.comments ?? []) {
    const asks = parseCommands(comment.text).commands.some(({ word, args }) => {
      if (word === 'retest') return true;
      if (word === 'retest-required') return !job.selection.optional;
      return word === 'test' && (args.includes('all') || args.includes(job.name));
    });
    const rights = facts.forge?.rights.get(comment.author.id) ?? {
      known: false as const,
      because: 'they were not read',
    };
    const answer = asks ? askMayRun(record, facts, { kind: 'person', person: comment.author, rights }) : null;
    if (answer?.run === false) return { decision: 'refuse', reason: answer.because };
  }
  return null;
}

/** Why a job of which nothing was recorded does not start. */
function fromStanding(record: PresubmitRecord, facts: PresubmitFacts, standing: Standing, job: Job): Decided {
  switch (standing.kind) {
    case 'unapproved':
      return { decision: 'wait', reason: `awaiting approval of exactly this head: ${standing.because}` };
    case 'unread':
    case 'head-moved':
      return { decision: 'wait', reason: standing.because };
    case 'conflict': {
      const paths = standing.paths.slice(0, 20).join(', ');
      return { decision: 'refuse', reason: paths === '' ? standing.because : `${standing.because}: ${paths}` };
    }
    case 'config':
      return { decision: 'refuse', reason: standing.because };
    case 'gone':
    case 'closed':
      return { decision: 'skip', reason: standing.because };
    case 'ready': {
      const refused = refusedSender(record, facts, job);
      if (refused) return refused;
      if ((facts.forge?.comments.length ?? 0) > 0 && !record.awake)
        return { decision: 'skip', reason: 'this comment does not ask for it' };
      const reason = `the pull request is a draft: \`/test ${job.name}\` starts it, or marking it ready for review`;
      return { decision: 'wait', reason };
    }
  }
}

/** Every presubmit job that the change knows, in the order of its file, with what would become of it. */
export function decisionsOf(plan: PresubmitPlan, facts: PresubmitFacts): readonly PlanDecision[] {
  const { record } = plan;
  const standing = judgeStanding(record, facts);
  if (standing.kind === 'config')
    return [{ pipeline: 'presubmit', job: 'sluice', decision: 'refuse', reason: standing.because, required: true }];
  return presubmitJobsIn(facts).map((job) => {
    const recorded = record.change?.jobs.find((other) => other.job === job.name);
    const decided = recorded ? fromRecord(recorded, job) : fromStanding(record, facts, standing, job);
    return { pipeline: 'presubmit', job: job.name, ...decided, required: !job.selection.optional };
  });
}

/** The presubmit jobs of the configuration that a change is planned with; none while it is refused. */
export function presubmitJobsIn(facts: PresubmitFacts): readonly Job[] {
  const { prepared } = facts;
  if (!prepared) return [];
  const { base, merge } = prepared;
  const config = facts.trees.get(treeKey({ base, tree: merge.kind === 'merged' ? merge.tree : base }))?.config;
  return config?.kind === 'usable' ? config.config.jobs.filter((job) => job.pipelines.includes('presubmit')) : [];
}

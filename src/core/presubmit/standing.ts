import type { PreparedChange } from '../../model/code.ts';
import type { ProjectConfig } from '../../model/config.ts';
import type { PresubmitRecord } from '../../model/presubmit.ts';
import type { PullRequest } from '../../model/pull-request.ts';
import type { Sha } from '../../model/sha.ts';
import type { TrustClass } from '../../model/trust.ts';
import type { EffectiveConfig } from '../combine-config.ts';
import { type Asker, mayRun, type RunAnswer } from '../may-run.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { type PresubmitFacts, plannedTree, treeKey } from './facts.ts';

/** Whether anything of the present head may be started, and if not, why; judged anew in every pass. */
export type Standing =
  | {
      readonly kind: 'ready';
      readonly pull: PullRequest;
      readonly prepared: PreparedChange;
      readonly tree: Sha;
      readonly config: ProjectConfig;
      readonly notes: readonly string[];
      readonly trust: TrustClass;
      readonly because: string;
    }
  | { readonly kind: 'gone' | 'closed' | 'unread'; readonly because: string }
  | { readonly kind: 'unapproved' | 'head-moved'; readonly because: string; readonly pull: PullRequest }
  | { readonly kind: 'conflict'; readonly because: string; readonly paths: readonly string[] }
  | {
      readonly kind: 'config';
      readonly because: string;
      readonly refused: Extract<EffectiveConfig, { kind: 'refused' }>;
    };

/** Asks `mayRun` for the present head; null while the forge was not read. */
export function askMayRun(record: PresubmitRecord, facts: PresubmitFacts, asker: Asker): RunAnswer | null {
  const { pull } = record;
  if (!pull || !facts.forge || !record.change) return null;
  const authorRights = facts.forge.rights.get(pull.author.id) ?? { known: false, because: 'they were not read' };
  return mayRun({
    head: record.change.head,
    presentHead: pull.head,
    author: pull.author,
    authorRights,
    approvals: record.approvals,
    asker,
    settings: facts.trust,
  });
}

function conflictWith(pull: PullRequest, paths: readonly string[]): Standing {
  const base = inlineCode(pull.baseRef);
  // Git names no file when the two have no history in common.
  const because =
    paths.length === 0
      ? `it has no history in common with ${base}`
      : `it conflicts with ${base} in ${paths.length} file${paths.length === 1 ? '' : 's'}`;
  return { kind: 'conflict', paths, because };
}

function judgeCode(
  record: PresubmitRecord,
  facts: PresubmitFacts,
  pull: PullRequest,
  answer: RunAnswer & { run: true },
): Standing {
  const prepared = facts.prepared;
  if (!prepared) return { kind: 'unread', because: `the head ${pull.head} and its base could not be fetched` };
  if (prepared.merge.kind === 'conflict') return conflictWith(pull, prepared.merge.paths);
  const { tree } = prepared.merge;
  const config = facts.trees.get(treeKey(plannedTree(prepared, tree)))?.config;
  if (!config || prepared.head !== record.change?.head)
    return { kind: 'unread', because: 'the configuration was not read yet' };
  if (config.kind === 'refused') {
    return config.where === null
      ? { kind: 'unread', because: config.because }
      : { kind: 'config', because: config.because, refused: config };
  }
  const { notes } = config;
  return {
    kind: 'ready',
    pull,
    prepared,
    tree,
    config: config.config,
    notes,
    trust: answer.trust,
    because: answer.because,
  };
}

/** Why it is not known whom the base branch trusts, so that nobody is told they may not; null when it is known. */
export function settingsUnread(facts: PresubmitFacts): string | null {
  const { prepared } = facts;
  if (!prepared) return 'the head and its base could not be fetched';
  if (prepared.merge.kind === 'conflict') return null;
  const config = facts.trees.get(treeKey(plannedTree(prepared, prepared.merge.tree)))?.config;
  if (!config) return 'the configuration was not read yet';
  return config.kind === 'refused' && config.where === null ? config.because : null;
}

/** Judges from outside in: there, open, this head, allowed, mergeable, configured. */
export function judgeStanding(record: PresubmitRecord, facts: PresubmitFacts): Standing {
  const { pull } = record;
  if (!facts.forge) return { kind: 'unread', because: 'the forge was not asked in this pass' };
  if (!facts.forge.project || !pull) return { kind: 'gone', because: 'the App does not see it any more' };
  if (pull.state !== 'open')
    return { kind: 'closed', because: pull.state === 'merged' ? 'it was merged' : 'it was closed' };
  const answer = askMayRun(record, facts, { kind: 'automatic' });
  if (!answer) return { kind: 'unread', because: 'nothing is known of its head yet' };
  if (answer.run) return judgeCode(record, facts, pull, answer);
  const unread = answer.kind === 'unreadable' ? answer.because : settingsUnread(facts);
  if (unread !== null) return { kind: 'unread', because: unread };
  return { kind: answer.kind === 'head-moved' ? 'head-moved' : 'unapproved', because: answer.because, pull };
}

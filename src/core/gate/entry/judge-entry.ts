import { judgeApprovals } from './judge-approvals.ts';
import { judgeChecks } from './judge-checks.ts';
import { judgeDependencies } from './judge-dependencies.ts';
import { judgeRequest } from './judge-request.ts';
import { judgeRules } from './judge-rules.ts';
import { type Condition, type EntryJudgement, type EntryQuestion, type Finding, inOrder } from './question.ts';

/** A request is for one head of an open pull request: with either gone there is nothing left to wait for. */
const endsRequest: ReadonlySet<Condition> = new Set(['merged', 'closed', 'head-moved']);

function vetoes(finding: Finding, stage: EntryQuestion['stage']): boolean {
  return finding.state === 'unmet' && (stage === 'queued' || endsRequest.has(finding.what));
}

/**
 * Whether a change may enter the queue, or stay in it and land, with the reason for every yes and no (gate.md §2). Nothing
 * read and nothing known is never a yes.
 */
export function judgeEntry(question: EntryQuestion): EntryJudgement {
  const findings = inOrder([
    ...judgeRequest(question),
    ...judgeApprovals(question),
    ...judgeChecks(question),
    ...judgeDependencies(question),
    ...judgeRules(question),
  ]);
  const notMet = findings.filter(({ state }) => state !== 'met');
  if (notMet.length === 0) return { kind: 'ready', reasons: findings.map(({ text }) => text) };
  const missing = notMet.map(({ what, text, state }) => ({ what, text, postpones: state === 'held-up' }));
  const veto = notMet.find((finding) => vetoes(finding, question.stage));
  return veto ? { kind: 'vetoed', because: veto.text, missing } : { kind: 'missing', missing };
}

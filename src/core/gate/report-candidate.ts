import { definitionDigest } from '../../model/build.ts';
import type { CheckRunReport } from '../../model/check-run.ts';
import type { MadeCandidate, QueueBranch, QueueItem } from '../../model/queue.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { howTested } from './reuse/reused-words.ts';

/** The gate's check is named with its branch, so that a green one for another branch never satisfies this one's rule. */
export function gateCheckName(branch: string): string {
  return `sluice/gate/${branch}`;
}

/** Finds the check run on a candidate again. */
export function candidateCheckId(subject: string, commit: string): string {
  return `sluice-candidate-${definitionDigest([subject, commit])}/1`;
}

/** Green on the commit that is about to land, where protection may ask for it (gate.md §4.2). */
export function reportCandidate(
  subject: string,
  branch: QueueBranch,
  item: QueueItem,
  candidate: MadeCandidate,
): CheckRunReport {
  const checks = candidate.verdict?.checks ?? [];
  const rows = checks.map(({ name, conclusion }) => `| ${inlineCode(name)} | ${conclusion} |`);
  return {
    commit: candidate.commit,
    name: gateCheckName(branch.branch),
    externalId: candidateCheckId(subject, candidate.commit),
    state: { status: 'completed', conclusion: 'success' },
    title: `#${item.number} passed on ${branch.branch}`,
    summary: `${howTested(candidate.tree, candidate.verdict?.reused, inlineCode)}\n\n| job | result |\n|---|---|\n${rows.join('\n')}`,
    text: '',
    annotations: [],
    actions: [],
    detailsUrl: null,
    startedAt: null,
    completedAt: candidate.verdict?.at ?? null,
  };
}

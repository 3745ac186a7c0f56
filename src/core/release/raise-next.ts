import type { ReleaseRun } from '../../model/release-run.ts';
import { advanceProposal } from '../push/propose-next.ts';
import type { ReleaseDraft, ReleaseFacts } from './facts.ts';

/** Whether nothing is to come any more of what its branch goes on with. */
export function isRaised({ raises, next, shadow }: ReleaseRun): boolean {
  return !raises || shadow || (next !== undefined && next.ended !== null);
}

/** Once a version is published, the next dev version of its branch is proposed (`version.automation.nextDev`), and never again. */
export function raiseNext(draft: ReleaseDraft, facts: ReleaseFacts, record: ReleaseRun): ReleaseRun {
  if (record.stage.kind !== 'published' || isRaised(record)) return record;
  const { next: known, wish } = record;
  if (known !== undefined && 'head' in known) return { ...record, next: advanceProposal(draft, facts, known) };
  const { next } = facts;
  if (next === null) draft.wants.next.push(wish.commit);
  if (next === null || next.kind === 'unread') return record;
  if (next.kind === 'proposal')
    return { ...record, next: advanceProposal(draft, facts, { ...next.proposal, ended: null }) };
  const because = `No dev version is proposed: ${next.because}`;
  draft.reasons.push(`${wish.version}: ${because}`);
  return { ...record, next: { ended: { kind: 'none', because } } };
}

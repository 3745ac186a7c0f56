import type { Sha } from '../../model/sha.ts';
import type { LandingOutcome } from '../../ports/landing.ts';
import { isPushed, type PushResult, wordsOf } from './push-refs.ts';

/** Git's own check of the ids we named, made before anything is sent. */
const staleHere = /\[rejected\] \((?:stale info|fetch first|non-fast-forward|needs force)/;
/** The remote's check of the same, made with the ref locked: somebody came between. */
const staleThere =
  /cannot lock ref '[^']*': (?:is at \w+ but expected|unable to resolve reference|reference already exists)|incorrect old value/;
const remoteSaidNo = /\[remote rejected\]/;
/** The remote tried, and what hindered it may pass. */
const remoteFailed =
  /File exists|Unable to create '|No space left|unpacker error|failed to update ref|internal (?:server )?error/i;
const forbidden =
  /The requested URL returned error: 403|RPC failed; HTTP 403|receiving end does not support --atomic|does not support --force-with-lease/;

/**
 * What a push of branch and ledger came to. Only what is understood counts: that nothing happened is believed when git or
 * the remote said so of the refs themselves or turned the whole request away.
 */
export function judgeLanding(push: PushResult, refs: readonly string[], ledger: Sha): LandingOutcome {
  if (isPushed(push, refs)) return { kind: 'landed', ledger };
  const { result } = push;
  if (result.ended !== 'by-itself') return { kind: 'unknown', because: `git push ended ${result.ended}` };
  const because = wordsOf(push) || `git push ended with code ${result.code}`;
  const rejected = push.refs.filter(({ outcome }) => outcome === 'rejected').map(({ summary }) => summary);
  const isTold = refs.every((ref) => push.refs.some((each) => each.ref === ref && each.outcome !== 'pushed'));
  if (!isTold || rejected.length === 0) return { kind: forbidden.test(result.stderr) ? 'refused' : 'unknown', because };
  if (rejected.some((summary) => staleHere.test(summary))) return { kind: 'moved', because };
  if (!rejected.every((summary) => remoteSaidNo.test(summary))) return { kind: 'unknown', because };
  if (staleThere.test(result.stderr) || rejected.some((summary) => staleThere.test(summary)))
    return { kind: 'moved', because };
  return { kind: remoteFailed.test(because) ? 'unknown' : 'refused', because };
}

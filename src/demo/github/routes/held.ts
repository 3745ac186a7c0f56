import { refuse } from '../answers.ts';
import { type Answer, actingAccount, type Call } from '../call.ts';
import { brokenRules, wordViolations } from '../push-rules.ts';
import type { RefMove } from '../refs.ts';
import type { Repository } from '../world.ts';

/** GitHub's refusal of a write to a branch that its rules forbid this caller; null if they do not. */
export async function heldByRules(
  call: Call,
  repo: Repository,
  move: RefMove,
  status: 409 | 422,
): Promise<Answer | null> {
  const says = wordViolations(await brokenRules(call.world, repo, move, { by: actingAccount(call) }));
  return says === null ? null : refuse(status, says);
}

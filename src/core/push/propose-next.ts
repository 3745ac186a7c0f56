import type { PromoteEffect } from '../../model/promote-effect.ts';
import type { Outcome, Proposal, Proposed } from '../../model/proposal.ts';
import type { PushRun } from '../../model/push.ts';
import type { VersionComponent, VersionSettings } from '../../model/version-settings.ts';
import { nextDev, proposalBranch } from '../version/next-dev.ts';
import type { PushFacts } from '../version/push-facts.ts';

/** What a pass knows of proposals that were asked for in it, by their branches. */
export interface ProposalFacts {
  readonly proposed: ReadonlyMap<string, Outcome>;
}

/** What becomes of the plan. */
interface Draft {
  readonly effects: PromoteEffect[];
  readonly reasons: string[];
}

/** Asks until it is known what came of it, and then never again: what a person closed stays closed. */
export function advanceProposal(draft: Draft, { proposed }: ProposalFacts, given: Proposed): Proposed {
  if (given.ended !== null) return given;
  const ended = proposed.get(given.head) ?? null;
  if (ended !== null) {
    draft.reasons.push(ended.because);
    return { ...given, ended };
  }
  const { ended: _open, ...proposal } = given;
  draft.effects.push({ kind: 'propose', proposal });
  return given;
}

/** Whether what came of one of its proposals is still to be heard. */
export function isProposing({ proposals = [] }: Pick<PushRun, 'proposals'>): boolean {
  return proposals.some(({ ended }) => ended === null);
}

export function proposeNext(draft: Draft, facts: ProposalFacts, run: PushRun): PushRun {
  const { proposals } = run;
  if (proposals === undefined || run.endedAt !== null) return run;
  return { ...run, proposals: proposals.map((each) => advanceProposal(draft, facts, each)) };
}

interface PushedVersion {
  readonly component: VersionComponent;
  readonly facts: Pick<PushFacts, 'branch' | 'role' | 'after' | 'version' | 'transitions'>;
}

/**
 * What main goes on with where a version became final there and its branch is cut at the commit before (V21): the next minor
 * version. `settings` null: nothing is proposed.
 */
export function proposalsOf(
  settings: VersionSettings | null,
  components: readonly PushedVersion[],
): readonly Proposal[] {
  if (settings === null || !settings.automation.nextDev || !settings.automation.cutBranch) return [];
  return components.flatMap(({ component: { name, file }, facts }) => {
    const { branch, role, after: at, version: reading, transitions } = facts;
    const last = transitions.known ? transitions.list.at(-1)?.to : undefined;
    if (role.kind !== 'main' || reading.kind !== 'version' || last?.kind !== 'version') return [];
    const version = last.version.kind === 'final' ? nextDev(reading.version, settings.scheme, 'minor') : null;
    if (version === null) return [];
    return [
      { base: branch, head: proposalBranch(branch, name, version), at, file, from: reading.version.raw, version },
    ];
  });
}

import type { BranchRule, BranchRules } from '../../../src/model/gate-view.ts';
import type { LandingPush } from '../../../src/model/ledger.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { ForgeWorld, Repository } from '../forge-world.ts';
import type { Sim } from '../sim.ts';

export const appId = 1;
/** Another App, whose check rules may ask for. */
export const ciApp = 77;

const ruleset = { source: 'a ruleset', pass: 'push' } as const;

/** What the branches of a repository ask for. */
export function rulesOf({ knobs: { queues } }: Sim, { locked }: Repository, branch: string): BranchRules {
  const rules: BranchRule[] = [{ ...ruleset, type: 'non_fast_forward' }];
  if (queues?.rules === 'reviews')
    rules.push({
      ...ruleset,
      type: 'pull_request',
      approvals: 1,
      dismissStale: true,
      codeOwner: false,
      lastPushApproval: false,
      threads: false,
      methods: null,
    });
  const checks =
    queues?.rules === 'gate check'
      ? [{ name: `sluice/gate/${branch}`, app: appId }]
      : queues?.rules === 'ci'
        ? [{ name: 'ci', app: ciApp }]
        : [];
  if (checks.length > 0) rules.push({ ...ruleset, type: 'required_status_checks', checks, strict: false });
  if (locked.now()) rules.push({ ...ruleset, type: 'lock_branch' });
  return { rules };
}

function isGreen(forge: ForgeWorld, commit: Sha, name: string): boolean {
  const run = (forge.checkRuns.get(commit) ?? []).findLast((each) => each.name === name);
  return run?.state.status === 'completed' && run.state.conclusion === 'success';
}

/** Why the forge does not take a push, in its own words; null: it does. */
export function whyRefused(sim: Sim, forge: ForgeWorld, repository: Repository, push: LandingPush): string | null {
  if (repository.locked.now()) return '[remote rejected] (protected branch hook declined): the branch is locked';
  const own = `sluice/gate/${push.branch}`;
  if (sim.knobs.queues?.rules === 'gate check' && !isGreen(forge, push.to, own))
    return `[remote rejected] (protected branch hook declined): required status check "${own}" is expected`;
  const draws = sim.chance.stream('refusals');
  if (sim.faultsOn() && draws.happens(sim.knobs.rates.pushRefused))
    return '[remote rejected] (protected branch hook declined): changes must be made through a pull request';
  return null;
}

import { appOfBot } from './branch-rules.ts';
import { accountOf } from './lookup.ts';
import type { Rule } from './rule-model.ts';
import type { Repository, World } from './world.ts';

interface RequiredCheck {
  readonly context: string;
  readonly integration_id?: number;
}

/** What a rule of required checks misses on a commit, in GitHub's words; null if nothing. */
export function missingChecks(world: World, repo: Repository, sha: string, { parameters }: Rule): string | null {
  const wanted = (parameters?.required_status_checks ?? []) as readonly RequiredCheck[];
  const states = wanted.map((check) => ({ check, state: stateOf(world, repo, sha, check) }));
  const missing = states.filter(({ state }) => state !== 'passed');
  const [first] = missing;
  if (!first) return null;
  if (missing.length > 1) return `${missing.length} of ${wanted.length} required status checks are expected.`;
  return `Required status check "${first.check.context}" is ${first.state}.`;
}

const passing: readonly (string | null)[] = ['success', 'neutral', 'skipped'];

type CheckState = 'passed' | 'expected' | 'failing' | 'in progress';

function stateOf(world: World, repo: Repository, sha: string, check: RequiredCheck): CheckState {
  const run = [...world.checkRuns.values()].findLast(
    (other) =>
      other.repositoryId === repo.id &&
      other.headSha === sha &&
      other.name === check.context &&
      (check.integration_id === undefined || check.integration_id === other.appId),
  );
  if (run?.status === 'completed') return passing.includes(run.conclusion) ? 'passed' : 'failing';
  if (run) return 'in progress';
  const status = world.statuses.findLast(
    (other) =>
      other.repositoryId === repo.id &&
      other.sha === sha &&
      other.context === check.context &&
      (check.integration_id === undefined ||
        appOfBot(world, accountOf(world, other.creatorId))?.id === check.integration_id),
  );
  if (!status || status.state === 'pending') return status ? 'in progress' : 'expected';
  return status.state === 'success' ? 'passed' : 'failing';
}

import { type BranchRule, isRuleset, rulesFor } from './branch-rules.ts';
import { runGit } from './git.ts';
import { gitFolder } from './lookup.ts';
import type { RefMove } from './refs.ts';
import { missingChecks } from './required-checks.ts';
import { isVerified } from './signatures.ts';
import type { Account, Repository, World } from './world.ts';

/** A rule that a push breaks, with GitHub's sentence for it. */
export interface RuleViolation {
  readonly rule: BranchRule;
  readonly says: string;
}

/** Which rules a move of a branch breaks for who pushes it; `env` tells git where objects not yet taken in are. */
export async function brokenRules(
  world: World,
  repo: Repository,
  move: RefMove,
  { by, env = {} }: { readonly by: Account; readonly env?: Readonly<Record<string, string>> },
): Promise<RuleViolation[]> {
  const branch = /^refs\/heads\/(.+)$/.exec(move.ref)?.[1];
  if (branch === undefined) return [];
  const violations: RuleViolation[] = [];
  for (const rule of rulesFor(world, repo, branch, { by, through: 'push' })) {
    const says = await sentenceFor(world, repo, rule, move, env);
    if (says !== null) violations.push({ rule, says });
  }
  return violations;
}

/** One text for all of them, as REST words it; null for none. */
export function wordViolations(violations: readonly RuleViolation[]): string | null {
  const [first] = violations;
  if (!first) return null;
  const sentences = violations.map(({ says }) => says).join('\n\n');
  return isRuleset(first.rule.from) ? `Repository rule violations found\n\n${sentences}\n\n` : sentences;
}

async function sentenceFor(
  world: World,
  repo: Repository,
  rule: BranchRule,
  move: RefMove,
  env: Readonly<Record<string, string>>,
): Promise<string | null> {
  const folder = gitFolder(world, repo);
  const { before, after } = move;
  if (rule.type === 'deletion') return after === null ? 'Cannot delete this branch' : null;
  if (rule.type === 'lock_branch') return 'Cannot change this locked branch';
  if (rule.type === 'restrict_pushes') return "You're not authorized to push to this branch.";
  if (after === null) return null;
  switch (rule.type) {
    case 'creation':
      return before === null ? 'Cannot create ref due to creations being restricted.' : null;
    case 'update':
      return before === null ? null : 'Cannot update this protected ref.';
    case 'non_fast_forward':
      return before !== null && (await isForced(folder, before, after, env))
        ? 'Cannot force-push to this branch'
        : null;
    case 'pull_request':
      return 'Changes must be made through a pull request.';
    case 'merge_queue':
      return 'Changes must be made through the merge queue';
    case 'required_status_checks':
      return missingChecks(world, repo, after, rule);
    case 'required_linear_history': {
      const merges = await pushed(folder, move, ['--min-parents=2', '-n1'], env);
      return merges.length > 0 ? 'This branch must not contain merge commits.' : null;
    }
    case 'required_signatures': {
      const commits = await pushed(folder, move, [], env);
      const verified = await Promise.all(commits.map((sha) => isVerified(world, folder, sha, env)));
      return verified.includes(false) ? 'Commits must have verified signatures.' : null;
    }
    default:
      return null;
  }
}

type Env = Readonly<Record<string, string>>;

async function isForced(folder: string, before: string, after: string, env: Env): Promise<boolean> {
  return (await runGit(folder, ['merge-base', '--is-ancestor', before, after], { env })).code !== 0;
}

async function pushed(
  folder: string,
  { before, after }: RefMove,
  limits: readonly string[],
  env: Env,
): Promise<string[]> {
  const known = before === null ? '--branches' : before;
  const range = ['rev-list', ...limits, after ?? '', '--not', known, '--'];
  const { stdout } = await runGit(folder, range, { env });
  return stdout
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}

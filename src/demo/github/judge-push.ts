import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { allRulesOf, isRuleset } from './branch-rules.ts';
import { runGit } from './git.ts';
import { fullName, gitFolder } from './lookup.ts';
import { brokenRules, type RuleViolation } from './push-rules.ts';
import type { PushRequest } from './receive-pack.ts';
import type { Account, Repository, World } from './world.ts';

/** Why a ref does not move: what `remote:` lines say, and the reason that git prints behind the ref. */
export interface PushRefusal {
  readonly lines: readonly string[];
  readonly reason: string;
}

/** Ref → refusal, for the refs of a push that break rules of their branch. Callers hold the repository's lock. */
export async function judgePush(
  world: World,
  repo: Repository,
  push: PushRequest,
  by: Account,
): Promise<Map<string, PushRefusal>> {
  const ruled = push.moves.filter(({ ref }) => allRulesOf(repo, ref.replace(/^refs\/heads\//, '')).length > 0);
  if (ruled.length === 0) return new Map();
  return inQuarantine(world, repo, push.pack, async (env) => {
    const refusals = new Map<string, PushRefusal>();
    for (const move of ruled) {
      const violations = await brokenRules(world, repo, move, { by, env });
      if (violations.length > 0) refusals.set(move.ref, describe(world, repo, move.ref, violations));
    }
    return refusals;
  });
}

// Objects are looked at beside the repository: git takes them in only afterwards.
async function inQuarantine<T>(
  world: World,
  repo: Repository,
  pack: Buffer,
  look: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const folder = gitFolder(world, repo);
  const objects = await mkdtemp(join(world.folder, 'quarantine-'));
  const env = { GIT_OBJECT_DIRECTORY: objects, GIT_ALTERNATE_OBJECT_DIRECTORIES: join(folder, 'objects') };
  try {
    // A pack that cannot be read is refused by git itself right after.
    if (pack.length > 0) await runGit(folder, ['unpack-objects', '-q'], { input: pack, env });
    return await look(env);
  } finally {
    await rm(objects, { recursive: true, force: true });
  }
}

function describe(world: World, repo: Repository, ref: string, violations: readonly RuleViolation[]): PushRefusal {
  const ofRulesets = violations.filter(({ rule }) => isRuleset(rule.from)).map(({ says }) => says);
  const ofProtection = violations.filter(({ rule }) => !isRuleset(rule.from)).map(({ says }) => says);
  const page = `${world.url}/${fullName(world, repo)}/rules?ref=${encodeURIComponent(ref)}`;
  const rulesets = [
    `error: GH013: Repository rule violations found for ${ref}.`,
    `Review all repository rules at ${page}`,
  ];
  return {
    lines: [
      ...(ofRulesets.length > 0 ? [...rulesets, ...listed(ofRulesets)] : []),
      ...(ofProtection.length > 0
        ? [`error: GH006: Protected branch update failed for ${ref}.`, ...listed(ofProtection)]
        : []),
    ],
    reason:
      ofRulesets.length > 0 ? 'push declined due to repository rule violations' : 'protected branch hook declined',
  };
}

function listed(sentences: readonly string[]): string[] {
  return ['', ...new Set(sentences)].flatMap((sentence) => (sentence === '' ? [''] : [`- ${sentence}`, '']));
}

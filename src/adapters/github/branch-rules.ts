import type { BranchRule, BranchRules } from '../../model/gate-view.ts';
import type { Project } from '../../model/project.ts';
import type { GitHubApp } from './app.ts';
import { judgeFailure, statusOf } from './call-failure.ts';
import type { Client } from './octokit.ts';
import { type RestProtection, rulesOfProtection } from './protection-rules.ts';
import { pathOf } from './repository-client.ts';
import { originOf, type RestRule, type RuleOrigin, toBranchRules } from './ruleset-rules.ts';

/**
 * Every rule of active rulesets and of classic protection for a branch. Throws where part of it cannot be known; what the
 * App lacks is said in one sentence.
 */
export async function readBranchRules(app: GitHubApp, project: Project, branch: string): Promise<BranchRules> {
  const [rulesets, protection] = await Promise.all([
    readRulesetRules(app, project, branch),
    readProtection(app, project, branch),
  ]);
  return { rules: [...rulesets, ...(protection === null ? [] : rulesOfProtection(protection, app.appId))] };
}

async function readRulesetRules(app: GitHubApp, project: Project, branch: string): Promise<BranchRule[]> {
  const client = app.as({ kind: 'rules', installation: project.installation, repository: project.id });
  try {
    const which = { ...pathOf(project), branch, per_page: 100 };
    const listed: readonly RestRule[] = await client.paginate(client.rest.repos.getBranchRules, which);
    const origins = await readOrigins(client, project, listed);
    return listed.flatMap((rule) => toBranchRules(rule, origins.get(rule.ruleset_id) ?? unknownOrigin));
  } catch (error) {
    if (isNotInPlan(error)) return [];
    throw error;
  }
}

const unknownOrigin: RuleOrigin = { source: 'ruleset unknown', pass: null };

/** Of each ruleset, the owner's too: only asked for by itself it says whether who asks may pass by it. */
async function readOrigins(
  client: Client,
  project: Project,
  rules: readonly RestRule[],
): Promise<ReadonlyMap<number | undefined, RuleOrigin>> {
  const ids = [...new Set(rules.flatMap(({ ruleset_id: id }) => id ?? []))];
  return new Map(await Promise.all(ids.map(async (id) => [id, await readOrigin(client, project, id)] as const)));
}

async function readOrigin(client: Client, project: Project, id: number): Promise<RuleOrigin> {
  try {
    const { data } = await client.rest.repos.getRepoRuleset({ ...pathOf(project), ruleset_id: id });
    return originOf(id, data);
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    return originOf(id, null);
  }
}

/** Null: there is none. */
async function readProtection(app: GitHubApp, project: Project, branch: string): Promise<RestProtection | null> {
  const where = { installation: project.installation, repository: project.id };
  try {
    const client = app.as({ kind: 'protection', ...where });
    const { data } = await client.rest.repos.getBranchProtection({ ...pathOf(project), branch });
    return data;
  } catch (error) {
    if (statusOf(error) === 404 && error instanceof Error && /^Branch not protected/.test(error.message)) return null;
    if (isNotInPlan(error)) return null;
    // 422: no such token is given to an App without the permission.
    const failure = judgeFailure(error, app.clock.now());
    if (failure.kind !== 'refused' || ![403, 404, 422].includes(failure.status)) throw error;
    const client = app.as({ kind: 'checkout', ...where });
    if (await isSurelyUnprotected(client, project, branch)) return null;
    const name = `${branch} of ${project.owner}/${project.name}`;
    throw new Error(`the protection of ${name} cannot be read: give the App the permission administration: read`, {
      cause: error,
    });
  }
}

/** Whoever may read sees that a branch is protected, and of how only the checks: too little to land by. */
async function isSurelyUnprotected(client: Client, project: Project, branch: string): Promise<boolean> {
  const { data } = await client.rest.repos.getBranch({ ...pathOf(project), branch });
  return data.protected === false;
}

/** A private repository whose plan has no rules: those that it may have are not enforced (docs: about rulesets). */
function isNotInPlan(error: unknown): boolean {
  return statusOf(error) === 403 && error instanceof Error && /^Upgrade to GitHub /.test(error.message);
}

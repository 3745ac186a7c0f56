import { notFound, ok, page, refuse } from '../answers.ts';
import { protectionOf } from '../branch-rules.ts';
import { accountOfActor, type Call } from '../call.ts';
import { mayAtLeast } from '../lookup.ts';
import { hasPermission } from '../permissions.ts';
import { inRepository, type Routes } from '../route.ts';
import { branchRulesView, protectionView, requiredChecksView, rulesetEntryView, rulesetView } from '../views/rules.ts';
import type { Repository } from '../world.ts';

const metadata = ['metadata:read'];

export const ruleRoutes: Routes = {
  'repos/get-branch-protection': inRepository(['administration:read'], 'admin', ({ world, params }, repo) => {
    const branch = params.branch ?? '';
    const protection = protectionOf(repo, branch);
    return protection ? ok(protectionView(world, repo, branch, protection)) : refuse(404, 'Branch not protected');
  }),
  'repos/get-status-checks-protection': inRepository(['administration:read'], 'admin', ({ world, params }, repo) => {
    const branch = params.branch ?? '';
    const protection = protectionOf(repo, branch);
    if (!protection) return refuse(404, 'Branch not protected');
    if (protection.requiredChecks.length === 0) return refuse(404, 'Required status checks not enabled');
    return ok(requiredChecksView(world, repo, branch, protection));
  }),
  'repos/get-branch-rules': inRepository(metadata, 'read', (call, repo) =>
    page(call, branchRulesView(call.world, repo, call.params.branch ?? ''), (rule) => rule),
  ),
  'repos/get-repo-rulesets': inRepository(metadata, 'read', (call, repo) =>
    page(call, [...repo.rulesets.values()], (ruleset) => rulesetEntryView(call.world, repo, ruleset)),
  ),
  'repos/get-repo-ruleset': inRepository(metadata, 'read', (call, repo) => {
    const ruleset = repo.rulesets.get(Number(call.params.ruleset_id));
    if (!ruleset) return notFound();
    const asker = { by: accountOfActor(call.actor), mayChange: mayChangeRules(call, repo) };
    return ok(rulesetView(call.world, repo, ruleset, asker));
  }),
};

function mayChangeRules({ world, actor }: Call, repo: Repository): boolean {
  if (actor.kind === 'person') return mayAtLeast(world, repo, actor.account, 'admin');
  return actor.kind === 'installation' && hasPermission(actor.token.permissions, 'administration:write');
}

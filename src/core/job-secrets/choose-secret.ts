import type { SecretCaller, SecretRule } from '../../model/job-secret.ts';
import { exactest, exactness, patternText } from '../registry/name-pattern.ts';

export type SecretChoice =
  | { readonly kind: 'chosen'; readonly rule: SecretRule }
  /** Names the grant that is missing. */
  | { readonly kind: 'none'; readonly because: string };

function isProject({ projects }: SecretRule, { project, fullName }: SecretCaller): boolean {
  const name = fullName.toLowerCase();
  return projects.some((each) => (typeof each === 'number' ? each === project : exactness(each, name) !== null));
}

function listOf(words: readonly string[]): string {
  return [...new Set(words)].join(', ');
}

/**
 * Which entry of a name gives this caller its secret; of several, the first that does. What a project may not have is told by
 * its name alone: not even that others have it.
 */
export function chooseSecret(rules: readonly SecretRule[], name: string, caller: SecretCaller): SecretChoice {
  const own = rules.filter((rule) => rule.name === name && isProject(rule, caller));
  const lack = `no secret \`${name}\` is granted to ${caller.fullName}`;
  if (own.length === 0)
    return { kind: 'none', because: `${lack}: whoever runs this server grants it with SLUICE_SECRETS` };
  const forPipeline = own.filter(({ pipelines }) => pipelines.includes(caller.pipeline));
  if (forPipeline.length === 0) {
    const known = listOf(own.flatMap(({ pipelines }) => pipelines));
    return { kind: 'none', because: `${lack} on ${caller.pipeline}: it is for ${known}` };
  }
  const chosen = forPipeline.find(({ branches }) => exactest(branches, caller.branch) !== null);
  if (chosen !== undefined) return { kind: 'chosen', rule: chosen };
  const known = listOf(forPipeline.flatMap(({ branches }) => branches.map(patternText)));
  return { kind: 'none', because: `${lack} for its branch ${caller.branch}: it is for ${known}` };
}

import type { RegistryCaller, RegistryUse } from '../../model/registry.ts';
import type { NamePattern, RegistryRule } from '../../model/registry-rule.ts';
import { exactest, exactness, patternText } from './name-pattern.ts';
import { readRepository } from './read-repository.ts';

export type CredentialChoice =
  | { readonly kind: 'chosen'; readonly rule: RegistryRule }
  /** Names the binding that is missing. */
  | { readonly kind: 'none'; readonly because: string };

const verbs: Readonly<Record<RegistryUse, string>> = { upload: 'upload to', promote: 'promote to', pull: 'pull from' };

/**
 * Which credential this caller may use for a repository. The most exact repository among those for this use decides who may:
 * what is said of `acme/api` is not undone by what is said of `acme/**`. Of those that name the caller, the one with the most
 * exact project, then branch, wins.
 */
export function chooseCredential(
  rules: readonly RegistryRule[],
  repository: string,
  caller: RegistryCaller,
): CredentialChoice {
  const { host, path } = readRepository(repository);
  const there = rules.filter((rule) => rule.host === host);
  if (there.length === 0) return none(repository, caller, `this server has none for the registry ${host}`);
  const naming = there.filter((rule) => exactest(rule.repositories, path) !== null);
  if (naming.length === 0) {
    const known = listOf(there.flatMap((rule) => rule.repositories.map((each) => placeText(rule, each))));
    return none(
      repository,
      caller,
      there.length === 1 ? `the one for ${host} is for ${known}` : `there are those for ${known}`,
    );
  }
  const forUse = naming.filter((rule) => rule.uses.includes(caller.use));
  if (forUse.length === 0) return none(repository, caller, naming.map((rule) => bound(rule, path, 'uses')).join('; '));
  const most = Math.max(...forUse.map((rule) => exactest(rule.repositories, path) ?? 0));
  return chooseCaller(
    forUse.filter((rule) => exactest(rule.repositories, path) === most),
    repository,
    path,
    caller,
  );
}

function chooseCaller(
  rules: readonly RegistryRule[],
  repository: string,
  path: string,
  caller: RegistryCaller,
): CredentialChoice {
  const theirs = rules.filter((rule) => projectRank(rule, caller) !== null);
  if (theirs.length === 0)
    return none(repository, caller, rules.map((rule) => bound(rule, path, 'projects')).join('; '));
  const ranked = theirs
    .map((rule) => ({
      rule,
      project: projectRank(rule, caller) ?? 0,
      branch: exactest(rule.branches, caller.branch),
    }))
    .filter(({ branch }) => branch !== null)
    .sort((one, other) => other.project - one.project || (other.branch ?? 0) - (one.branch ?? 0));
  const [first] = ranked;
  if (first !== undefined) return { kind: 'chosen', rule: first.rule };
  const because = theirs.map((rule) => bound(rule, path, 'branches')).join('; ');
  return none(repository, caller, because, ` for its branch ${caller.branch}`);
}

/** An id is the most exact name of a project. */
function projectRank({ projects }: RegistryRule, { project, fullName }: RegistryCaller): number | null {
  const name = fullName.toLowerCase();
  const all = projects.flatMap((each) => {
    if (typeof each === 'number') return each === project ? [Number.MAX_SAFE_INTEGER] : [];
    return exactness(each, name) ?? [];
  });
  return all.length === 0 ? null : Math.max(...all);
}

function placeText({ host }: RegistryRule, pattern: NamePattern): string {
  return `${host}/${patternText(pattern)}`;
}

const listOf = (words: readonly string[]): string => [...new Set(words)].join(', ');

/** `the one for quay.io/acme/* is bound to acme/api`. */
function bound(rule: RegistryRule, path: string, by: 'uses' | 'projects' | 'branches'): string {
  const places = rule.repositories
    .filter((each) => exactness(each, path) !== null)
    .map((each) => placeText(rule, each));
  const what = `the one for ${listOf(places)}`;
  if (by === 'uses') return `${what} is for ${rule.uses.join(' and ')} only`;
  if (by === 'branches') return `${what} is bound to the branches ${listOf(rule.branches.map(patternText))}`;
  const projects = rule.projects.map((each) =>
    typeof each === 'number' ? `the project of id ${each}` : patternText(each),
  );
  return `${what} is bound to ${listOf(projects)}`;
}

function none(repository: string, { fullName, use }: RegistryCaller, because: string, branch = ''): CredentialChoice {
  const lack = `no credential lets ${fullName} ${verbs[use]} ${repository}${branch}`;
  return { kind: 'none', because: `${lack}: ${because}` };
}

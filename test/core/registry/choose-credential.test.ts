import { describe, expect, it } from 'vitest';
import { chooseCredential } from '../../../src/core/registry/choose-credential.ts';
import { findTies } from '../../../src/core/registry/find-ties.ts';
import { readNamePattern } from '../../../src/core/registry/name-pattern.ts';
import type { RegistryCaller, RegistryUse } from '../../../src/model/registry.ts';
import type { NamePattern, RegistryRule } from '../../../src/model/registry-rule.ts';

interface Words {
  readonly repositories?: readonly string[];
  readonly projects?: readonly (string | number)[];
  readonly branches?: readonly string[];
  readonly uses?: readonly RegistryUse[];
  readonly host?: string;
}

const patterns = (texts: readonly string[]): NamePattern[] => texts.flatMap((text) => readNamePattern(text) ?? []);

/** A rule whose credential has the name of what it is for. */
function rule({ repositories = ['**'], projects = ['**'], branches = ['**'], ...words }: Words = {}): RegistryRule {
  return {
    host: words.host ?? 'quay.io',
    repositories: patterns(repositories),
    projects: projects.flatMap((each): (number | NamePattern)[] =>
      typeof each === 'number' ? [each] : patterns([each]),
    ),
    branches: patterns(branches),
    uses: words.uses ?? ['upload', 'promote', 'pull'],
    from: { kind: 'secret', name: `${repositories}+${projects}+${branches}` },
    insecure: false,
    ca: null,
    known: null,
  };
}

const api: RegistryCaller = { project: 7, fullName: 'acme/api', branch: 'main', use: 'upload' };
const fork: RegistryCaller = { ...api, project: 8, fullName: 'acme/fork' };

function answer(rules: readonly RegistryRule[], caller = api, repository = 'quay.io/acme/api'): string {
  const choice = chooseCredential(rules, repository, caller);
  if (choice.kind === 'none') return choice.because;
  return choice.rule.from.kind === 'secret' ? choice.rule.from.name : choice.rule.from.kind;
}

const lack = 'no credential lets acme/api upload to quay.io/acme/api';

describe('who may not is told which binding is missing', () => {
  it.each([
    ['no rule at all', [], api, `${lack}: this server has none for the registry quay.io`],
    ['another registry', [rule({ host: 'ghcr.io' })], api, `${lack}: this server has none for the registry quay.io`],
    [
      'other repositories',
      [rule({ repositories: ['other/*'] })],
      api,
      `${lack}: the one for quay.io is for quay.io/other/*`,
    ],
    [
      'a fork',
      [rule({ repositories: ['acme/*'], projects: ['acme/api'] })],
      fork,
      'no credential lets acme/fork upload to quay.io/acme/api: the one for quay.io/acme/* is bound to acme/api',
    ],
    [
      'another project of the same name',
      [rule({ projects: [9] })],
      api,
      `${lack}: the one for quay.io/** is bound to the project of id 9`,
    ],
    [
      'another use',
      [rule({ uses: ['promote', 'pull'] })],
      api,
      `${lack}: the one for quay.io/** is for promote and pull only`,
    ],
    [
      'another branch',
      [rule({ branches: ['main', 'release-*'] })],
      { ...api, branch: 'dev' },
      `${lack} for its branch dev: the one for quay.io/** is bound to the branches main, release-*`,
    ],
    [
      'a star that reaches no deeper',
      [rule({ repositories: ['acme/*'] })],
      api,
      'no credential lets acme/api upload to quay.io/acme/team/api: the one for quay.io is for quay.io/acme/*',
      'quay.io/acme/team/api',
    ],
    [
      'a name that only begins alike',
      [rule({ projects: ['acme/api'] })],
      { ...api, fullName: 'acme/api-evil' },
      'no credential lets acme/api-evil upload to quay.io/acme/api: the one for quay.io/** is bound to acme/api',
    ],
  ] as const)('%s', (_, rules, caller, words, repository?: string) => {
    expect(answer(rules, caller, repository)).toBe(words);
  });
});

describe('of several credentials', () => {
  it('the one for the most exact repository wins, whatever stands first', () => {
    const rules = [rule(), rule({ repositories: ['acme/api'] }), rule({ repositories: ['acme/*', 'acme/**'] })];
    expect(answer(rules)).toBe('acme/api+**+**');
    expect(answer(rules.toReversed())).toBe('acme/api+**+**');
    expect(answer(rules, api, 'quay.io/acme/web')).toBe('acme/*,acme/**+**+**');
    expect(answer(rules, api, 'quay.io/other/web')).toBe('**+**+**');
  });

  it('the one for a wider place does not open what a more exact one keeps to itself', () => {
    const rules = [rule({ repositories: ['acme/**'] }), rule({ repositories: ['acme/api'], projects: ['acme/api'] })];
    expect(answer(rules, fork)).toContain('the one for quay.io/acme/api is bound to acme/api');
    expect(answer(rules, fork, 'quay.io/acme/fork')).toBe('acme/**+**+**');
  });

  it('one for another use takes nothing away', () => {
    const rules = [rule({ repositories: ['acme/api'], uses: ['pull'] }), rule({ repositories: ['acme/**'] })];
    expect(answer(rules)).toBe('acme/**+**+**');
  });

  it('the id of a project goes before its name, and that before a pattern; then the branch counts', () => {
    const byProject = [rule({ projects: ['acme/*'] }), rule({ projects: ['acme/api'] }), rule({ projects: [7] })];
    expect(answer(byProject)).toBe('**+7+**');
    expect(answer(byProject.slice(0, 2))).toBe('**+acme/api+**');
    expect(answer([rule({ branches: ['m*'] }), rule({ branches: ['main'] }), rule()])).toBe('**+**+main');
  });
});

it('a project is known by its id however it is called, and by its name in any case', () => {
  const renamed = { ...api, fullName: 'Acme/Shop' };
  expect(answer([rule({ projects: [7] })], renamed)).toBe('**+7+**');
  expect(answer([rule({ projects: ['acme/shop'] })], renamed)).toBe('**+acme/shop+**');
});

it.each(['docker.io/alpine', 'index.docker.io/library/alpine', 'registry-1.docker.io/alpine'])(
  '%s is one repository of Docker Hub',
  (repository) => {
    expect(answer([rule({ host: 'docker.io', repositories: ['library/alpine'] })], api, repository)).toBe(
      'library/alpine+**+**',
    );
  },
);

describe('two that nothing tells apart', () => {
  const one = rule({ repositories: ['acme/*', 'acme/x'], projects: ['acme/api', 7] });
  it.each([
    ['one place, project and use', { repositories: ['acme/*'], projects: [7] }, 'upload of quay.io/acme/* by 7 on **'],
    ['another place', { repositories: ['acme/**'], projects: [7] }, null],
    ['another project', { repositories: ['acme/*'], projects: [8] }, null],
    ['another branch', { repositories: ['acme/*'], projects: [7], branches: ['main'] }, null],
    ['another registry', { repositories: ['acme/*'], projects: [7], host: 'ghcr.io' }, null],
  ] as const)('%s', (_, words, both) => {
    expect(findTies([one, rule(words)])).toEqual(both === null ? [] : [{ first: 0, second: 1, both }]);
    if (both === null) return;
    expect(findTies([one, rule({ ...words, uses: ['pull'] })])[0]?.both).toContain('pull of');
    expect(findTies([{ ...one, uses: ['upload'] }, rule({ ...words, uses: ['pull'] })])).toEqual([]);
  });
});

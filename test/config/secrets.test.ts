import { describe, expect, it } from 'vitest';
import { parseSecrets } from '../../src/config/secrets/parse-secrets.ts';

const good = [
  '- name: npm-token',
  '  projects: [acme/api, 7]',
  '  from: { file: npm }',
  '- { name: deploy, projects: ["acme/*"], branches: [main], pipelines: [release], from: { env: DEPLOY } }',
  '',
].join('\n');

function told(text: string): readonly string[] {
  const reading = parseSecrets(text, 'secrets.yaml');
  if (reading.kind === 'rules') return [];
  return reading.problems.map(({ line, message, hint }) => `${line}: ${message}${hint === null ? '' : ` (${hint})`}`);
}

describe('the file of secrets for jobs', () => {
  it('grants each to projects, branches and pipelines; presubmits only where it says so', () => {
    const reading = parseSecrets(good, 'secrets.yaml');
    expect(reading).toMatchObject({
      kind: 'rules',
      rules: [
        {
          name: 'npm-token',
          projects: [{ kind: 'whole', text: 'acme/api' }, 7],
          branches: [{ kind: 'begun', start: '', deep: true }],
          pipelines: ['gate', 'postsubmit', 'tag', 'release', 'periodic'],
          from: { kind: 'file', path: 'npm' },
        },
        { name: 'deploy', pipelines: ['release'], from: { kind: 'env', name: 'DEPLOY' } },
      ],
    });
  });

  it.each<[string, string, readonly string[]]>([
    [
      'nothing',
      '',
      ['1: the file is empty (write - { name: npm-token, projects: [acme/api], from: { file: /run/npm-token } })'],
    ],
    [
      'two places',
      '- { name: a, projects: ["**"], from: { file: x, env: Y } }\n',
      ['1: the secret is read in two places (say where it is read: `from: { file: PATH }` or `{ env: NAME }`)'],
    ],
    [
      'no projects',
      '- { name: a, from: { file: x } }\n',
      [
        '1: `projects` is missing (name who may have it: `projects: [acme/api]`, or `["**"]` for every project that this server serves)',
      ],
    ],
    [
      'a mistyped key',
      '- { nam: a, projects: ["**"], from: { file: x } }\n',
      [
        '1: `name` is missing (write what jobs call it: `name: npm-token`)',
        '1: unknown key "nam" (did you mean `name`?)',
      ],
    ],
  ])('with %s says where, what, and what to write instead', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });

  it('never repeats what stands below `from`: it may be the secret itself', () => {
    expect(told('- { name: a, projects: ["**"], from: hunter2hunter2 }\n').join()).not.toContain('hunter2');
    expect(told('- { name: a, projects: ["**"], from: { env: "hunter2 hunter2" } }\n').join()).not.toContain('hunter2');
  });
});

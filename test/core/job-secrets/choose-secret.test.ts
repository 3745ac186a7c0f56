import { expect, it } from 'vitest';
import { chooseSecret } from '../../../src/core/job-secrets/choose-secret.ts';
import { readNamePattern } from '../../../src/core/registry/name-pattern.ts';
import type { SecretCaller, SecretRule } from '../../../src/model/job-secret.ts';

const patterns = (...texts: readonly string[]) => texts.flatMap((text) => readNamePattern(text) ?? []);

const npm: SecretRule = {
  name: 'npm-token',
  projects: [7, ...patterns('acme/web')],
  branches: patterns('main', 'release-*'),
  pipelines: ['gate', 'release'],
  from: { kind: 'env', name: 'NPM' },
};

const api: SecretCaller = { project: 7, fullName: 'Acme/API', branch: 'main', pipeline: 'gate' };

it.each<[string, Partial<SecretCaller>, string | null]>([
  ['a project by its id, whatever it is called', {}, null],
  ['a project by its name', { project: 9, fullName: 'Acme/Web' }, null],
  ['a branch by how it begins', { branch: 'release-1.2' }, null],
  [
    'another project, and is not told that somebody has it',
    { project: 9, fullName: 'mallory/api' },
    'no secret `npm-token` is granted to mallory/api: whoever runs this server grants it with SLUICE_SECRETS',
  ],
  [
    'another branch',
    { branch: 'topic' },
    'no secret `npm-token` is granted to Acme/API for its branch topic: it is for main, release-*',
  ],
  [
    'another pipeline',
    { pipeline: 'periodic' },
    'no secret `npm-token` is granted to Acme/API on periodic: it is for gate, release',
  ],
])('a secret for %s', (_, over, because) => {
  const choice = chooseSecret([npm], 'npm-token', { ...api, ...over });
  expect(choice.kind === 'none' ? choice.because : null).toBe(because);
});

it('of several entries of one name each gives what it grants', () => {
  const nightly: SecretRule = {
    ...npm,
    branches: patterns('**'),
    pipelines: ['periodic'],
    from: { kind: 'env', name: 'N' },
  };
  const chosen = chooseSecret([npm, nightly], 'npm-token', { ...api, branch: 'topic', pipeline: 'periodic' });
  expect(chosen).toEqual({ kind: 'chosen', rule: nightly });
  expect(chooseSecret([npm, nightly], 'other', api).kind).toBe('none');
});

import { validate } from '@octokit/graphql-schema';
import { expect, it } from 'vitest';
import { documents } from '../../../src/adapters/github/documents.ts';

it.each(Object.entries(documents))('%s is valid in GitHub’s schema and carries its own name', (name, text) => {
  expect(validate(text)).toEqual([]);
  expect(text).toMatch(new RegExp(`^(query|mutation) ${name}\\(`));
});

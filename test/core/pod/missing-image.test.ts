import { expect, it } from 'vitest';
import { authorsContainer, judgeMissingImage } from '../../../src/core/pod/judge-reason.ts';

it.each([
  ['unauthorized: authentication required', true],
  ['pull access denied for acme/api', true],
  ['unexpected status: 401', true],
  ['manifest unknown', false],
])('a job whose image could not be pulled for "%s" is told of missing credentials: %s', (words, told) => {
  const { because, result } = judgeMissingImage(authorsContainer, 'ErrImagePull', words);
  expect(result).toBe('failure');
  expect(because.includes('jobs pull without a credential so far')).toBe(told);
});

import { expect, it } from 'vitest';
import { judgeFailure } from '../../../src/adapters/github/call-failure.ts';

const now = 1_800_000_000_000;

function answered(status: number, message = 'no', headers: Record<string, string> | null = {}): Error {
  return Object.assign(new Error(message), { status, ...(headers && { response: { headers } }) });
}

const soon = String(now / 1_000 + 120);
const usedUp = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': soon };

it.each`
  what                                 | error                                                                            | expected
  ${'429 with Retry-After'}            | ${answered(429, 'slow', { 'retry-after': '17' })}                                | ${{ kind: 'limited', retryAfterMs: 17_000 }}
  ${'429 without a header'}            | ${answered(429)}                                                                 | ${{ kind: 'limited', retryAfterMs: 60_000 }}
  ${'403 with Retry-After'}            | ${answered(403, 'slow', { 'retry-after': '5' })}                                 | ${{ kind: 'limited', retryAfterMs: 5_000 }}
  ${'403, the hour used up'}           | ${answered(403, 'API rate limit exceeded', usedUp)}                              | ${{ kind: 'limited', retryAfterMs: 120_000 }}
  ${'the same, our clock an hour off'} | ${answered(403, 'x', { ...usedUp, date: new Date(now + 60_000).toUTCString() })} | ${{ kind: 'limited', retryAfterMs: 60_000 }}
  ${'a reset that lies behind'}        | ${answered(403, 'x', { ...usedUp, 'x-ratelimit-reset': '1' })}                   | ${{ kind: 'limited', retryAfterMs: 1_000 }}
  ${'a wait of days'}                  | ${answered(429, 'x', { 'retry-after': '999999' })}                               | ${{ kind: 'limited', retryAfterMs: 3_600_000 }}
  ${'a limit told in words only'}      | ${answered(403, 'You have exceeded a secondary rate limit.')}                    | ${{ kind: 'limited', retryAfterMs: 60_000 }}
  ${'403 of a lacking permission'}     | ${answered(403, 'Resource not accessible by integration')}                       | ${{ kind: 'refused', status: 403, because: 'Resource not accessible by integration' }}
  ${'404'}                             | ${answered(404, 'Not Found')}                                                    | ${{ kind: 'refused', status: 404, because: 'Not Found' }}
  ${'422'}                             | ${answered(422, 'Invalid request')}                                              | ${{ kind: 'refused', status: 422, because: 'Invalid request' }}
  ${'401 after the token was renewed'} | ${answered(401, 'Bad credentials')}                                              | ${{ kind: 'failed', because: '401: Bad credentials' }}
  ${'502'}                             | ${answered(502, 'Server Error')}                                                 | ${{ kind: 'failed', because: '502: Server Error' }}
  ${'a lost connection'}               | ${answered(500, 'other side closed', null)}                                      | ${{ kind: 'failed', because: '500: other side closed' }}
  ${'no token because suspended'}      | ${new Error('no token', { cause: answered(403, 'suspended') })}                  | ${{ kind: 'refused', status: 403, because: 'suspended' }}
  ${'something unforeseen'}            | ${new TypeError('bug')}                                                          | ${{ kind: 'failed', because: 'bug' }}
  ${'what is no error'}                | ${'thrown text'}                                                                 | ${{ kind: 'failed', because: 'thrown text' }}
`('$what is $expected.kind', ({ error, expected }) => {
  expect(judgeFailure(error, now)).toEqual(expected);
});

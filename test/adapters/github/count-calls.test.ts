import { describe, expect, it } from 'vitest';
import { countCalls, forgeCallOf, noteLimit } from '../../../src/adapters/github/count-calls.ts';
import { uncounted } from '../../../src/ports/metrics.ts';

const api = 'https://api.github.com';
const enterprise = 'https://ghe.example/api/v3';

describe('what a request is about', () => {
  it.each`
    path                                                | kind
    ${'/app'}                                           | ${'app'}
    ${'/app/installations?page=2'}                      | ${'app'}
    ${'/app/installations/7/access_tokens'}             | ${'tokens'}
    ${'/app/hook/deliveries?per_page=100'}              | ${'deliveries'}
    ${'/app/hook/deliveries/5/attempts'}                | ${'deliveries'}
    ${'/installation/repositories'}                     | ${'repositories'}
    ${'/repositories/42'}                               | ${'repositories'}
    ${'/repos/acme/api'}                                | ${'repositories'}
    ${'/repos/acme/api/pulls/3'}                        | ${'pull-requests'}
    ${'/repositories/42/pulls?page=2'}                  | ${'pull-requests'}
    ${'/repos/acme/api/commits/abc/pulls'}              | ${'pull-requests'}
    ${'/repos/acme/api/check-runs/9'}                   | ${'check-runs'}
    ${'/repos/acme/api/commits/abc/check-runs'}         | ${'check-runs'}
    ${'/repositories/42/commits/abc/check-runs?page=2'} | ${'check-runs'}
    ${'/repos/acme/api/issues/3/comments'}              | ${'comments'}
    ${'/repos/acme/api/pulls/3/reviews'}                | ${'comments'}
    ${'/repos/acme/api/issues/comments/5/reactions'}    | ${'reactions'}
    ${'/repos/acme/api/collaborators/ada/permission'}   | ${'people'}
    ${'/users/ada'}                                     | ${'people'}
    ${'/repos/acme/api/contents/README.md'}             | ${'contents'}
    ${'/graphql'}                                       | ${'graphql'}
    ${'/repos/graphql/app/pulls/3'}                     | ${'pull-requests'}
    ${'/repos/check-runs/comments/pulls/3'}             | ${'pull-requests'}
    ${'/never/heard/of'}                                | ${'other'}
  `('$path: $kind', ({ path, kind }) => {
    expect(forgeCallOf(`${api}${path}`)).toBe(kind);
    expect(forgeCallOf(`${enterprise}${path}`)).toBe(kind);
  });

  it('is other for what is no URL', () => expect(forgeCallOf('nonsense')).toBe('other'));
});

function counting() {
  const calls: string[] = [];
  const metrics = {
    ...uncounted,
    forgeCalled: (kind: string, status: number | null) => void calls.push(`${kind} ${status}`),
    forgeAllows: (...told: unknown[]) => void calls.push(told.join(' ')),
  };
  return { calls, metrics };
}

it('counts each answer and each call without one, and passes both on', async () => {
  const { calls, metrics } = counting();
  const answers = [async () => new Response(null, { status: 304 }), () => Promise.reject(new Error('reset'))];
  const send = countCalls(() => answers.shift()?.() ?? Promise.reject(new Error('no more')), metrics);
  expect((await send(`${api}/repos/acme/api/pulls/3`)).status).toBe(304);
  await expect(send(new Request(`${api}/app`))).rejects.toThrow('reset');
  expect(calls).toEqual(['pull-requests 304', 'app null']);
});

it.each`
  what                   | answer                                                                                            | told
  ${'an answer'}         | ${{ headers: { 'x-ratelimit-remaining': '4999', 'x-ratelimit-resource': 'core' } }}               | ${['7 core 4999']}
  ${'a failure'}         | ${{ response: { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-resource': 'graphql' } } }} | ${['7 graphql 0']}
  ${'another resource'}  | ${{ headers: { 'x-ratelimit-remaining': '9', 'x-ratelimit-resource': 'search\n} 1' } }}           | ${[]}
  ${'no such headers'}   | ${{ headers: {} }}                                                                                | ${[]}
  ${'a lost connection'} | ${new Error('reset')}                                                                             | ${[]}
  ${'nothing'}           | ${undefined}                                                                                      | ${[]}
`('takes what is left of the limit from $what', ({ answer, told }) => {
  const { calls, metrics } = counting();
  noteLimit(metrics, 7, answer);
  expect(calls).toEqual(told);
});

import examples from '@octokit/webhooks-examples' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { parseOpened } from '../../../src/adapters/github/parse-opened.ts';

interface Example {
  readonly name: string;
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}

const opened = (examples as unknown as readonly Example[])
  .flatMap(({ name, examples: all }) => (name === 'pull_request' ? all : []))
  .filter(({ action }) => action === 'opened');
const [payload] = opened;

function withPull(over: Readonly<Record<string, unknown>>) {
  return parseOpened({ ...payload, pull_request: { ...Object(payload?.pull_request), body: null, ...over } });
}

describe('what an opening tells', () => {
  it('is the whole pull request, from real payloads', () => {
    expect(opened.length).toBeGreaterThan(2);
    expect(withPull({})).toMatchObject({
      number: expect.any(Number),
      state: 'open',
      head: expect.stringMatching(/^[0-9a-f]{40}$/),
      baseRef: expect.any(String),
      author: { id: expect.any(Number) },
      createdAt: expect.any(Number),
    });
  });

  it.each`
    body                          | counts
    ${null}                       | ${true}
    ${''}                         | ${true}
    ${'See docs/readme and 1/2.'} | ${true}
    ${'/test unit'}               | ${false}
    ${'Please\n/test unit'}       | ${false}
    ${'Please\r\n\t /retest'}     | ${false}
    ${'- /retest'}                | ${false}
    ${'> /retest'}                | ${false}
    ${'\u200b/retest'}            | ${false}
    ${'<!-- -->\n/hold'}          | ${false}
    ${7}                          | ${false}
  `('counts: $counts, with the text $body', ({ body, counts }) => {
    expect(withPull({ body }) !== null).toBe(counts);
  });

  it.each`
    part                          | over
    ${'no head'}                  | ${{ head: { ref: 'x' } }}
    ${'a head that is no commit'} | ${{ head: { ref: 'x', sha: 'abc' } }}
    ${'no author'}                | ${{ user: null }}
    ${'a closed state'}           | ${{ state: 'closed' }}
    ${'no word on drafts'}        | ${{ draft: undefined }}
    ${'labels without names'}     | ${{ labels: [{}] }}
    ${'times that are no times'}  | ${{ created_at: 'yesterday' }}
    ${'a title of 2 KB'}          | ${{ title: 'x'.repeat(2_000) }}
  `('is nothing with $part', ({ over }) => {
    expect(withPull(over)).toBeNull();
  });
});

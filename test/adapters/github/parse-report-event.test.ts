import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { parseReport, parseStatus } from '../../../src/adapters/github/parse-report-event.ts';

const examples: readonly { readonly name: string; readonly examples: readonly Record<string, unknown>[] }[] =
  createRequire(import.meta.url)('@octokit/webhooks-examples');
const sha = 'a'.repeat(40);
const repository = { id: 5 };
const run = { head_sha: sha, app: { id: 12 } };

it.each`
  action         | reported                                | expected
  ${'completed'} | ${run}                                  | ${{ kind: 'head', head: sha }}
  ${'completed'} | ${{ ...run, app: null }}                | ${{ kind: 'head', head: sha }}
  ${'completed'} | ${{ ...run, app: { id: 4_711 } }}       | ${{ kind: 'ignored', because: 'what our own App reports is known' }}
  ${'completed'} | ${{ ...run, head_sha: 'a'.repeat(39) }} | ${{ kind: 'ignored', because: 'the report names no commit' }}
  ${'created'}   | ${run}                                  | ${{ kind: 'ignored', because: 'what others report counts when it is completed, not created' }}
`('$action of a check run or suite ($reported) is $expected', ({ action, reported, expected }) => {
  for (const what of ['check_run', 'check_suite'] as const) {
    expect(parseReport({ repository, [what]: reported }, what, action, 4_711)).toEqual(expected);
  }
});

it('finds the commit of every status', () => {
  const statuses = examples.find(({ name }) => name === 'status')?.examples ?? [];
  expect(statuses.length).toBeGreaterThan(0);
  for (const payload of statuses) expect(parseStatus(payload)).toEqual({ kind: 'head', head: payload.sha });
  expect(parseStatus({ sha: 'abc' })).toEqual({ kind: 'ignored', because: 'the status names no commit' });
});

import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../src/adapters/github/parse-event.ts';
import type { ForgeEvent } from '../../../src/model/forge-event.ts';

const examples: readonly { readonly name: string; readonly examples: readonly Record<string, unknown>[] }[] =
  createRequire(import.meta.url)('@octokit/webhooks-examples');
const payloads = examples.flatMap(({ name, examples: list }) =>
  list.map((payload, index) => ({ name, index, payload })),
);

const appId = 4_711;
const sha = 'a'.repeat(40);
const repository = { id: 5, name: 'shop', owner: { login: 'acme', id: 1 } };
const sender = { id: 9, login: 'ada', type: 'User' };

function parse(event: string, payload: unknown): ForgeEvent {
  return parseEvent({ event, delivery: 'd-1' }, payload, 1_000, appId);
}

const bytes = (event: ForgeEvent) => Buffer.byteLength(JSON.stringify(event));

describe('the examples that GitHub users gave', () => {
  it('are the 329 of the package', () => expect(payloads).toHaveLength(329));

  it.each(payloads)('$name $index is taken or ignored with a reason, in at most 2 KB', ({ name, payload }) => {
    const event = parse(name, payload);
    expect(bytes(event)).toBeLessThanOrEqual(2_048);
    if (event.detail.kind === 'ignored') expect(event.detail.because.length).toBeGreaterThan(10);
    const taken = /^(pull_request|push|repository|installation.*)$/.test(name);
    if (taken) expect(event.detail.kind).not.toBe('ignored');
  });

  it('give these kinds per event', () => {
    const kinds = payloads.map(({ name, payload }) => {
      const { detail } = parse(name, { ...payload, ...owned(payload, name) });
      return detail.kind === 'ignored'
        ? null
        : `${name}${'action' in payload ? `.${payload.action}` : ''}: ${detail.kind}`;
    });
    const actions = new Set(
      kinds.filter((kind) => kind !== null && !/^(pull_request|installation|repository)\W/.test(kind)),
    );
    expect([...actions].sort()).toEqual([
      'check_run.requested_action: check-button',
      'check_run.rerequested: check-button',
      'check_suite.rerequested: check-button',
      'installation_repositories.added: repositories',
      'installation_repositories.removed: repositories',
      'pull_request_review.dismissed: pull-request',
      'pull_request_review.submitted: pull-request',
      'pull_request_review_comment.created: pull-request',
      'pull_request_review_thread.resolved: pull-request',
      'pull_request_review_thread.unresolved: pull-request',
      'push: push',
      'status: head',
    ]);
  });
});

/** The example's check run or suite, as if it were of our App. */
function owned(payload: Record<string, unknown>, name: string): Record<string, unknown> {
  const found = payload[name];
  return typeof found === 'object' && /^check_/.test(name) ? { [name]: { ...found, app: { id: appId } } } : {};
}

it('reads a pull request with its head, repository, installation and sender', () => {
  const payload = {
    action: 'synchronize',
    number: 3,
    pull_request: { number: 3, head: { sha } },
    repository,
    sender,
    installation: { id: 77 },
  };
  expect(parse('pull_request', payload)).toEqual({
    delivery: 'd-1',
    name: 'pull_request.synchronize',
    installation: 77,
    repository: { id: 5, owner: 'acme', name: 'shop' },
    sender: { id: 9, login: 'ada', kind: 'user' },
    receivedAt: 1_000,
    detail: { kind: 'pull-request', number: 3, head: sha },
  });
});

const checkRun = {
  id: 1,
  name: 'unit',
  head_sha: sha,
  external_id: 'abc/2',
  app: { id: appId },
  pull_requests: [
    { number: 3, base: { repo: { id: 5 } } },
    { number: 8, base: { repo: { id: 6 } } },
  ],
};

it.each`
  event                            | payload                                                                                             | expected
  ${'check_run'}                   | ${{ action: 'rerequested', check_run: checkRun }}                                                   | ${{ kind: 'check-button', button: 'rerun', check: 'unit', externalId: 'abc/2', identifier: null, numbers: [3], head: sha }}
  ${'check_run'}                   | ${{ action: 'requested_action', check_run: checkRun, requested_action: { identifier: 'approve' } }} | ${{ button: 'action', identifier: 'approve' }}
  ${'check_run'}                   | ${{ action: 'requested_action', check_run: checkRun, requested_action: { identifier: 'dequeue' } }} | ${{ kind: 'check-button', button: 'action', identifier: 'dequeue', check: 'unit', numbers: [3], head: sha }}
  ${'check_run'}                   | ${{ action: 'requested_action', check_run: checkRun }}                                              | ${{ kind: 'ignored', because: 'the payload names no button of ours' }}
  ${'check_run'}                   | ${{ action: 'rerequested', check_run: { ...checkRun, app: { id: 12 } } }}                           | ${{ kind: 'ignored', because: 'it belongs to App 12, not to ours (4711)' }}
  ${'check_run'}                   | ${{ action: 'rerequested', check_run: { ...checkRun, app: { id: '4711' } } }}                       | ${{ kind: 'ignored' }}
  ${'check_run'}                   | ${{ action: 'completed', check_run: checkRun }}                                                     | ${{ kind: 'ignored' }}
  ${'check_run'}                   | ${{ action: 'completed', check_run: { ...checkRun, app: { id: 12 } } }}                             | ${{ kind: 'head', head: sha }}
  ${'check_suite'}                 | ${{ action: 'completed', check_suite: { ...checkRun, app: { id: 12 } } }}                           | ${{ kind: 'head', head: sha }}
  ${'check_run'}                   | ${{ action: 'rerequested', check_run: { ...checkRun, head_sha: 'abc1234' } }}                       | ${{ kind: 'ignored' }}
  ${'check_suite'}                 | ${{ action: 'rerequested', check_suite: checkRun }}                                                 | ${{ kind: 'check-button', button: 'rerun-all', check: '', numbers: [3] }}
  ${'check_suite'}                 | ${{ action: 'requested', check_suite: checkRun }}                                                   | ${{ kind: 'ignored' }}
  ${'issue_comment'}               | ${{ action: 'created', issue: { number: 4, pull_request: {} } }}                                    | ${{ kind: 'pull-request', number: 4, head: null }}
  ${'issue_comment'}               | ${{ action: 'created', issue: { number: 4 } }}                                                      | ${{ kind: 'ignored', because: 'a comment on an issue, not on a pull request' }}
  ${'issue_comment'}               | ${{ action: 'edited', issue: { number: 4, pull_request: {} } }}                                     | ${{ kind: 'ignored', because: 'a comment counts when it is created, not edited' }}
  ${'pull_request_review'}         | ${{ action: 'submitted', pull_request: { number: 4, head: { sha } } }}                              | ${{ kind: 'pull-request', number: 4, head: sha }}
  ${'pull_request_review'}         | ${{ action: 'dismissed', pull_request: { number: 4 } }}                                             | ${{ kind: 'pull-request', number: 4 }}
  ${'pull_request_review'}         | ${{ action: 'edited', pull_request: { number: 4 } }}                                                | ${{ kind: 'pull-request', number: 4 }}
  ${'pull_request_review_thread'}  | ${{ action: 'resolved', pull_request: { number: 4, head: { sha } } }}                               | ${{ kind: 'pull-request', number: 4, head: sha }}
  ${'pull_request_review_thread'}  | ${{ action: 'unresolved', pull_request: { number: 4 } }}                                            | ${{ kind: 'pull-request', number: 4 }}
  ${'pull_request_review_thread'}  | ${{ action: 'resolved' }}                                                                           | ${{ kind: 'ignored' }}
  ${'pull_request'}                | ${{ action: 'labeled', number: 4, pull_request: { number: 4 }, label: { name: 'gate' } }}           | ${{ kind: 'pull-request', number: 4 }}
  ${'pull_request'}                | ${{ action: 'unlabeled', pull_request: { number: 4 } }}                                             | ${{ kind: 'pull-request', number: 4 }}
  ${'pull_request'}                | ${{ action: 'edited', pull_request: { number: 4 }, changes: { base: {} } }}                         | ${{ kind: 'pull-request', number: 4 }}
  ${'pull_request'}                | ${{ action: 'converted_to_draft', pull_request: { number: 4 } }}                                    | ${{ kind: 'pull-request', number: 4 }}
  ${'pull_request'}                | ${{ action: 'ready_for_review', pull_request: { number: 4 } }}                                      | ${{ kind: 'pull-request', number: 4 }}
  ${'pull_request'}                | ${{ action: 'auto_merge_enabled', pull_request: { number: 4 } }}                                    | ${{ kind: 'pull-request', number: 4 }}
  ${'pull_request'}                | ${{ action: 'auto_merge_disabled', pull_request: { number: 4 } }}                                   | ${{ kind: 'pull-request', number: 4 }}
  ${'pull_request_review_comment'} | ${{ action: 'created', pull_request: { number: 4 } }}                                               | ${{ kind: 'pull-request', number: 4, head: null }}
  ${'pull_request'}                | ${{ action: 'opened', pull_request: { number: '4' } }}                                              | ${{ kind: 'ignored', because: 'the payload names no pull request' }}
  ${'push'}                        | ${{ ref: 'refs/heads/main', before: '0'.repeat(40), after: sha, forced: true }}                     | ${{ kind: 'push', ref: 'refs/heads/main', before: '0'.repeat(40), after: sha, forced: true }}
  ${'push'}                        | ${{ ref: 'refs/tags/v1', before: sha, after: '1'.repeat(40), head_commit: { id: sha } }}            | ${{ kind: 'push', ref: 'refs/tags/v1', before: sha, after: sha, forced: false }}
  ${'push'}                        | ${{ ref: 'refs/heads/main', before: 'x', after: sha }}                                              | ${{ kind: 'ignored' }}
  ${'push'}                        | ${{ ref: 'x'.repeat(5_000), before: sha, after: sha }}                                              | ${{ kind: 'ignored' }}
  ${'ping'}                        | ${{ zen: 'x' }}                                                                                     | ${{ kind: 'ignored' }}
  ${'constructor'}                 | ${{ action: 'created' }}                                                                            | ${{ kind: 'ignored' }}
  ${'installation'}                | ${{ action: 'suspend', installation: { id: 1 } }}                                                   | ${{ kind: 'repositories' }}
`('$event $payload is $expected', ({ event, payload, expected }) => {
  expect(parse(event, { repository, sender, ...payload }).detail).toMatchObject(expected);
});

it('ignores what names no repository, except what concerns them all', () => {
  expect(parse('pull_request', { number: 3, pull_request: { number: 3 } }).detail).toEqual({
    kind: 'ignored',
    because: 'the payload names no repository',
  });
  expect(parse('installation', {}).detail).toEqual({ kind: 'repositories' });
});

it('tells a bot from a user', () => {
  expect(parse('push', { sender: { id: 1, login: 'renovate[bot]', type: 'Bot' } }).sender?.kind).toBe('bot');
  expect(parse('push', { sender: { login: 'nobody' } }).sender).toBeNull();
});

const eventNames = fc.oneof(fc.constantFrom(...new Set(examples.map(({ name }) => name))), fc.string());

it('never throws and stays in 2 KB whatever comes', () => {
  const anyHeaders = fc.record({ event: eventNames, delivery: fc.string({ maxLength: 5_000 }) });
  fc.assert(
    fc.property(anyHeaders, fc.anything({ withNullPrototype: true }), (headers, payload) => {
      const event = parseEvent(headers, payload, 1, appId);
      expect(event.detail.kind).toBeTypeOf('string');
      expect(bytes(event)).toBeLessThanOrEqual(2_048);
    }),
    { numRuns: 2_000 },
  );
});

it('stays in 2 KB and never throws when any part of a real payload is replaced', () => {
  const relevant = payloads.filter(({ name }) =>
    /^(pull_request|issue_comment|check_|push|repository|installation)/.test(name),
  );
  const junk = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 4_000 }),
    fc.constant(null),
    fc.integer(),
    fc.constant([]),
    fc.object(),
  );
  const mutated = fc.tuple(fc.constantFrom(...relevant), fc.nat(), junk).map(([example, position, value]) => ({
    event: example.name,
    payload: replaceAt(example.payload, position, value),
  }));
  fc.assert(
    fc.property(mutated, ({ event, payload }) => {
      expect(bytes(parse(event, payload))).toBeLessThanOrEqual(2_048);
    }),
    { numRuns: 2_000 },
  );
});

/** A copy in which the leaf or branch number `position` (counted around) is another value. */
function replaceAt(payload: unknown, position: number, value: unknown): unknown {
  const copy: unknown = structuredClone(payload);
  const places: [Record<string, unknown>, string][] = [];
  const visit = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key]);
      visit((node as Record<string, unknown>)[key]);
    }
  };
  visit(copy);
  const [parent, key] = places[position % places.length] ?? [];
  if (parent !== undefined && key !== undefined) parent[key] = value;
  return copy;
}

it('stays in 2 KB when every text is as long as the forge allows, in signs of many bytes', () => {
  const long = '🦀'.repeat(2_000);
  const event = parse('check_run', {
    action: 'rerequested',
    check_run: {
      ...checkRun,
      name: '\u0001'.repeat(60),
      external_id: '\u0001'.repeat(30),
      pull_requests: Array(500).fill(checkRun.pull_requests[0]),
    },
    repository: { id: 5, name: '\u0001'.repeat(33), owner: { login: '\u0001'.repeat(33) } },
    sender: { id: 1, login: long },
  });
  expect(event.detail).toMatchObject({ kind: 'check-button', numbers: Array(20).fill(3) });
  expect(bytes(event)).toBeLessThanOrEqual(2_048);
});

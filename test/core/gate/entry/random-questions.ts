import fc from 'fast-check';
import type { Dependency, EntryQuestion } from '../../../../src/core/gate/entry/question.ts';
import type { Override } from '../../../../src/model/gate-request.ts';
import type { BranchRule, HeadCheck, Review } from '../../../../src/model/gate-view.ts';
import { rights, unreadable } from '../../../fakes/model-data.ts';
import {
  check,
  checkRule,
  head,
  olderHead,
  ourApp,
  person,
  plainRule,
  pullRule,
  question,
  request,
  review,
  settings,
  view,
} from './entry-fixture.ts';

const moments = fc.integer({ min: 1, max: 4 });
const logins = fc.constantFrom('ada', 'boss', 'kim', 'lee', 'mia');
const heads = fc.constantFrom(head, head, olderHead);

export const approvals: fc.Arbitrary<Review> = fc
  .record({
    login: logins,
    commit: heads,
    at: moments,
    permission: fc.constantFrom('write' as const, 'admin' as const, 'read' as const, null),
  })
  .map(({ login, ...over }) => review(login, over));

const reviews: fc.Arbitrary<Review> = fc
  .tuple(
    approvals,
    fc.constantFrom('approved' as const, 'approved' as const, 'changes-requested' as const, 'dismissed' as const),
  )
  .map(([approval, state]) => ({ ...approval, state }));

const checks: fc.Arbitrary<HeadCheck> = fc
  .record({
    name: fc.constantFrom('lint', 'scan'),
    conclusion: fc.constantFrom(
      'success' as const,
      'success' as const,
      'skipped' as const,
      'failure' as const,
      'cancelled' as const,
      'stale' as const,
      null,
    ),
    app: fc.constantFrom(5, 6, ourApp, null),
    at: moments,
    kind: fc.constantFrom('check-run' as const, 'status' as const),
  })
  .map(({ name, conclusion, ...over }) => check(name, conclusion, over));

const rules: fc.Arbitrary<BranchRule> = fc.oneof(
  fc
    .record({
      approvals: fc.integer({ min: 0, max: 2 }),
      dismissStale: fc.boolean(),
      lastPushApproval: fc.boolean(),
      threads: fc.boolean(),
    })
    .map(pullRule),
  fc.subarray(['lint', 'scan', 'lint@5', 'scan@6']).map((names) => checkRule(names)),
  fc.constantFrom(...['deletion', 'non_fast_forward', 'update'].map((type) => plainRule(type))),
);

const overrides: fc.Arbitrary<Override> = fc.record({
  check: fc.constantFrom('lint', 'scan', 'sluice'),
  head: heads,
  by: logins.map(person),
  at: moments,
});

const dependencies: fc.Arbitrary<Dependency> = fc.record({
  number: moments,
  project: fc.constantFrom('acme/api', null),
  state: fc.constantFrom('landed' as const, 'ahead' as const, 'not-asked' as const),
});

/** Questions of every kind; many of them are ready. */
export const questions: fc.Arbitrary<EntryQuestion> = fc
  .record({
    reviews: fc.array(reviews, { maxLength: 6 }),
    checks: fc.array(checks, { maxLength: 6 }),
    rules: fc.option(fc.array(rules, { maxLength: 3 }), { freq: 10 }),
    overrides: fc.array(overrides, { maxLength: 2 }),
    dependencies: fc.array(dependencies, { maxLength: 2 }),
    needed: fc.integer({ min: 0, max: 2 }),
    staleReviews: fc.constantFrom('ignore' as const, 'count' as const),
    lastPusher: fc.option(logins.map(person), { freq: 5 }),
    held: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
    rights: fc.constantFrom(rights('write'), rights('write'), rights('admin'), rights('read'), unreadable),
    stage: fc.constantFrom('entering' as const, 'queued' as const),
  })
  .map((parts) =>
    question({
      view: view({ reviews: parts.reviews, checks: parts.checks, lastPusher: parts.lastPusher }),
      request: request(),
      rights: parts.rights,
      rules: parts.rules === null ? null : { rules: parts.rules },
      overrides: parts.overrides,
      dependencies: parts.dependencies,
      settings: settings({ approvals: parts.needed, staleReviews: parts.staleReviews }),
      held: parts.held,
      stage: parts.stage,
    }),
  );

/** Text that would be markup, a mention, a mark of ours or a line of its own; `ZQ` shows where it came out. */
export const hostile: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      '`',
      '``',
      '```',
      '@all',
      '#1',
      '<b>',
      '<!-- sluice:gate {} -->',
      '\n',
      '\r\n* ',
      '|',
      '\\',
      '[x](http://e.test)',
      '**',
      '_',
      '\u202e',
      '\u2028',
      '😀',
    ),
    { maxLength: 8 },
  )
  .map((parts) => `ZQ${parts.join('')}ZQ`);

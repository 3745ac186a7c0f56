import { describe, expect, it } from 'vitest';
import { countedApprovers } from '../../../../src/core/gate/entry/count-approvals.ts';
import type { GateSettings } from '../../../../src/model/gate-settings.ts';
import type { GateView } from '../../../../src/model/gate-view.ts';
import { people } from '../../../fakes/model-data.ts';
import { bothStages, olderHead, person, pullRule, review, settings, texts, view } from './entry-fixture.ts';

const stale = { commit: olderHead };

describe('one approval is needed', () => {
  it.each`
    reviews                                                               | what                                             | entering                | queued
    ${[]}                                                                 | ${'no review'}                                   | ${'missing approvals'}  | ${'vetoed approvals'}
    ${[review('boss')]}                                                   | ${'one by a writer'}                             | ${'ready'}              | ${'ready'}
    ${[review('boss', { permission: 'admin' })]}                          | ${'one by an administrator'}                     | ${'ready'}              | ${'ready'}
    ${[review('boss', { permission: 'maintain' })]}                       | ${'one by a maintainer'}                         | ${'ready'}              | ${'ready'}
    ${[review('mia', { permission: 'triage' })]}                          | ${'one by somebody who may triage'}              | ${'missing approvals'}  | ${'vetoed approvals'}
    ${[review('mallory', { permission: 'none' })]}                        | ${'one by a stranger'}                           | ${'missing approvals'}  | ${'vetoed approvals'}
    ${[review('boss', { permission: null })]}                             | ${'one by somebody whose permission is unread'}  | ${'missing approvals+'} | ${'missing approvals+'}
    ${[review('boss', { permission: null }), review('kim')]}              | ${'one counted, one unread'}                     | ${'ready'}              | ${'ready'}
    ${[review('ada', { permission: 'admin' })]}                           | ${'the author’s own'}                            | ${'missing approvals'}  | ${'vetoed approvals'}
    ${[review('boss', stale)]}                                            | ${'one of an older head'}                        | ${'missing approvals'}  | ${'vetoed approvals'}
    ${[review('boss', { state: 'dismissed' })]}                           | ${'a dismissed one'}                             | ${'missing approvals'}  | ${'vetoed approvals'}
    ${[review('boss'), review('boss', { state: 'dismissed', at: 2000 })]} | ${'one that was dismissed since'}                | ${'missing approvals'}  | ${'vetoed approvals'}
    ${[review('boss'), review('boss', { state: 'dismissed', at: 500 })]}  | ${'one after a dismissal'}                       | ${'ready'}              | ${'ready'}
    ${[review('boss'), review('boss', { state: 'dismissed' })]}           | ${'one dismissed at the same moment'}            | ${'missing approvals'}  | ${'vetoed approvals'}
    ${[review('boss'), review('boss', { ...stale, at: 2000 })]}           | ${'one of this head, then one of an older head'} | ${'ready'}              | ${'ready'}
  `('$what: $entering; in the queue $queued', ({ reviews, entering, queued }) => {
    expect(bothStages({ view: view({ reviews }), settings: settings({ approvals: 1 }) })).toEqual({ entering, queued });
  });
});

describe('somebody requests changes, and nothing is needed', () => {
  const no = { state: 'changes-requested' } as const;
  it.each`
    reviews                                                                   | what                                     | entering                        | queued
    ${[review('boss', no)]}                                                   | ${'a writer'}                            | ${'missing changes-requested'}  | ${'vetoed changes-requested'}
    ${[review('boss', { ...no, ...stale })]}                                  | ${'a writer, at an older head'}          | ${'missing changes-requested'}  | ${'vetoed changes-requested'}
    ${[review('mia', { ...no, permission: 'read' })]}                         | ${'somebody without write'}              | ${'ready'}                      | ${'ready'}
    ${[review('boss', { ...no, permission: null })]}                          | ${'somebody whose permission is unread'} | ${'missing changes-requested+'} | ${'missing changes-requested+'}
    ${[review('boss', no), review('boss', { at: 2000 })]}                     | ${'a writer who approved since'}         | ${'ready'}                      | ${'ready'}
    ${[review('boss'), review('boss', { ...no, at: 2000 })]}                  | ${'a writer who had approved'}           | ${'missing changes-requested'}  | ${'vetoed changes-requested'}
    ${[review('boss', no), review('boss')]}                                   | ${'a writer, approving at once'}         | ${'missing changes-requested'}  | ${'vetoed changes-requested'}
    ${[review('boss', no), review('boss', { state: 'dismissed', at: 2000 })]} | ${'a writer who was dismissed'}          | ${'ready'}                      | ${'ready'}
    ${[review('boss', no), review('kim')]}                                    | ${'a writer, and another approves'}      | ${'missing changes-requested'}  | ${'vetoed changes-requested'}
  `('$what: $entering; in the queue $queued', ({ reviews, entering, queued }) => {
    expect(bothStages({ view: view({ reviews }) })).toEqual({ entering, queued });
  });
});

describe('how many approvals are needed', () => {
  it.each`
    rules                                                       | own  | given | entering
    ${[]}                                                       | ${0} | ${0}  | ${'ready'}
    ${[pullRule({ approvals: 2 })]}                             | ${1} | ${1}  | ${'missing approvals'}
    ${[pullRule({ approvals: 2 })]}                             | ${1} | ${2}  | ${'ready'}
    ${[pullRule({ approvals: 1 })]}                             | ${2} | ${1}  | ${'missing approvals'}
    ${[pullRule({ approvals: 1 }), pullRule({ approvals: 3 })]} | ${0} | ${2}  | ${'missing approvals'}
    ${[pullRule({ approvals: 1 }), pullRule({ approvals: 3 })]} | ${0} | ${3}  | ${'ready'}
  `('$own by settings, rules $rules.length: $given given is $entering', ({ rules, own, given, entering }) => {
    const reviews = ['kim', 'lee', 'max'].slice(0, given).map((login) => review(login));
    const over = { view: view({ reviews }), rules: { rules }, settings: settings({ approvals: own }) };
    expect(bothStages(over).entering).toBe(entering);
  });

  it('rules that cannot be read leave what the settings ask, and hold it up', () => {
    const over = { rules: null, settings: settings({ approvals: 1 }) };
    expect(bothStages(over)).toEqual({
      entering: 'missing approvals rules-unreadable+',
      queued: 'vetoed approvals rules-unreadable+',
    });
  });

  it('one that could not be read postpones only where it would be enough', () => {
    const reviews = [review('kim', { permission: null })];
    const needing = (approvals: number) => bothStages({ view: view({ reviews }), settings: settings({ approvals }) });
    expect(needing(1).queued).toBe('missing approvals+');
    expect(needing(2).queued).toBe('vetoed approvals');
  });

  it('the same person approves once, however often', () => {
    const reviews = [review('kim'), review('kim', { at: 2000 }), review('kim', { at: 3000 })];
    expect(bothStages({ view: view({ reviews }), settings: settings({ approvals: 2 }) }).entering).toBe(
      'missing approvals',
    );
  });

  it('one that is missing is told with why those there are do not count', () => {
    const reviews = [review('ada'), review('boss', stale), review('mia', { permission: 'read' })];
    expect(texts({ view: view({ reviews }), settings: settings({ approvals: 1 }) })).toBe(
      'It has 0 of 1 approvals. Not counted: `ada` is the author, `boss` approved an older head, `mia` has no write permission. Somebody with write permission who is not its author can approve exactly this head.',
    );
  });
});

describe('approvals of an older head', () => {
  it.each`
    staleReviews | dismissStale | entering
    ${'ignore'}  | ${false}     | ${'missing approvals'}
    ${'count'}   | ${false}     | ${'ready'}
    ${'count'}   | ${true}      | ${'missing approvals'}
    ${'ignore'}  | ${true}      | ${'missing approvals'}
  `('$staleReviews, rule dismisses: $dismissStale → $entering', ({ staleReviews, dismissStale, entering }) => {
    const over = {
      view: view({ reviews: [review('boss', stale)] }),
      settings: settings({ approvals: 1, staleReviews }),
      rules: { rules: [pullRule({ dismissStale })] },
    };
    expect(bothStages(over).entering).toBe(entering);
  });
});

describe('the last push must be approved by somebody else', () => {
  const rules = { rules: [pullRule({ lastPushApproval: true, approvals: 1 })] };
  it.each`
    lastPusher     | reviews                                  | entering                           | queued
    ${people.ada}  | ${[review('boss')]}                      | ${'ready'}                         | ${'ready'}
    ${people.boss} | ${[review('boss')]}                      | ${'missing approvals last-push'}   | ${'vetoed approvals last-push'}
    ${people.boss} | ${[review('boss'), review('kim')]}       | ${'ready'}                         | ${'ready'}
    ${people.boss} | ${[review('ada'), review('boss')]}       | ${'missing approvals last-push'}   | ${'vetoed approvals last-push'}
    ${people.boss} | ${[review('kim', { permission: null })]} | ${'missing approvals+ last-push+'} | ${'missing approvals+ last-push+'}
    ${null}        | ${[review('kim')]}                       | ${'missing last-push+'}            | ${'missing last-push+'}
  `('pushed by $lastPusher.login: $entering; in the queue $queued', ({ lastPusher, reviews, entering, queued }) => {
    expect(bothStages({ view: view({ lastPusher, reviews }), rules })).toEqual({ entering, queued });
  });

  it('at this head, also where older approvals count', () => {
    const over = {
      view: view({ reviews: [review('kim', stale)] }),
      rules,
      settings: settings({ staleReviews: 'count' }),
    };
    expect(bothStages(over).entering).toBe('missing last-push');
  });

  it('without that rule the pusher’s own approval counts', () => {
    const over = {
      view: view({ reviews: [review('boss')], lastPusher: people.boss }),
      settings: settings({ approvals: 1 }),
    };
    expect(bothStages(over).entering).toBe('ready');
  });
});

describe('code owners and conversations', () => {
  it.each`
    rule                    | seen                             | entering                  | queued
    ${{ codeOwner: true }}  | ${{ codeOwnersApproved: true }}  | ${'ready'}                | ${'ready'}
    ${{ codeOwner: true }}  | ${{ codeOwnersApproved: false }} | ${'missing code-owners'}  | ${'vetoed code-owners'}
    ${{ codeOwner: true }}  | ${{ codeOwnersApproved: null }}  | ${'missing code-owners+'} | ${'missing code-owners+'}
    ${{ codeOwner: false }} | ${{ codeOwnersApproved: false }} | ${'ready'}                | ${'ready'}
    ${{ threads: true }}    | ${{ unresolved: 0 }}             | ${'ready'}                | ${'ready'}
    ${{ threads: true }}    | ${{ unresolved: 1 }}             | ${'missing threads+'}     | ${'missing threads+'}
    ${{ threads: true }}    | ${{ unresolved: null }}          | ${'missing threads+'}     | ${'missing threads+'}
    ${{ threads: false }}   | ${{ unresolved: 7 }}             | ${'ready'}                | ${'ready'}
  `('$rule with $seen: $entering; in the queue $queued', ({ rule, seen, entering, queued }) => {
    expect(bothStages({ view: view(seen as Partial<GateView>), rules: { rules: [pullRule(rule)] } })).toEqual({
      entering,
      queued,
    });
  });

  it('counts conversations in words', () => {
    const rules = { rules: [pullRule({ threads: true })] };
    expect(texts({ view: view({ unresolved: 1 }), rules })).toMatch(/^One conversation is not resolved/);
    expect(texts({ view: view({ unresolved: 3 }), rules })).toMatch(/^3 conversations are not resolved/);
    expect(texts({ view: view({ unresolved: null }), rules })).toMatch(/they could not be counted/);
  });
});

it('somebody who was renamed is one person, under the newest name', () => {
  const renamed = { ...person('kim'), login: 'kimberly' };
  const reviews = [review('kim'), { ...review('kim', { at: 2000 }), by: renamed }];
  for (const given of [reviews, reviews.toReversed()])
    expect(countedApprovers(view({ reviews: given }), { staleReviews: 'ignore' }, null)).toEqual([renamed]);
});

it('those whose approvals count are named in order of their logins', () => {
  const reviews = [review('zoe'), review('kim'), review('ada'), review('mia', { permission: 'read' })];
  const lax: Pick<GateSettings, 'staleReviews'> = { staleReviews: 'ignore' };
  expect(countedApprovers(view({ reviews }), lax, null)).toEqual([person('kim'), person('zoe')]);
});

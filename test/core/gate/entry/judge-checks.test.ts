import { describe, expect, it } from 'vitest';
import { keepConclusions, latestChecks } from '../../../../src/core/gate/entry/latest-checks.ts';
import type { Override } from '../../../../src/model/gate-request.ts';
import type { HeadCheck } from '../../../../src/model/gate-view.ts';
import { people } from '../../../fakes/model-data.ts';
import { bothStages, check, checkRule, head, now, olderHead, ourApp, texts, view } from './entry-fixture.ts';

const requires = (...names: string[]) => ({ rules: [checkRule(names)] });
const seen = (...checks: HeadCheck[]) => view({ checks });

describe('a required check', () => {
  it.each`
    conclusion           | entering            | queued
    ${'success'}         | ${'ready'}          | ${'ready'}
    ${'neutral'}         | ${'ready'}          | ${'ready'}
    ${'skipped'}         | ${'ready'}          | ${'ready'}
    ${'failure'}         | ${'missing check'}  | ${'vetoed check'}
    ${'cancelled'}       | ${'missing check'}  | ${'vetoed check'}
    ${'timed_out'}       | ${'missing check'}  | ${'vetoed check'}
    ${'action_required'} | ${'missing check'}  | ${'vetoed check'}
    ${'stale'}           | ${'missing check+'} | ${'missing check+'}
    ${null}              | ${'missing check+'} | ${'missing check+'}
  `('that is $conclusion: $entering; in the queue $queued', ({ conclusion, entering, queued }) => {
    expect(bothStages({ view: seen(check('lint', conclusion)), rules: requires('lint') })).toEqual({
      entering,
      queued,
    });
  });

  it('that is absent does not satisfy, and never takes a change out', () => {
    const both = { entering: 'missing check+', queued: 'missing check+' };
    expect(bothStages({ view: seen(check('other', 'success')), rules: requires('lint') })).toEqual(both);
  });

  it('counts by its exact name', () => {
    expect(bothStages({ view: seen(check('Lint', 'success')), rules: requires('lint') }).entering).toBe(
      'missing check+',
    );
  });

  it('that nobody requires does not matter', () => {
    expect(bothStages({ view: seen(check('lint', 'failure')) }).queued).toBe('ready');
  });

  it('is told with how it ended and what to do', () => {
    expect(texts({ view: seen(check('lint', 'timed_out')), rules: requires('lint') })).toBe(
      'The required check `lint` ended with timed out. Repair what it found, or run it again.',
    );
  });

  it.each`
    minutes | said
    ${59}   | ${'has not concluded.'}
    ${60}   | ${'has not concluded for an hour.'}
    ${150}  | ${'has not concluded for 2 hours.'}
    ${4320} | ${'has not concluded for 3 days.'}
  `('open for $minutes minutes $said', ({ minutes, said }) => {
    const open = check('lint', null, { at: now - minutes * 60_000 });
    expect(texts({ view: seen(open), rules: requires('lint') })).toContain(said);
  });
});

describe('of several reports of one name', () => {
  const good = check('lint', 'success', { at: 10 });
  it.each`
    what                                     | required    | checks                                                                     | entering            | queued
    ${'the latest of an App counts'}         | ${'lint'}   | ${[good, check('lint', 'failure', { at: 20 })]}                            | ${'missing check'}  | ${'vetoed check'}
    ${'an older failure is past'}            | ${'lint'}   | ${[good, check('lint', 'failure', { at: 5 })]}                             | ${'ready'}          | ${'ready'}
    ${'the worse of the same moment counts'} | ${'lint'}   | ${[good, check('lint', 'failure', { at: 10 })]}                            | ${'missing check'}  | ${'vetoed check'}
    ${'a re-run stalls only who enters'}     | ${'lint'}   | ${[good, check('lint', null, { at: 20 })]}                                 | ${'missing check+'} | ${'ready'}
    ${'a re-run of a failure saves nobody'}  | ${'lint'}   | ${[check('lint', 'failure', { at: 10 }), check('lint', null, { at: 20 })]} | ${'missing check+'} | ${'vetoed check'}
    ${'every App must be good'}              | ${'lint'}   | ${[good, check('lint', 'failure', { at: 5, app: 6 })]}                     | ${'missing check'}  | ${'vetoed check'}
    ${'every App must have concluded'}       | ${'lint'}   | ${[good, check('lint', null, { at: 5, app: 6 })]}                          | ${'missing check+'} | ${'missing check+'}
    ${'a status counts beside a check run'}  | ${'lint'}   | ${[good, check('lint', 'failure', { at: 5, kind: 'status' })]}             | ${'missing check'}  | ${'vetoed check'}
    ${'the App of the rule decides alone'}   | ${'lint@5'} | ${[good, check('lint', 'failure', { app: 6 })]}                            | ${'ready'}          | ${'ready'}
    ${'another App does not satisfy'}        | ${'lint@6'} | ${[good]}                                                                  | ${'missing check+'} | ${'missing check+'}
    ${'a person’s status is of no App'}      | ${'lint@5'} | ${[check('lint', 'success', { app: null, kind: 'status' })]}               | ${'missing check+'} | ${'missing check+'}
    ${'a person’s status satisfies any App'} | ${'lint'}   | ${[check('lint', 'success', { app: null, kind: 'status' })]}               | ${'ready'}          | ${'ready'}
  `('$what: $entering; in the queue $queued', ({ required, checks, entering, queued }) => {
    expect(bothStages({ view: view({ checks }), rules: requires(required) })).toEqual({ entering, queued });
  });

  it('by two Apps, the reason says that each must succeed', () => {
    const checks = [check('lint', 'success'), check('lint', 'failure', { app: 6, kind: 'status' })];
    expect(texts({ view: view({ checks }), rules: requires('lint') })).toBe(
      'The required check `lint` ended with failure. It is reported 2 times (check run of App 5, commit status of App 6) and the rule names no App, so each must succeed. Repair what it found, or run it again.',
    );
  });

  it('at the same moment, the reason is the same whichever is seen first', () => {
    const checks = [check('lint', 'failure'), check('lint', 'cancelled')];
    const said = (given: readonly HeadCheck[]) => texts({ view: view({ checks: given }), rules: requires('lint') });
    expect(said(checks.toReversed())).toBe(said(checks));
  });

  it('a name that two rules require, of two Apps, is two conditions', () => {
    const rules = { rules: [checkRule(['lint@5']), checkRule(['lint@6', 'lint@5'])] };
    expect(bothStages({ view: seen(check('lint', 'success')), rules }).entering).toBe('missing check+');
    expect(texts({ rules }).split('\n')).toHaveLength(2);
  });
});

describe('our own checks', () => {
  it.each`
    what                                        | required                          | ownRequired             | checks                                                     | entering
    ${'the gate’s is no condition'}             | ${['sluice/gate/main']}           | ${[]}                   | ${[]}                                                      | ${'ready'}
    ${'nor pinned to our App'}                  | ${[`sluice/gate/main@${ourApp}`]} | ${[]}                   | ${[]}                                                      | ${'ready'}
    ${'nor red'}                                | ${['sluice/gate/main']}           | ${[]}                   | ${[check('sluice/gate/main', 'failure', { app: ourApp })]} | ${'ready'}
    ${'nor named as our own required'}          | ${[]}                             | ${['sluice/gate/main']} | ${[]}                                                      | ${'ready'}
    ${'one of its name of another App is'}      | ${['sluice/gate/main@5']}         | ${[]}                   | ${[]}                                                      | ${'missing check+'}
    ${'another branch’s gate is'}               | ${['sluice/gate/next']}           | ${[]}                   | ${[]}                                                      | ${'missing check+'}
    ${'a required one of ours'}                 | ${[]}                             | ${['unit']}             | ${[check('unit', 'success', { app: ourApp })]}             | ${'ready'}
    ${'a required one of ours, absent'}         | ${[]}                             | ${['unit']}             | ${[]}                                                      | ${'missing check+'}
    ${'a required one of ours, by another App'} | ${[]}                             | ${['unit']}             | ${[check('unit', 'success')]}                              | ${'missing check+'}
    ${'the same, required by a rule too'}       | ${['unit']}                       | ${['unit']}             | ${[check('unit', 'success')]}                              | ${'missing check+'}
  `('$what: $entering', ({ required, ownRequired, checks, entering }) => {
    expect(bothStages({ view: view({ checks }), rules: requires(...required), ownRequired }).entering).toBe(entering);
  });
});

describe('an override', () => {
  const given = (name: string, over: Partial<Override> = {}): Override => ({
    check: name,
    head,
    by: people.boss,
    at: 1,
    ...over,
  });
  it.each`
    what                               | required                | override                              | checks                                         | entering            | queued
    ${'stands in for a red check'}     | ${['lint']}             | ${given('lint')}                      | ${[check('lint', 'failure')]}                  | ${'ready'}          | ${'ready'}
    ${'stands in for an absent check'} | ${['lint']}             | ${given('lint')}                      | ${[]}                                          | ${'ready'}          | ${'ready'}
    ${'stands in for one alone'}       | ${['lint', 'scan']}     | ${given('lint')}                      | ${[]}                                          | ${'missing check+'} | ${'missing check+'}
    ${'counts by exact name'}          | ${['lint']}             | ${given('LINT')}                      | ${[]}                                          | ${'missing check+'} | ${'missing check+'}
    ${'is void after a push'}          | ${['lint']}             | ${given('lint', { head: olderHead })} | ${[check('lint', 'failure')]}                  | ${'missing check'}  | ${'vetoed check'}
    ${'never stands in for our App'}   | ${[`lint@${ourApp}`]}   | ${given('lint')}                      | ${[]}                                          | ${'missing check+'} | ${'missing check+'}
    ${'never for a job that we ran'}   | ${['lint']}             | ${given('lint')}                      | ${[check('lint', 'failure', { app: ourApp })]} | ${'missing check'}  | ${'vetoed check'}
    ${'never for names of ours'}       | ${['sluice']}           | ${given('sluice')}                    | ${[]}                                          | ${'missing check+'} | ${'missing check+'}
    ${'never for another gate'}        | ${['sluice/gate/next']} | ${given('sluice/gate/next')}          | ${[]}                                          | ${'missing check+'} | ${'missing check+'}
  `('$what: $entering; in the queue $queued', ({ required, override, checks, entering, queued }) => {
    const over = { view: view({ checks }), rules: requires(...required), overrides: [override] };
    expect(bothStages(over)).toEqual({ entering, queued });
  });

  it('never stands in for a required job of ours, and the reason says so', () => {
    const over = { ownRequired: ['unit'], overrides: [given('unit')] };
    expect(bothStages(over).queued).toBe('missing check+');
    expect(texts(over)).toContain('The override of `boss` does not count: no check of ours can be overridden.');
  });

  it('is told as the reason, with who gave it', () => {
    expect(texts({ rules: requires('lint'), overrides: [given('lint')] })).toContain(
      'The required check `lint` is taken as passed: `boss` overrode it on this head.',
    );
  });

  it('replaces no other condition', () => {
    const over = { held: true, overrides: ['held', 'sluice/hold', 'approvals'].map((name) => given(name)) };
    expect(bothStages(over).entering).toBe('missing held+');
  });
});

describe('a forge that forgets conclusions at a re-run', () => {
  const before = view({ checks: [check('lint', 'success', { at: 10 })] });
  const running = check('lint', null, { at: 20 });
  const rules = requires('lint');

  it('does not stall the queue', () => {
    const after = keepConclusions(before, view({ checks: [running] }));
    expect(bothStages({ view: after, rules }).queued).toBe('ready');
    expect(bothStages({ view: keepConclusions(after, view({ checks: [running] })), rules }).queued).toBe('ready');
  });

  it.each`
    what                             | now                                                            | queued
    ${'a newer failure counts'}      | ${view({ checks: [check('lint', 'failure', { at: 30 })] })}    | ${'vetoed check'}
    ${'what vanished is not passed'} | ${view({ checks: [] })}                                        | ${'missing check+'}
    ${'another App begins anew'}     | ${view({ checks: [check('lint', null, { at: 20, app: 6 })] })} | ${'missing check+'}
  `('$what: $queued', ({ now: after, queued }) => {
    expect(bothStages({ view: keepConclusions(before, after), rules }).queued).toBe(queued);
  });

  it('on another head begins anew', () => {
    const after = view({ checks: [running] }, { head: olderHead });
    expect(keepConclusions(before, after)).toBe(after);
  });

  it('changes nothing where nothing was forgotten', () => {
    expect(keepConclusions(before, before)).toBe(before);
    expect(latestChecks(before.checks, 'queued')).toEqual(before.checks);
  });
});

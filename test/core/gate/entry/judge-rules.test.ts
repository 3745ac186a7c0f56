import { describe, expect, it } from 'vitest';
import type { BranchRule } from '../../../../src/model/gate-view.ts';
import type { LandingMethod } from '../../../../src/model/queue.ts';
import { bothStages, checkRule, plainRule, pullRule, settings, texts, view } from './entry-fixture.ts';

const methods: readonly LandingMethod[] = ['merge', 'squash', 'rebase'];
const refused = { entering: 'missing rule+', queued: 'missing rule+' };
const kept = { entering: 'ready', queued: 'ready' };

function under(rule: BranchRule, over: Parameters<typeof bothStages>[0] = {}) {
  return bothStages({ rules: { rules: [rule] }, ...over });
}

describe('a rule on how a branch changes', () => {
  it.each`
    type                     | expected   | text
    ${'deletion'}            | ${kept}    | ${/`deletion` \(`my rules`\) is kept/}
    ${'non_fast_forward'}    | ${kept}    | ${/`non_fast_forward` .* is kept/}
    ${'merge_queue'}         | ${refused} | ${/`merge_queue` .* two queues .* Take the rule away/}
    ${'lock_branch'}         | ${refused} | ${/`lock_branch` .* locked.* Unlock it/}
    ${'update'}              | ${refused} | ${/`update` .* Let the App bypass it/}
    ${'creation'}            | ${refused} | ${/`creation` .* Let the App bypass it/}
    ${'restrict_pushes'}     | ${refused} | ${/`restrict_pushes` .* Let the App bypass it/}
    ${'required_signatures'} | ${refused} | ${/`required_signatures` .*\(`landing: merge-endpoint`\)/}
  `('$type, with the reason', ({ type, expected, text }) => {
    expect(under(plainRule(type))).toEqual(expected);
    expect(texts({ rules: { rules: [plainRule(type)] } })).toMatch(text);
  });

  it.each(['update', 'creation', 'restrict_pushes'])('%s is kept where our App may push in spite of it', (type) => {
    expect(under(plainRule(type), { passesPushRules: true })).toEqual(kept);
  });

  it.each(['merge_queue', 'lock_branch'])('%s is refused also where our App may push', (type) => {
    expect(under(plainRule(type), { passesPushRules: true })).toEqual(refused);
  });

  it('that nobody knows is refused by its name', () => {
    const rule: BranchRule = { source: 'my rules', type: 'other', name: 'workflows' };
    expect(under(rule)).toEqual(refused);
    expect(texts({ rules: { rules: [rule] } })).toBe(
      'The rule `workflows` (`my rules`) keeps the gate from landing: the gate does not know how to judge it, and lands nothing in spite of it. Take the rule away.',
    );
  });

  it('that could not be read postpones', () => {
    const both = { entering: 'missing rules-unreadable+', queued: 'missing rules-unreadable+' };
    expect(bothStages({ rules: null })).toEqual(both);
  });

  it('each of several is named, once', () => {
    const rules = { rules: [plainRule('lock_branch'), plainRule('merge_queue'), plainRule('lock_branch')] };
    expect(bothStages({ rules }).entering).toBe('missing rule+ rule+');
  });
});

describe('the method of landing', () => {
  it.each(methods)('%s needs a pull request rule that allows it', (method) => {
    const others = methods.filter((each) => each !== method);
    const over = { settings: settings({ method }) };
    expect(under(pullRule({ methods: [method] }), over)).toEqual(kept);
    expect(under(pullRule({ methods: null }), over)).toEqual(kept);
    expect(under(pullRule({ methods: others }), over)).toEqual(refused);
    expect(under(pullRule({ methods: [] }), over)).toEqual(refused);
  });

  it.each`
    method      | expected
    ${'merge'}  | ${refused}
    ${'squash'} | ${kept}
    ${'rebase'} | ${kept}
  `('$method under a linear history', ({ method, expected }) => {
    expect(under(plainRule('required_linear_history'), { settings: settings({ method }) })).toEqual(expected);
  });

  it('that no rule allows is named with those that are allowed', () => {
    const rules = { rules: [pullRule({ methods: ['squash', 'rebase'] })] };
    expect(texts({ rules })).toContain('it allows `rebase`, `squash`, and the gate lands by `merge` here');
  });
});

describe('signatures', () => {
  it.each`
    landing             | method      | signed   | expected
    ${'push'}           | ${'merge'}  | ${true}  | ${refused}
    ${'push'}           | ${'squash'} | ${true}  | ${refused}
    ${'push'}           | ${'rebase'} | ${true}  | ${refused}
    ${'push'}           | ${'merge'}  | ${null}  | ${refused}
    ${'merge-endpoint'} | ${'merge'}  | ${true}  | ${kept}
    ${'merge-endpoint'} | ${'merge'}  | ${false} | ${refused}
    ${'merge-endpoint'} | ${'merge'}  | ${null}  | ${refused}
    ${'merge-endpoint'} | ${'squash'} | ${true}  | ${kept}
    ${'merge-endpoint'} | ${'squash'} | ${null}  | ${refused}
    ${'merge-endpoint'} | ${'rebase'} | ${true}  | ${refused}
  `('$method by $landing, signed: $signed', ({ landing, method, signed, expected }) => {
    const over = { view: view({ signed }), settings: settings({ landing, method }) };
    expect(under(plainRule('required_signatures'), over)).toEqual(expected);
  });

  it.each`
    signed   | said
    ${false} | ${'not all of them are. Sign them and push again.'}
    ${null}  | ${'whether they are could not be read. It is read again by itself.'}
  `('signed: $signed is told with what to do', ({ signed, said }) => {
    const over = { view: view({ signed }), settings: settings({ landing: 'merge-endpoint' }) };
    expect(texts({ ...over, rules: { rules: [plainRule('required_signatures')] } })).toContain(said);
  });
});

describe('branches that must be up to date', () => {
  it('are refused with what to require instead', () => {
    const rule = checkRule([], true);
    expect(under(rule)).toEqual(refused);
    expect(texts({ rules: { rules: [rule] } })).toContain(
      'Switch that off and require `sluice/gate/main` of App 77 instead',
    );
  });

  it('are refused also where our gate is required already', () => {
    expect(under(checkRule(['sluice/gate/main'], true))).toEqual(refused);
  });

  it('that need not be are no matter', () => {
    expect(under(checkRule(['sluice/gate/main']))).toEqual(kept);
  });
});

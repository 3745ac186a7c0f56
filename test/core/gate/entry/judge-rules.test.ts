import { describe, expect, it } from 'vitest';
import type { BranchRule } from '../../../../src/model/gate-view.ts';
import type { LandingMethod } from '../../../../src/model/queue.ts';
import { bothStages, check, checkRule, plainRule, pullRule, settings, texts, view } from './entry-fixture.ts';

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
    ${'creation'}            | ${kept}    | ${/`creation` .* is kept/}
    ${'update'}              | ${refused} | ${/`update` .* not one of them. Let App 77 bypass it/}
    ${'restrict_pushes'}     | ${refused} | ${/`restrict_pushes` .* not one of them. Let App 77 bypass it/}
    ${'required_signatures'} | ${refused} | ${/`required_signatures` .*\(`landing: merge-endpoint`\)/}
  `('$type, with the reason', ({ type, expected, text }) => {
    expect(under(plainRule(type, 'none'))).toEqual(expected);
    expect(texts({ rules: { rules: [plainRule(type, 'none')] } })).toMatch(text);
  });

  it.each`
    landing             | pass       | expected
    ${'push'}           | ${'push'}  | ${kept}
    ${'push'}           | ${'merge'} | ${refused}
    ${'push'}           | ${'none'}  | ${refused}
    ${'push'}           | ${null}    | ${kept}
    ${'merge-endpoint'} | ${'push'}  | ${kept}
    ${'merge-endpoint'} | ${'merge'} | ${kept}
    ${'merge-endpoint'} | ${'none'}  | ${refused}
    ${'merge-endpoint'} | ${null}    | ${kept}
  `(
    'on who may push is $expected.queued where our App passes by it: $pass, $landing',
    ({ landing, pass, expected }) => {
      const over = { settings: settings({ landing }) };
      for (const type of ['update', 'restrict_pushes']) expect(under(plainRule(type, pass), over)).toEqual(expected);
    },
  );

  it('that lets our App past for pull requests only is named with that', () => {
    expect(texts({ rules: { rules: [plainRule('update', 'merge')] } })).toContain(
      'Let App 77 bypass it always: now it may for pull requests only.',
    );
  });

  it.each(['merge_queue', 'lock_branch'])('%s is refused also where our App may push', (type) => {
    expect(under(plainRule(type, 'push'))).toEqual(refused);
  });

  it('that nobody knows is refused by its name', () => {
    const rule: BranchRule = { source: 'my rules', pass: 'push', type: 'other', name: 'workflows' };
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

describe('a rule that wants pull requests', () => {
  it.each`
    landing             | pass       | expected
    ${'push'}           | ${'push'}  | ${kept}
    ${'push'}           | ${'merge'} | ${refused}
    ${'push'}           | ${'none'}  | ${refused}
    ${'push'}           | ${null}    | ${kept}
    ${'merge-endpoint'} | ${'none'}  | ${kept}
  `('is $expected.queued where our App passes by it: $pass, $landing', ({ landing, pass, expected }) => {
    expect(under(pullRule({ pass }), { settings: settings({ landing }) })).toEqual(expected);
  });

  it('that holds our pushes says what to choose from', () => {
    expect(texts({ rules: { rules: [pullRule({ pass: 'none' })] } })).toBe(
      'The rule `pull_request` (`protection`) keeps the gate from landing: it wants every change to be merged by the forge, and the gate lands by a push. Let App 77 bypass it, or choose `landing: merge-endpoint`.',
    );
  });
});

describe('checks that are required on the commit that is pushed', () => {
  const judged = (names: readonly string[], pass: BranchRule['pass'], landing: 'push' | 'merge-endpoint' = 'push') => {
    const rules = { rules: [checkRule(names, false, pass)] };
    return texts({ rules, settings: settings({ landing }), view: view({ checks: names.map(reported) }) });
  };
  const reported = (each: string) => {
    const [name = '', app = '5'] = each.split('@');
    return check(name, 'success', { app: Number(app) });
  };

  it.each`
    names                           | pass       | refused
    ${['sluice/gate/main']}         | ${'none'}  | ${false}
    ${['sluice/gate/main@77']}      | ${'none'}  | ${false}
    ${['lint']}                     | ${'push'}  | ${false}
    ${['lint']}                     | ${null}    | ${false}
    ${['sluice/gate/main@5']}       | ${'none'}  | ${true}
    ${['lint@5']}                   | ${'merge'} | ${true}
    ${['sluice/gate/main', 'lint']} | ${'none'}  | ${true}
  `('$names, passed by: $pass', ({ names, pass, refused }) => {
    expect(/keeps the gate from landing/.test(judged(names, pass))).toBe(refused);
    expect(judged(names, pass, 'merge-endpoint')).not.toMatch(/keeps the gate from landing/);
  });

  it('are named with what to do', () => {
    expect(judged(['lint', 'audit', 'lint@5'], 'none')).toBe(
      'The rule `required_status_checks` (`protection`) keeps the gate from landing: it wants `audit`, `lint` on the commit that is pushed, and others report that on pull requests alone. Let App 77 bypass it (the gate asks for it all the same), require `sluice/gate/main` of App 77 alone, or choose `landing: merge-endpoint`.',
    );
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

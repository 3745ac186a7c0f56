import { describe, expect, it } from 'vitest';
import { judgeBranch, judgeLedger } from '../../../src/core/setup/judge-branch.ts';
import type { GateSettings } from '../../../src/model/gate-settings.ts';
import type { BranchRule } from '../../../src/model/gate-view.ts';
import type { LedgerEntry } from '../../../src/model/ledger.ts';
import type { InstalledApp, SetupPoint } from '../../../src/model/setup.ts';
import { sha } from '../../fakes/model-data.ts';
import { checkRule, ourApp, plainRule, settings } from '../gate/entry/entry-fixture.ts';
import { installed } from './setup-fixture.ts';

function points(
  about: SetupPoint['about'],
  rules: readonly BranchRule[],
  set: Partial<GateSettings> = {},
  over: Partial<InstalledApp> = {},
): string[] {
  const question = { branch: 'main', ourAppId: ourApp, installed: installed(over), settings: settings(set) };
  return judgeBranch({ ...question, rules: { rules } })
    .filter((point) => point.about === about)
    .map(({ verdict, says }) => `${verdict}: ${says}`);
}

const ours = checkRule([`sluice/gate/main@${ourApp}`]);

describe('auto-merge', () => {
  it.each`
    landing             | autoMerge | rules     | expected
    ${'push'}           | ${false}  | ${[]}     | ${/^fine: Auto-merge is off/}
    ${'push'}           | ${true}   | ${[ours]} | ${/^fine: .* waits for the check of the gate/}
    ${'push'}           | ${true}   | ${[]}     | ${/^look: .* merges what nobody tested/}
    ${'push'}           | ${null}   | ${[]}     | ${/^look: Whether auto-merge is on/}
    ${'merge-endpoint'} | ${true}   | ${[ours]} | ${/^look: .* is not admitted/}
  `('$autoMerge, landing by $landing with $rules.length rules', ({ landing, autoMerge, rules, expected }) => {
    expect(points('auto-merge', rules, { landing }, { autoMerge })).toEqual([expect.stringMatching(expected)]);
  });
});

describe('the method', () => {
  it.each`
    landing             | allowed  | expected
    ${'push'}           | ${true}  | ${/^fine: /}
    ${'push'}           | ${null}  | ${/^fine: /}
    ${'push'}           | ${false} | ${/^look: .*has no rebase merging\. A push is not held to that/}
    ${'merge-endpoint'} | ${true}  | ${/^fine: /}
    ${'merge-endpoint'} | ${null}  | ${/^look: Whether the repository allows rebase merging/}
    ${'merge-endpoint'} | ${false} | ${/^stop: .* does not allow rebase merging/}
  `('by $landing, which the button has: $allowed', ({ landing, allowed, expected }) => {
    const merges = { merge: true, squash: true, rebase: allowed };
    expect(points('method', [], { landing, method: 'rebase' }, { merges })).toEqual([expect.stringMatching(expected)]);
  });
});

describe('rules', () => {
  it('are judged as before each landing', () => {
    expect(points('rule', [plainRule('lock_branch'), ours])).toEqual([
      expect.stringMatching(/^stop: .*`lock_branch`.* Unlock it\.$/),
      expect.stringMatching(/^fine: /),
    ]);
  });

  it('of which the forge does not say whether we pass by them are told as that', () => {
    expect(points('rule', [plainRule('update', null)])).toEqual([
      expect.stringMatching(/^fine: /),
      expect.stringMatching(/^look: GitHub does not say of every ruleset/),
    ]);
  });

  it('none is said to be none', () => {
    expect(points('rule', [])).toEqual(['fine: No rule holds for `main`.']);
  });
});

describe('a ledger that is there', () => {
  const entry = (app: number): LedgerEntry => {
    const detail = { kind: 'owner', app } as const;
    return { schema: 1, sequence: 1, repository: 7, branch: 'main', at: 1, detail };
  };

  it.each`
    ledger                                                     | verifiable | verdict
    ${{ kind: 'whole', head: null, entries: [] }}              | ${true}    | ${'fine'}
    ${{ kind: 'whole', head: sha('a'), entries: [entry(77)] }} | ${true}    | ${'fine'}
    ${{ kind: 'whole', head: sha('a'), entries: [entry(78)] }} | ${true}    | ${'stop'}
    ${{ kind: 'broken', because: 'it was cut' }}               | ${true}    | ${'stop'}
    ${{ kind: 'broken', because: 'it was cut' }}               | ${false}   | ${'look'}
  `('$ledger.kind, key here: $verifiable, is $verdict', ({ ledger, verifiable, verdict }) => {
    expect(judgeLedger(ledger, ourApp, verifiable).verdict).toBe(verdict);
  });
});

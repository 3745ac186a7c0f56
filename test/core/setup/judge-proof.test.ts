import { describe, expect, it } from 'vitest';
import { judgeProof, whyNoScratch } from '../../../src/core/setup/judge-proof.ts';
import type { ProofStep } from '../../../src/model/setup.ts';
import { plainRule } from '../gate/entry/entry-fixture.ts';

const held: ProofStep = { what: 'land', held: true, because: '' };
const failed: ProofStep = { what: 'remove', held: false, because: 'refs/heads/x: declined' };

describe('what was tried on a scratch branch', () => {
  it('is told step by step, and what failed in the words of the forge', () => {
    expect(judgeProof([held, failed], 'push')).toMatchObject([
      {
        verdict: 'fine',
        shown: 'done',
        says: expect.stringMatching(/^One atomic push .* as a landing by push does\.$/),
      },
      { verdict: 'stop', says: 'Not everything could be taken away: remove it by hand: refs/heads/x: declined' },
    ]);
  });

  it('does not show that the merge endpoint works, which is said', () => {
    expect(judgeProof([held], 'merge-endpoint')).toMatchObject([
      { verdict: 'look', shown: 'read', says: expect.stringContaining('cannot be tried without merging something') },
      { verdict: 'fine' },
    ]);
  });
});

describe('a scratch branch', () => {
  it.each`
    type                 | pass      | made
    ${'deletion'}        | ${'none'} | ${false}
    ${'deletion'}        | ${'push'} | ${true}
    ${'deletion'}        | ${null}   | ${false}
    ${'restrict_pushes'} | ${'none'} | ${false}
    ${'lock_branch'}     | ${'none'} | ${false}
    ${'update'}          | ${'none'} | ${true}
  `('under $type, passed by: $pass, is made: $made', ({ type, pass, made }) => {
    const why = whyNoScratch('sluice-setup-verify/x', { rules: [plainRule(type, pass)] });
    expect(why === null).toBe(made);
    if (why !== null) expect(why).toContain(`the rule ${type} (my rules) holds for the scratch branch`);
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutMarkdown } from '../../../src/adapters/github/cut-markdown.ts';

it('leaves alone what is short enough', () => expect(cutMarkdown('abc', 3)).toBe('abc'));

it('cuts at the end of a line and says how much is missing', () => {
  const cut = cutMarkdown(`${'line\n'.repeat(100)}`, 200);
  expect(cut).toMatch(/^(line\n)+line\n\n… cut here: \d+ more characters\.$/);
  const [, kept = '', left = ''] = /^(.*)\n\n… cut here: (\d+)/s.exec(cut) ?? [];
  expect(kept.length + Number(left)).toBe(500);
});

it('closes a code block that the cut left open', () => {
  expect(cutMarkdown(`\`\`\`\n${'x\n'.repeat(200)}\`\`\``, 150)).toMatch(/\n```\n\n… cut here/);
  expect(cutMarkdown(`\`\`\`\na\n\`\`\`\n${'x\n'.repeat(200)}`, 150)).not.toMatch(/\n```\n\n… cut here/);
});

it('never gets too long, nor splits a sign', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), fc.integer({ min: 80, max: 400 }), (text, maximum) => {
      const cut = cutMarkdown(text, maximum);
      expect(cut.length).toBeLessThanOrEqual(maximum);
      expect(cut.isWellFormed()).toBe(true);
    }),
  );
});

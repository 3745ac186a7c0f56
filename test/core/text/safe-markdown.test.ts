import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkTextLimit,
  codeBlock,
  cutText,
  escapeMarkdown,
  inlineCode,
  tableCell,
} from '../../../src/core/text/safe-markdown.ts';

/** What a reader sees of escaped text, as far as links and mentions are found in it. */
function rendered(text: string): string {
  return text
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/&(lt|gt|amp);/g, (_, name: string) => ({ lt: '<', gt: '>', amp: '&' })[name] ?? '');
}

const hostile: readonly string[] = [
  '@everyone @acme/owners hello',
  'see #1, acme/api#2, GH-3 and gh-4',
  'https://evil.example/x http://evil.example ftp://evil.example www.evil.example',
  '[click](javascript:alert(1)) ![x](http://evil.example/x.png)',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '**bold** _it_ ~~no~~ `code` | cell | # head\n---\n> quote\n- list',
  '```\n/test unit\n```',
  '<!-- sluice:approval {"head":"x"} -->',
  '$(touch /tmp/x) $\\frac{1}{2}$',
  '\u202egnp.exe \u2066\u200bhidden\u200f \ufeff \u061c',
  'a\\|b \\\\| c',
  '&lt;b&gt; &#60;b&#62;',
];

describe('text of others inside markdown (intake A21, invariant S18)', () => {
  it.each(hostile)('%j has no markup of its own', (text) => {
    const safe = escapeMarkdown(text);
    expect(safe).not.toMatch(/(?<!\\)[`*_[\]()#|~!+{}-]/);
    expect(safe).not.toMatch(/[<>]/);
    expect(safe).not.toMatch(/&(?!lt;|gt;|amp;)/);
    expect(safe).not.toMatch(/[\u0000-\u001f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/);
  });

  it.each(hostile)('%j mentions nobody, refers to nothing and is no link, also once it is shown', (text) => {
    const seen = rendered(escapeMarkdown(text));
    expect(seen).not.toMatch(/@\w/);
    expect(seen).not.toMatch(/#\d/);
    expect(seen).not.toMatch(/\bgh-\d/i);
    expect(seen).not.toMatch(/(https?|ftp):\/\//i);
    expect(seen).not.toMatch(/\bwww\.\w/i);
  });

  it('any text is one line and shows the same letters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const safe = escapeMarkdown(text);
        expect(safe).not.toMatch(/[\n\r\u2028\u2029]/);
        const letters = text.replace(/[^a-zA-Z0-9]/g, '');
        expect(rendered(safe).replace(/[^a-zA-Z0-9]/g, '')).toBe(letters);
      }),
    );
  });
});

describe('inline code', () => {
  it.each`
    text               | expected
    ${'unit'}          | ${'`unit`'}
    ${''}              | ${'`  `'}
    ${'a`b'}           | ${'``a`b``'}
    ${'`'}             | ${'`` ` ``'}
    ${'``a'}           | ${'``` ``a ```'}
    ${'a\nb\r\tc'}     | ${'`a b  c`'}
    ${'@ada #1 <b>'}   | ${'`@ada #1 <b>`'}
    ${'\u202egnp.exe'} | ${'` gnp.exe`'}
  `('$text is $expected', ({ text, expected }) => {
    expect(inlineCode(text)).toBe(expected);
  });

  it('is not ended by what it holds, whatever that is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', 'a', ' ', '\n', '|', '\\'), maxLength: 30 }), (text) => {
        const code = inlineCode(text);
        const fence = /^`+/.exec(code)?.[0] ?? '';
        const inside = code.slice(fence.length, -fence.length);
        expect(code.endsWith(fence)).toBe(true);
        expect(inside.match(/`+/g) ?? []).not.toContain(fence);
        expect(code).not.toContain('\n');
      }),
    );
  });
});

describe('a code block', () => {
  it.each`
    text                 | fence
    ${'plain'}           | ${'```'}
    ${'```\ninner\n```'} | ${'````'}
    ${'`````` longer'}   | ${'```````'}
    ${'~~~\ninner\n~~~'} | ${'```'}
    ${''}                | ${'```'}
  `('around $text is fenced by $fence', ({ text, fence }) => {
    expect(codeBlock(text)).toBe(`${fence}text\n${text}\n${fence}`);
  });

  it('takes the longest text there is', () => {
    const text = '` '.repeat(200_000);
    expect(codeBlock(text).startsWith('```text\n')).toBe(true);
  });
});

describe('cut text', () => {
  it('leaves what fits', () => {
    const text = 'x'.repeat(checkTextLimit);
    expect(cutText(text)).toBe(text);
  });

  it.each([20, 100, 65_535])('has at most %i characters and says that it was cut', (limit) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }), (piece) => {
        const text = `${piece}\n`.repeat(Math.ceil(limit / (piece.length + 1)) + 1);
        const cut = cutText(text, limit);
        expect(cut.length).toBeLessThanOrEqual(limit);
        expect(cut.endsWith('… cut here')).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('ends at the end of a line where one is near', () => {
    expect(cutText(`${'a'.repeat(30)}\n${'b'.repeat(30)}`, 50)).toBe(`${'a'.repeat(30)}\n\n… cut here`);
  });

  it('never leaves half a character', () => {
    for (const limit of [20, 21, 22, 23]) expect(cutText('😀'.repeat(40), limit).isWellFormed()).toBe(true);
  });
});

/** Cells as GitHub's table extension splits a row: a pipe after an odd number of backslashes is no border. */
function cells(row: string): number {
  return (row.match(/(?<!\\)(?:\\\\)*\|/g) ?? []).length + 1;
}

describe('a cell of a table', () => {
  it.each(['a|b', 'a\\|b', 'a\\\\|b', '|||', '\\', 'a\nb', 'a\r\nb', '`x|y`'])('%j is one cell on one line', (text) => {
    expect(cells(tableCell(text))).toBe(1);
    expect(tableCell(text)).not.toMatch(/[\r\n]/);
  });

  it('is one cell whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('|', '\\', 'a', '\n', '`') }), (text) => {
        expect(cells(tableCell(text))).toBe(1);
      }),
    );
  });
});

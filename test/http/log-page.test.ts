import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startHtmlConversion, toPlainText } from '../../src/http/log-page.ts';

const toHtml = (text: string) => startHtmlConversion()(text);

describe('what a build writes is shown as text and never as anything else (A20, A21)', () => {
  it.each`
    what                              | text                                                       | html
    ${'tags'}                         | ${'<script>alert(1)</script>'}                             | ${'&#60;script&#62;alert(1)&#60;/script&#62;'}
    ${'quotes and ampersands'}        | ${`a="b" & 'c'`}                                           | ${'a=&#34;b&#34; &#38; &#39;c&#39;'}
    ${'a colour'}                     | ${'\x1b[31mred\x1b[0m plain'}                              | ${'<span class="c31">red</span> plain'}
    ${'a bold colour'}                | ${'\x1b[1;92mok\x1b[22m thin\x1b[39m plain'}               | ${'<span class="c92 b">ok</span><span class="c92"> thin</span> plain'}
    ${'an extended colour'}           | ${'\x1b[38;5;31mtext'}                                     | ${'text'}
    ${'tags inside colours'}          | ${'\x1b[31m"><img src=x>\x1b[m'}                           | ${'<span class="c31">&#34;&#62;&#60;img src=x&#62;</span>'}
    ${'clear screen and cursor up'}   | ${'before\x1b[2J\x1b[1A\x1b[2Kafter'}                      | ${'beforeafter'}
    ${'a link (OSC 8)'}               | ${'\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\'} | ${'click'}
    ${'a window title'}               | ${'\x1b]0;owned\x07text'}                                  | ${'text'}
    ${'a title that never ends'}      | ${'\x1b]0;swallow\nthe next line stays'}                   | ${'\nthe next line stays'}
    ${'a device string'}              | ${'\x1bP1;2|abc\x1b\\text'}                                | ${'text'}
    ${'a reset of the terminal'}      | ${'a\x1bcb'}                                               | ${'ab'}
    ${'an escape at the very end'}    | ${'a\x1b'}                                                 | ${'a'}
    ${'a half colour at the end'}     | ${'a\x1b[3'}                                               | ${'a'}
    ${'eight-bit control characters'} | ${'a\x9b31mb\x90c'}                                        | ${'a31mbc'}
    ${'bells, nulls and backspaces'}  | ${'a\x07\0\bb'}                                            | ${'ab'}
    ${'a carriage return'}            | ${'real line\rforged line\r\nnext'}                        | ${'real line\nforged line\nnext'}
    ${'a turned writing direction'}   | ${'abc\u202egnp.exe'}                                      | ${'abc\ufffdgnp.exe'}
    ${'tabs and other scripts'}       | ${'a\tб 漢 🎉'}                                            | ${'a\tб 漢 🎉'}
  `('$what', ({ text, html }) => {
    expect(toHtml(text)).toBe(html);
  });

  it('whatever it is, only our own spans are tags, and no control character is left', () => {
    const pieces = fc.constantFrom(
      '\x1b',
      '[',
      ']',
      '31',
      ';',
      'm',
      '<',
      '>',
      '&',
      '"',
      '\n',
      '\r',
      '\x07',
      'x',
      '\x9b',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const html = toHtml(parts.join(''));
        const rest = html.replace(/<span class="(?:c\d\d)?(?: ?b)?">|<\/span>/g, '');
        expect(rest).not.toMatch(/[<>"']/);
        expect(html).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f]/);
      }),
    );
  });
});

it('a colour goes on in the next piece', () => {
  const convert = startHtmlConversion();
  expect([convert('\x1b[31mone\n'), convert('two\x1b[0m\n')]).toEqual([
    '<span class="c31">one\n</span>',
    '<span class="c31">two</span>\n',
  ]);
});

it('plain text has neither colours nor anything else that a terminal would obey', () => {
  expect(toPlainText('\x1b[31mred\x1b[0m \x1b]0;owned\x07<b>\n')).toBe('red <b>\n');
});

it('a megabyte of half escape sequences holds nothing up', () => {
  const before = performance.now();
  for (const text of ['\x1b', '\x1b[', '\x1b]', '\x1b[1;', '\x1bP']) toHtml(text.repeat(1_000_000 / text.length));
  expect(performance.now() - before).toBeLessThan(5_000);
});

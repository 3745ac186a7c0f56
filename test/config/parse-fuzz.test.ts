import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify, parse as yamlParse } from 'yaml';
import { renderProblem } from '../../src/config/render-problem.ts';
import { readDocument } from '../../src/config/yaml/read-document.ts';
import { fixtureNames, parse, readFixture } from './read-fixtures.ts';

const files = ['good', 'mistakes', 'evil'].flatMap((folder) =>
  fixtureNames(folder).map((name) => readFixture(folder, `${name}.yaml`)),
);

/** What must hold for any text at all. */
function expectSound(text: string): void {
  const start = process.threadCpuUsage();
  const state = parse(text);
  const { user, system } = process.threadCpuUsage(start);
  expect((user + system) / 1_000).toBeLessThan(1_000);
  if (state.kind !== 'invalid') return;
  expect(state.problems.length).toBeGreaterThan(0);
  const lines = text.split('\n');
  for (const problem of state.problems) {
    expect(problem.line).toBeGreaterThanOrEqual(1);
    expect(problem.line).toBeLessThanOrEqual(lines.length);
    expect(problem.column).toBeGreaterThanOrEqual(1);
    expect(problem.column).toBeLessThanOrEqual((lines[problem.line - 1] ?? '').length + 1);
    expect(problem.message).not.toBe('');
    expect(renderProblem(problem, text)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  }
}

const signs = fc.constantFrom(
  ...[
    'images:',
    'jobs:',
    'name: a',
    'run: x',
    'image: y',
    '- ',
    '  ',
    '\n',
    ': ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '&a ',
    '*a',
    '<<: ',
    '!!str ',
    '!x ',
  ],
  ...[
    '"',
    "'",
    '|',
    '>',
    '#',
    '%YAML 1.2',
    '---',
    '...',
    '?',
    '\t',
    '\r\n',
    '\\',
    '__proto__',
    'regex: ',
    '**',
    '{{ v }}',
    '😀',
    '\u202e',
    '\0',
    '0x1',
    '.nan',
    '~',
    'null',
  ],
);

describe('any text whatever', () => {
  it('is answered soundly when it is random characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), expectSound), { numRuns: 500 });
  });

  it('is answered soundly when it is made of the signs of YAML', () => {
    const text = fc.array(signs, { maxLength: 40 }).map((parts) => parts.join(''));
    fc.assert(fc.property(text, expectSound), { numRuns: 3_000 });
  });

  it('is answered soundly when it is bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(bytes, (content) => {
        expect(['valid', 'invalid']).toContain(parse(content).kind);
      }),
    );
  });

  it('is answered soundly when it is one of our files with pieces cut out, doubled or put in', () => {
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat(20),
      insert: fc.oneof(signs, fc.string({ maxLength: 5 })),
    });
    const edited = fc
      .tuple(fc.constantFrom(...files), fc.array(edit, { minLength: 1, maxLength: 4 }))
      .map(([file, edits]) =>
        edits.reduce((text, { at, length, insert }) => {
          const place = Math.floor(at * text.length);
          return text.slice(0, place) + insert + text.slice(place + length);
        }, file),
      );
    fc.assert(fc.property(edited, expectSound), { numRuns: 2_000 });
  });

  it('is answered soundly when keys of ours hold values of any kind', () => {
    const keys = [
      'images',
      'jobs',
      'name',
      'run',
      'image',
      'needs',
      'on',
      'onlyIf',
      'paths',
      'from',
      'use',
      'match',
      'cron',
      'regex',
      'tags',
      'env',
      'gate',
      'version',
      'toString',
    ];
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        fc.constantFrom('a', 'presubmit', 'build-image', 'regex: (', '{{', '../x', '', '30m', 'quay.io/a/b'),
        fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.double()),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 6 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => expectSound(stringify(value))),
      { numRuns: 1_500 },
    );
  });
});

describe('a document that is read', () => {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.string({ maxLength: 8, unit: 'grapheme-ascii' }),
      fc.oneof(fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('tree'), { maxKeys: 5 }),
    ),
  }));

  it('has the values that the YAML library itself finds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tree), (value) => {
        const text = stringify(value);
        expect(readDocument(text).root?.value).toEqual(yamlParse(text));
      }),
      { numRuns: 500 },
    );
  });

  it('has them also behind anchors, aliases and merge keys', () => {
    const small = fc.dictionary(
      fc.constantFrom('p', 'q', 'r'),
      fc.oneof(fc.integer(), fc.string({ maxLength: 3, unit: 'grapheme-ascii' })),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(small, small, small, (one, other, own) => {
        const inline = (map: object) => JSON.stringify(map);
        const text = `a: &a ${inline(one)}\nb: &b ${inline(other)}\nc: { <<: [*a, *b], ${inline(own).slice(1)}\nd: { <<: *b }\ne: [*a, *b, *a]\n`;
        expect(readDocument(text)).toMatchObject({ findings: [] });
        expect(readDocument(text).root?.value).toEqual(yamlParse(text, { merge: true }));
      }),
    );
  });
});

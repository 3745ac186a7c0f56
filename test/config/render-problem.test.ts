import { describe, expect, it } from 'vitest';
import { formatPath, quote } from '../../src/config/problems/finding.ts';
import { renderProblem } from '../../src/config/render-problem.ts';
import { lineAt, positionAt, toSourceText } from '../../src/config/source-text.ts';
import type { ConfigProblem } from '../../src/model/config.ts';

function problemAt(line: number, column: number, more: Partial<ConfigProblem> = {}): ConfigProblem {
  return { file: 'f.yaml', line, column, path: 'a.b', message: 'is wrong', hint: 'write c', ...more };
}

describe('a rendered problem', () => {
  it('shows place, message, path, line, caret and hint', () => {
    const text = 'a:\n  b: x\n';
    expect(renderProblem(problemAt(2, 6), text)).toBe(
      'f.yaml:2:6: is wrong (a.b)\n  2 |   b: x\n    |      ^\n    = write c',
    );
  });

  it('leaves out path and hint where there are none', () => {
    expect(renderProblem(problemAt(1, 1, { path: '', hint: null }), 'x')).toBe(
      'f.yaml:1:1: is wrong\n  1 | x\n    | ^',
    );
  });

  it('keeps the caret under its sign behind tabs, wide characters and in long lines', () => {
    expect(renderProblem(problemAt(1, 2), '\tx').split('\n')[2]).toBe('    |   ^');
    expect(renderProblem(problemAt(1, 5), '😀: x').split('\n')[2]).toBe('    |    ^');
    const [, line = '', caret = ''] = renderProblem(problemAt(1, 501), `${'a'.repeat(500)}X${'b'.repeat(500)}`).split(
      '\n',
    );
    expect(line.length).toBeLessThan(130);
    expect(line[caret.indexOf('^')]).toBe('X');
  });

  it('lets nothing through that a terminal obeys (A20)', () => {
    const rendered = renderProblem(problemAt(1, 3), '\u001b[31mred\u202e\u0007');
    expect(rendered).toContain('\\u001b[31mred\\u202e\\u0007');
  });

  it('survives a place that the text does not have', () => {
    expect(renderProblem(problemAt(9, 9), 'x')).toContain('f.yaml:9:9: is wrong');
  });
});

describe('a place in a text', () => {
  const source = toSourceText('ab\r\ncd\n\nlast');
  it.each`
    offset | line | column
    ${0}   | ${1} | ${1}
    ${2}   | ${1} | ${3}
    ${4}   | ${2} | ${1}
    ${7}   | ${3} | ${1}
    ${8}   | ${4} | ${1}
    ${12}  | ${4} | ${5}
    ${99}  | ${4} | ${5}
    ${-1}  | ${1} | ${1}
  `('at offset $offset is line $line, column $column', ({ offset, line, column }) => {
    expect(positionAt(source, offset)).toEqual({ line, column });
  });

  it('gives lines without their ends', () => {
    expect([1, 2, 3, 4, 5, 0].map((line) => lineAt(source, line))).toEqual(['ab', 'cd', '', 'last', '', '']);
  });
});

describe('words of a message', () => {
  it('write paths as people do', () => {
    expect(formatPath(['jobs', 'unit', 'needs', 0])).toBe('jobs.unit.needs[0]');
    expect(formatPath(['jobs', 'a b', 'run'])).toBe('jobs["a b"].run');
    expect(formatPath([])).toBe('');
  });

  it('quote what was found on one line, at most sixty characters of it', () => {
    expect(quote('a\nb\u001b')).toBe('"a\\nb\\u001b"');
    expect(quote('x'.repeat(100))).toBe(`"${'x'.repeat(57)}…"`);
  });
});

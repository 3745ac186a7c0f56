import { expect, it } from 'vitest';
import { inMs, listCounts } from './result.ts';
import { formatResult } from './table.ts';

const result = { name: 'x', title: 'Title', notes: ['a note'], figures: null };

it('shows a column only where a row has something for it, and the ratio to Prow', () => {
  const rows = [
    { name: 'one', figure: '3 ms', prow: '17 ms', ratio: 5.6667, limit: 'the disk' },
    { name: 'second', figure: '12 ms' },
  ];
  expect(formatResult({ ...result, rows }).split('\n')).toEqual([
    '',
    'Title',
    '        measured  Prow   better by  waits for',
    'one     3 ms      17 ms  5.67 ×     the disk',
    'second  12 ms',
    '  a note',
    '',
  ]);
  expect(formatResult({ ...result, rows: [{ name: 'a', figure: 'b' }] })).not.toMatch(/Prow|better|waits/);
});

it('shows no ratio where nothing was measured', () => {
  const rows = [{ name: 'one', figure: '–', prow: '17 ms', ratio: Number.NaN }];
  expect(formatResult({ ...result, rows })).not.toContain('×');
});

it.each`
  value         | text
  ${3.149}      | ${'3.1 ms'}
  ${123.4}      | ${'123 ms'}
  ${1234}       | ${'1.23 s'}
  ${31_000}     | ${'31.0 s'}
  ${Number.NaN} | ${'–'}
`('writes $value ms as $text', ({ value, text }) => {
  expect(inMs(value)).toBe(text);
});

it('lists counts for each, the largest first, and says when some are left out', () => {
  expect(listCounts({ a: 2, b: 10, c: 4 }, 2, 2)).toBe('b 5.0, c 2.0, …');
  expect(listCounts({}, 2, 2)).toBe('none');
});

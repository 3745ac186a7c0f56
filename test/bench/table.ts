import type { Result, Row } from './result.ts';

const columns: readonly (readonly [string, (row: Row) => string])[] = [
  ['', (row) => row.name],
  ['measured', (row) => row.figure],
  ['Prow', (row) => row.prow ?? ''],
  ['better by', (row) => (row.ratio === undefined || Number.isNaN(row.ratio) ? '' : `${ratioText(row.ratio)} ×`)],
  ['waits for', (row) => row.limit ?? ''],
];

function ratioText(ratio: number): string {
  return ratio >= 100 ? ratio.toFixed(0) : ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2);
}

/** The table of one measurement, with its notes below. */
export function formatResult(result: Result): string {
  const used = columns.filter(([head, cell]) => head === '' || result.rows.some((row) => cell(row) !== ''));
  const widths = used.map(([head, cell]) => Math.max(head.length, ...result.rows.map((row) => cell(row).length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => (index === cells.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd();
  const body = result.rows.map((row) => line(used.map(([, cell]) => cell(row))));
  const notes = result.notes.map((note) => `  ${note}`);
  return [`\n${result.title}`, line(used.map(([head]) => head)), ...body, ...notes, ''].join('\n');
}

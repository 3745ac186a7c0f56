import type { ConfigProblem } from '../model/config.ts';
import { printable } from './problems/finding.ts';
import { lineAt, toSourceText } from './source-text.ts';

const widest = 100;

/** A problem for a terminal: place, message, the line with a caret under it, the hint. Without colours; ends without newline. */
export function renderProblem(problem: ConfigProblem, text: string): string {
  const { file, line, column, path, message, hint } = problem;
  const where = path === '' ? '' : ` (${path})`;
  const lines = [`${file}:${line}:${column}: ${message}${where}`];
  const excerpt = excerptOf(lineAt(toSourceText(text), line), column);
  const number = String(line);
  lines.push(`  ${number} | ${excerpt.text}`, `  ${' '.repeat(number.length)} | ${' '.repeat(excerpt.caret)}^`);
  if (hint !== null) lines.push(`  ${' '.repeat(number.length)} = ${hint}`);
  return lines.map((each) => each.trimEnd()).join('\n');
}

// The part of a long line around the column; control characters become visible, so the caret is counted after that.
function excerptOf(line: string, column: number): { text: string; caret: number } {
  const start = column > widest - 20 ? column - 40 : 0;
  const before = shown(line.slice(start, column - 1));
  const after = shown(line.slice(column - 1, start + widest));
  const lead = start > 0 ? '…' : '';
  const trail = line.length > start + widest ? '…' : '';
  return { text: `${lead}${before}${after}${trail}`, caret: [...lead, ...before].length };
}

function shown(text: string): string {
  return printable(text.replaceAll('\t', '  '));
}

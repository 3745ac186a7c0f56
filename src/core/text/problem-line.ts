import type { ConfigProblem } from '../../model/config.ts';
import { escapeMarkdown, inlineCode } from './safe-markdown.ts';

/** One mistake as an entry of a markdown list. */
export function problemLine(problem: ConfigProblem): string {
  const where = `${problem.file}:${problem.line}:${problem.column}`;
  const path = problem.path === '' ? '' : ` ${inlineCode(problem.path)}`;
  // The sentence quotes the file: words of its author.
  const hint = problem.hint === null ? '' : ` ${escapeMarkdown(problem.hint)}`;
  return `* ${inlineCode(where)}${path}: ${escapeMarkdown(problem.message)}${hint}`;
}

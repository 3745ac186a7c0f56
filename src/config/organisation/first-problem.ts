import type { ConfigProblem } from '../../model/config.ts';

/** The mistake that stands first, with its place. */
export function firstProblem(problems: readonly ConfigProblem[]): string {
  const [first] = problems;
  if (first === undefined) return 'it could not be read';
  const { file, line, column, message } = first;
  return `${file}:${line}:${column}: ${message}`;
}

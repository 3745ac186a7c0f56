import type { ConfigProblem } from '../../model/config.ts';
import { positionAt, toSourceText } from '../source-text.ts';
import { formatPath, type PlacedFinding } from './finding.ts';

/** Findings as problems of a file, in the order in which they stand in it. */
export function placeProblems(
  findings: readonly PlacedFinding[],
  text: string,
  file: string,
): readonly ConfigProblem[] {
  const source = toSourceText(text);
  return findings
    .toSorted((one, other) => one.offset - other.offset)
    .map(({ offset, path, message, hint }) => {
      const advice = typeof hint === 'function' ? hint() : hint;
      return { file, ...positionAt(source, offset), path: formatPath(path), message, hint: advice };
    });
}

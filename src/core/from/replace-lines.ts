import type { ReplacedLine } from '../../model/from.ts';
import type { BaseUse } from './find-bases.ts';

/** One word of an instruction and what stands there instead. */
export interface Replacement {
  readonly base: BaseUse;
  readonly by: string;
  readonly because: string;
}

interface Piece {
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly by: string;
  readonly because: string;
}

/** A word that goes on in the next line is replaced where it begins; what is left of it is taken out there. */
function piecesOf({ base, by, because }: Replacement): readonly Piece[] {
  const { word, instruction } = base;
  const parts = instruction.segments.flatMap(({ at, length, line, column }) => {
    const start = Math.max(word.start, at);
    const end = Math.min(word.end, at + length);
    return start < end ? [{ line, column: column + start - at, length: end - start }] : [];
  });
  return parts.map((part, index) => ({ ...part, by: index === 0 ? by : '', because }));
}

/** The lines that become others, in order; words must not overlap. */
export function replaceLines(dockerfile: string, replacements: readonly Replacement[]): readonly ReplacedLine[] {
  const lines = dockerfile.split('\n');
  const byLine = Map.groupBy(replacements.flatMap(piecesOf), ({ line }) => line);
  return [...byLine]
    .sort(([one], [other]) => one - other)
    .map(([line, pieces]) => {
      const was = lines[line - 1] ?? '';
      const becomes = pieces
        .toSorted((one, other) => other.column - one.column)
        .reduce((text, { column, length, by }) => text.slice(0, column) + by + text.slice(column + length), was);
      return { line, was, becomes, because: [...new Set(pieces.map(({ because }) => because))].join('; ') };
    });
}

/** The file that is built; null: it is not the file that the lines were planned for. Without lines it is the same text. */
export function applyReplacements(dockerfile: string, replaced: readonly ReplacedLine[]): string | null {
  if (replaced.length === 0) return dockerfile;
  const lines = dockerfile.split('\n');
  for (const { line, was, becomes } of replaced) {
    if (lines[line - 1] !== was) return null;
    lines[line - 1] = becomes;
  }
  return lines.join('\n');
}

import type { MatrixCell } from '../../model/job.ts';
import type { Combination, WrittenMatrix } from '../schema/matrix.ts';

/** The axes of a matrix with their values, in the order written. */
export function axesOf(matrix: WrittenMatrix): ReadonlyMap<string, readonly string[]> {
  const { include: _, exclude: __, ...axes } = matrix;
  return new Map(Object.entries(axes).map(([name, values]) => [name, Array.isArray(values) ? values : [values]]));
}

/** How many combinations the axes alone make, counted without making them. */
export function sizeOf(axes: ReadonlyMap<string, readonly string[]>): number {
  return axes.size === 0 ? 0 : [...axes.values()].reduce((product, values) => product * values.length, 1);
}

/** Whether a combination says nothing else than the cell. */
export function isWithin(cell: Combination, combination: Combination): boolean {
  return Object.entries(combination).every(([name, value]) => cell[name] === value);
}

/** Every combination of the axes: the first axis changes slowest. */
export function productOf(axes: ReadonlyMap<string, readonly string[]>): readonly Combination[] {
  if (axes.size === 0) return [];
  return [...axes].reduce<readonly Combination[]>(
    (cells, [name, values]) => cells.flatMap((cell) => values.map((value) => ({ ...cell, [name]: value }))),
    [{}],
  );
}

/** Keys in the order of the alphabet: the same cell is the same text, in whatever order its axes are written. */
function sorted(cell: Combination): MatrixCell {
  return Object.fromEntries(Object.entries(cell).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The builds of a job with a matrix that was checked before: all combinations but the excluded ones, then the included ones. */
export function expandMatrix(matrix: WrittenMatrix): readonly MatrixCell[] {
  const { include = [], exclude = [] } = matrix;
  const left = productOf(axesOf(matrix)).filter((cell) => !exclude.some((out) => isWithin(cell, out)));
  return [...left, ...include].map(sorted);
}

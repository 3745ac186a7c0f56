import type { Path } from './problems/finding.ts';
import { type Position, positionAt, toSourceText } from './source-text.ts';
import { placeFinding } from './yaml/located.ts';
import { readDocument } from './yaml/read-document.ts';

/** Where the value at a path stands in a file that was read before; the nearest thing around it where it is not written. */
export function locatePath(text: string, path: Path): Position {
  const { root } = readDocument(text);
  if (root === null) return { line: 1, column: 1 };
  return positionAt(toSourceText(text), placeFinding(root, { path, at: 'value', message: '', hint: null }).offset);
}

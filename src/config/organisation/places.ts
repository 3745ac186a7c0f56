import type { ConfigProblem } from '../../model/config.ts';
import { formatPath, type PlacedFinding, sentence } from '../problems/finding.ts';
import { positionAt, type SourceText } from '../source-text.ts';

/** One of the files that a configuration is put together from. */
export interface SourceFile {
  /** Name for messages. */
  readonly file: string;
  readonly source: SourceText;
}

/** Offsets of the files are this far apart, so that one number names file and place: no file is as long (A12). */
export const fileSpan = 2 ** 20;

/** Place of the files in the order in which they decide: what the repository says itself comes first. */
export const fileIndex = { own: 0, organisation: 1, repositoryFile: 2 } as const;

/** The files by their index; a place that no file has belongs to the first. */
export type SourceFiles = readonly [SourceFile, ...(SourceFile | null)[]];

/** The file and the position that an offset names. */
export function placeOf(offset: number, files: SourceFiles): Pick<ConfigProblem, 'file' | 'line' | 'column'> {
  const index = Math.floor(offset / fileSpan);
  const found = files[index] ?? null;
  if (found === null) return { file: files[0].file, ...positionAt(files[0].source, offset) };
  return { file: found.file, ...positionAt(found.source, offset - index * fileSpan) };
}

/** A finding as people read it. */
export function toProblem({ offset, path, message, hint }: PlacedFinding, files: SourceFiles): ConfigProblem {
  const said = typeof hint === 'function' ? hint() : hint;
  return {
    ...placeOf(offset, files),
    path: formatPath(path),
    message: sentence(message),
    hint: said === null ? null : sentence(said),
  };
}

import type { Project } from '../model/project.ts';
import type { Sha } from '../model/sha.ts';
import type { Source } from '../ports/source.ts';

/** No file that a person writes is as long (A12). */
export const maxConfigBytes = 256 * 1024;

export type RegularFile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly because: string };

/** A file of configuration at a commit, read as a git object; a symlink or a folder of its name is refused (config.md). */
export async function readRegularFile(
  source: Pick<Source, 'entries' | 'readText'>,
  project: Project,
  at: Sha,
  path: string,
): Promise<RegularFile> {
  const entry = (await source.entries(project, at, [path])).get(path) ?? { kind: 'missing' as const };
  if (entry.kind === 'missing') return { kind: 'missing' };
  if (entry.kind !== 'file') return { kind: 'refused', because: `it is a ${entry.kind}, not a regular file` };
  if (entry.bytes > maxConfigBytes)
    return { kind: 'refused', because: `it has ${entry.bytes} bytes, and at most ${maxConfigBytes} are read` };
  const text = await source.readText(project, at, path, maxConfigBytes);
  if (text === null) throw new Error(`${path} is there and could not be read`);
  return { kind: 'text', text };
}

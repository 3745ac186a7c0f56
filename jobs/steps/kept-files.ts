/** What a manifest of kept files may name, whoever wrote it. */
export const mostFiles = 500;
const longestPath = 512;
const deepest = 32;

/** By which other programs know the files of such an artifact. */
export const keptType = 'application/vnd.sluice.artifacts.v1';
export const pathKey = 'org.opencontainers.image.title';
export const executableKey = 'dev.sluice.executable';

/** Why a path could lead out of the folder that it is counted from, or be shown as another than it is; null: it is plain (intake A15). */
export function pathFault(path: string): string | null {
  const parts = path.split('/');
  if (path.length > longestPath || parts.length > deepest) return 'is too long or too deep';
  if (path.includes('\\') || /[\p{Cc}\p{Cf}\u2028\u2029\ufffd]/u.test(path))
    return 'has characters that are no part of a name';
  return parts.every((part) => part !== '' && part !== '.' && part !== '..') ? null : 'leads elsewhere';
}

/** For a sentence: what no terminal or page takes for more than a name. */
export function shownPath(path: string): string {
  return JSON.stringify(path.slice(0, 200));
}

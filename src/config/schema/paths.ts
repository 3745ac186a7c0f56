import { type Fault, textThat } from './scalars.ts';

/** A path without `.` and empty parts; the root itself is `.`. A leading `..` stays. */
export function normalisePath(text: string): string {
  const parts = text.split('/').filter((part) => part !== '' && part !== '.');
  return parts.length === 0 ? '.' : parts.join('/');
}

/** Whether a path, counted from a directory of the repository, leads out of the repository. */
export function leavesRepository(from: string, path: string): boolean {
  let depth = 0;
  for (const part of `${from}/${path}`.split('/')) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

function relativeFault(text: string): Fault | null {
  if (text === '') return { message: 'is empty', hint: 'write . for the root of the repository' };
  if (text.length > 512 || /[\n\r]/.test(text)) return { message: 'is no path', hint: null };
  if (text.startsWith('/') || text.startsWith('~') || /^[A-Za-z]:[\\/]/.test(text)) {
    return {
      message: 'is not inside the repository',
      hint: 'paths are counted from the root of the repository, without a leading /',
    };
  }
  return text.includes('\\') ? { message: 'has a backslash', hint: `write ${text.replaceAll('\\', '/')}` } : null;
}

/** A directory below the repository's root. */
export const directory = textThat('a directory of the repository', (text) => {
  const fault = relativeFault(text);
  if (fault !== null || !text.split('/').includes('..')) return fault;
  const hint = 'paths are counted from the root of the repository and have no ..';
  return { message: leavesRepository('.', text) ? 'is not inside the repository' : 'has ..', hint };
});

/** A file of the repository; whether a `..` in it leaves the repository depends on where it is counted from. */
export const filePath = textThat('a file of the repository', (text) => {
  if (text === '') return { message: 'is empty', hint: 'write the name of a file' };
  const fault = relativeFault(text);
  if (fault !== null) return fault;
  const isDirectory = text.endsWith('/') || ['.', '..'].includes(normalisePath(text));
  return isDirectory ? { message: 'is a directory', hint: 'write the name of a file' } : null;
});

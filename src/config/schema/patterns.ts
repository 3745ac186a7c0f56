import { z } from 'zod';
import { compilePattern, type PatternText, regexOf } from '../matching/compile-pattern.ts';
import type { Fault } from './scalars.ts';
import { listOf, textThat } from './scalars.ts';

function patternFault(pattern: PatternText): Fault | null {
  const outcome = compilePattern(pattern);
  return outcome.kind === 'fault' ? outcome : null;
}

function patternOf(expected: string, fault: (text: string) => Fault | null) {
  const regex = textThat('a regular expression', (text) => patternFault({ regex: text }));
  const inMap = z.strictObject({
    regex: regex.meta({ description: 'RE2 expression, at most 256 characters, for the whole name' }),
  });
  return z.union([textThat(expected, fault), inMap], { error: expected });
}

function pathFault(text: string): Fault | null {
  if (regexOf(text) !== null) return patternFault(text);
  if (text.startsWith('/') || text.startsWith('./')) {
    return { message: 'never matches', hint: `paths have no leading / or ./: write ${text.replace(/^\.?\/+/, '')}` };
  }
  if (text.split('/').includes('..')) return { message: 'never matches', hint: 'changed paths have no ..' };
  if (text.endsWith('/')) return { message: 'never matches a file', hint: `write ${text}** for all files below` };
  return patternFault(text);
}

function branchFault(text: string): Fault | null {
  if (text.startsWith('refs/heads/'))
    return { message: 'never matches', hint: `write ${text.slice('refs/heads/'.length)}` };
  return patternFault(text);
}

export const branchPatterns = listOf(
  'a list of branches',
  patternOf('a branch, a glob or { regex: "…" }', branchFault),
);
export const labelPatterns = listOf('a list of labels', patternOf('a label, a glob or { regex: "…" }', patternFault));
export const pathPatterns = listOf('a list of paths', patternOf('a path, a glob or { regex: "…" }', pathFault));

export const onlyIf = z
  .strictObject(
    { paths: pathPatterns.meta({ description: 'Runs only when a changed file matches one of these' }) },
    { error: 'a map as { paths: ["cmd/**"] }' },
  )
  .meta({ description: 'When it applies; not together with `skipIf`' });

export const skipIf = z
  .strictObject(
    { only: pathPatterns.meta({ description: 'Skipped when every changed file matches one of these' }) },
    { error: 'a map as { only: ["docs/**"] }' },
  )
  .meta({ description: 'When it does not apply; not together with `onlyIf`' });

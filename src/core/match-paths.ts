import type { ChangedFiles, Matcher } from '../model/matcher.ts';
import { inlineCode } from './text/safe-markdown.ts';

/** hit: it applies; miss: it definitely does not; unknown: in doubt, build (commands.md §1). */
export interface PathAnswer {
  readonly answer: 'none' | 'hit' | 'miss' | 'unknown';
  readonly because: string;
}

function named(matchers: readonly Matcher[]): string {
  return matchers.map((matcher) => inlineCode(matcher.source)).join(', ');
}

function judgeOnlyIf(onlyIf: readonly Matcher[], paths: readonly string[]): PathAnswer {
  for (const path of paths) {
    const matcher = onlyIf.find((candidate) => candidate.matches(path));
    if (matcher)
      return { answer: 'hit', because: `${inlineCode(path)} changed and matches ${inlineCode(matcher.source)}` };
  }
  return { answer: 'miss', because: `none of the ${paths.length} changed files matches ${named(onlyIf)}` };
}

function judgeSkipIf(skipIf: readonly Matcher[], paths: readonly string[]): PathAnswer {
  // `every` of nothing is true: no changed file at all is no reason to skip.
  if (paths.length === 0)
    return { answer: 'hit', because: 'no changed file is named, so nothing says that it may be skipped' };
  const other = paths.find((path) => !skipIf.some((matcher) => matcher.matches(path)));
  if (other === undefined) return { answer: 'miss', because: `only files that match ${named(skipIf)} changed` };
  return { answer: 'hit', because: `${inlineCode(other)} changed, which ${named(skipIf)} does not cover` };
}

/** Judges the net change against a job's or an image's matchers; `none` when it has no matcher. */
export function judgePaths(
  matchers: { readonly onlyIf: readonly Matcher[] | null; readonly skipIf: readonly Matcher[] | null },
  changed: ChangedFiles,
): PathAnswer {
  const { onlyIf, skipIf } = matchers;
  if (!onlyIf && !skipIf) return { answer: 'none', because: 'it has no path matcher' };
  if (!changed.known) {
    return {
      answer: 'unknown',
      because: `the changed files could not be read whole (${changed.because}): in doubt, build`,
    };
  }
  const only = onlyIf ? judgeOnlyIf(onlyIf, changed.paths) : null;
  if (only?.answer === 'miss' || !skipIf) return only ?? { answer: 'hit', because: '' };
  const skip = judgeSkipIf(skipIf, changed.paths);
  return skip.answer === 'miss' ? skip : (only ?? skip);
}

import type { Image } from '../../model/image.ts';
import type { Matcher } from '../../model/matcher.ts';
import { compilePattern, type PatternText } from '../matching/compile-pattern.ts';
import type { WrittenImage } from '../schema/image.ts';
import { normalisePath } from '../schema/paths.ts';
import { type Bases, resolveRule } from './resolve-rule.ts';

/** An entry of `images:` with its defaults filled in. */
export function resolveImage(written: WrittenImage, bases: Bases = { streams: {}, images: [] }): Image {
  const { containerFilename, target } = written;
  const files = typeof containerFilename === 'string' ? [containerFilename] : containerFilename;
  return {
    name: written.name,
    repository: written.repository ?? null,
    context: normalisePath(written.context),
    containerFilename: files.map(normalisePath),
    targets: target === undefined ? (written.targets ?? []) : [target],
    buildArgs: written.buildArgs,
    labels: written.labels,
    tags: written.tags,
    platforms: written.platforms ?? [],
    siblings: written.siblings ?? [],
    extraEnv: written.extraEnv,
    from: written.from.map((rule) => resolveRule(rule, bases)),
    onlyIf: toMatchers(written.onlyIf?.paths),
    skipIf: toMatchers(written.skipIf?.only),
    builder: written.builder ?? null,
  };
}

/** Patterns that were checked before, compiled; null for none. */
export function toMatchers(patterns: readonly PatternText[] | undefined): readonly Matcher[] | null {
  return patterns === undefined ? null : patterns.map(toMatcher);
}

export function toMatcher(pattern: PatternText): Matcher {
  const outcome = compilePattern(pattern);
  if (outcome.kind === 'matcher') return outcome.matcher;
  throw new Error(`pattern was accepted and is wrong: ${JSON.stringify(pattern)} ${outcome.message}`);
}

import type { NamePattern } from '../../model/registry-rule.ts';

/** `*` and `**` at the end stand for what follows; anything else is the name itself. Null where a star stands elsewhere. */
export function readNamePattern(text: string): NamePattern | null {
  const [, start = '', stars = ''] = /^([^*]*)(\**)$/.exec(text) ?? [];
  if (text === '' || (start === '' && stars === '') || stars.length > 2) return null;
  return stars === '' ? { kind: 'whole', text } : { kind: 'begun', start, deep: stars === '**' };
}

/** As it was written. */
export function patternText(pattern: NamePattern | number): string {
  if (typeof pattern === 'number') return String(pattern);
  return pattern.kind === 'whole' ? pattern.text : `${pattern.start}${pattern.deep ? '**' : '*'}`;
}

/** How exactly it names this text: the higher the more; null: not at all. No two patterns name one text equally. */
export function exactness(pattern: NamePattern, text: string): number | null {
  if (pattern.kind === 'whole') return pattern.text === text ? Number.MAX_SAFE_INTEGER - 1 : null;
  if (!text.startsWith(pattern.start)) return null;
  if (!pattern.deep && text.slice(pattern.start.length).includes('/')) return null;
  return 2 * pattern.start.length + (pattern.deep ? 0 : 1);
}

/** The highest exactness of several; null: none names it. */
export function exactest(patterns: readonly NamePattern[], text: string): number | null {
  const all = patterns.flatMap((pattern) => exactness(pattern, text) ?? []);
  return all.length === 0 ? null : Math.max(...all);
}

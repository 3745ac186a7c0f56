import { type Path, quote } from '../problems/finding.ts';
import type { Report } from './read-entries.ts';

/** Reports every entry of a list that stands in it before. */
export function reportRepeated(list: readonly string[], path: Path, report: Report): void {
  const seen = new Set<string>();
  for (const [index, entry] of list.entries()) {
    if (seen.has(entry))
      report({ path: [...path, index], at: 'value', message: `${quote(entry)} is listed twice`, hint: 'remove one' });
    seen.add(entry);
  }
}

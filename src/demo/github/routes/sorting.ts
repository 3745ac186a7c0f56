import type { Call } from '../call.ts';

interface Dated {
  readonly id: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Those changed at or after `since`; all without it. */
export function changedSince<T extends Dated>(call: Call, items: readonly T[]): T[] {
  const since = call.query.get('since');
  const from = since === null ? Number.NEGATIVE_INFINITY : Date.parse(since);
  return items.filter((item) => item.updatedAt >= from);
}

/** By `sort` (created) and `direction`; equal times by id. */
export function sorted<T extends Dated>(call: Call, items: readonly T[], usual: 'asc' | 'desc' = 'asc'): T[] {
  const key = call.query.get('sort') === 'updated' ? 'updatedAt' : 'createdAt';
  const ascending = items.toSorted((a, b) => a[key] - b[key] || a.id - b.id);
  return (call.query.get('direction') ?? usual) === 'desc' ? ascending.toReversed() : ascending;
}

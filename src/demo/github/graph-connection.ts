import { type Arguments, type GraphObject, type GraphValue, refuseField } from './graphql-execute.ts';

/** GitHub's pages: `first` or `last` from 1 to 100, cursors are opaque, `after` and `before` as seen. */
export function connection<T>(type: string, items: readonly T[], node: (item: T) => GraphObject) {
  return ({ first, last, after, before }: Arguments): GraphValue => {
    const size = typeof first === 'number' ? first : last;
    if (typeof size !== 'number' || size < 1 || size > 100) {
      return refuseField('EXCESSIVE_PAGINATION', `You must provide \`first\` or \`last\` from 1 to 100, not ${size}.`);
    }
    const from = typeof after === 'string' ? place(after) : 0;
    const to = typeof before === 'string' ? place(before) - 1 : items.length;
    const start = typeof first === 'number' ? from : Math.max(from, to - size);
    const end = typeof first === 'number' ? Math.min(from + size, to) : to;
    const nodes = items.slice(start, end).map(node);
    const pageInfo = {
      __typename: 'PageInfo',
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: nodes.length > 0 ? btoa(`cursor:${start + 1}`) : null,
      endCursor: nodes.length > 0 ? btoa(`cursor:${end}`) : null,
    };
    return { __typename: `${type}Connection`, totalCount: items.length, pageInfo, nodes };
  };
}

function place(cursor: string): number {
  return Number(atob(cursor).replace('cursor:', ''));
}

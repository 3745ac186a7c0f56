import type { Answer, Call } from './call.ts';
import type { FieldError } from './pulls.ts';

const docs = 'https://docs.github.com/rest';

export function ok(body: unknown, headers?: Record<string, string>): Answer {
  return { status: 200, body, ...(headers && { headers }) };
}

export function created(body: unknown): Answer {
  return { status: 201, body };
}

export function noContent(): Answer {
  return { status: 204 };
}

/** A refusal in GitHub's words. */
export function refuse(status: number, message: string, errors?: readonly FieldError[]): Answer {
  return { status, body: { message, ...(errors && { errors }), documentation_url: docs, status: String(status) } };
}

export function notFound(): Answer {
  return refuse(404, 'Not Found');
}

export function notAccessible(): Answer {
  return refuse(403, 'Resource not accessible by integration');
}

/** 422 with the fields that were wrong. */
export function unprocessable(message: string, errors: readonly FieldError[] = []): Answer {
  return refuse(422, message, errors);
}

/** One page of a list, `per_page` at most 100, with GitHub's `Link` header. */
export function page<T>(
  call: Call,
  items: readonly T[],
  view: (item: T) => unknown,
  wrap: (views: unknown[], total: number) => unknown = (views) => views,
): Promise<Answer> {
  return pageOf(call, items, async (slice) => wrap(await Promise.all(slice.map(view)), items.length));
}

/** The same for views that take the whole page at once. */
export async function pageOf<T>(
  call: Call,
  items: readonly T[],
  view: (items: readonly T[]) => Promise<unknown>,
  perPageDefault = 30,
): Promise<Answer> {
  const { number, size } = pageWanted(call, perPageDefault);
  const last = Math.max(1, Math.ceil(items.length / size));
  const body = await view(items.slice((number - 1) * size, number * size));
  const link = links(call, number, last);
  return ok(body, link === '' ? undefined : { Link: link });
}

export function pageWanted(call: Call, perPageDefault = 30): { number: number; size: number } {
  const read = (name: string, fallback: number): number =>
    Math.max(1, Number(call.query.get(name) ?? fallback) || fallback);
  return { number: read('page', 1), size: Math.min(100, read('per_page', perPageDefault)) };
}

function links(call: Call, number: number, last: number): string {
  const to = (page: number, rel: string): string => {
    const url = new URL(call.address);
    url.searchParams.set('page', String(page));
    return `<${url}>; rel="${rel}"`;
  };
  const before = number > 1 ? [to(number - 1, 'prev'), to(1, 'first')] : [];
  const after = number < last ? [to(number + 1, 'next'), to(last, 'last')] : [];
  return [...before, ...after].join(', ');
}

import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/** What a call to an API server is, without the name of its pod; null: it is to somebody else. */
export function kindOfCall(method: string, path: string): string | null {
  const [, resource, name, subresource] =
    /^\/api\/v1\/namespaces\/[^/]+\/(\w+)(?:\/([^/?]+))?(?:\/(\w+))?/.exec(path) ?? [];
  if (resource === undefined) return null;
  if (path.includes('watch=1')) return `WATCH ${resource}`;
  if (name === undefined && method === 'GET') return `LIST ${resource}`;
  return `${method} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
}

/** Counts the calls that this process makes to API servers from now on. */
export function countApiCalls() {
  let counts: Record<string, number> = {};
  subscribe('http.client.request.start', (message) => {
    const { method, path } = (message as { readonly request: ClientRequest }).request;
    const kind = kindOfCall(method, path);
    if (kind !== null) counts[kind] = (counts[kind] ?? 0) + 1;
  });
  return {
    /** Since the last taking. */
    take(): Readonly<Record<string, number>> {
      const taken = counts;
      counts = {};
      return taken;
    },
  };
}

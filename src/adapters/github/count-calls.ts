import type { ForgeCall, Metrics } from '../../ports/metrics.ts';

/** The first pattern that fits the path of a request says what it is about; names in the path are never looked at. */
const kinds: readonly (readonly [RegExp, ForgeCall])[] = [
  [/^\/graphql$/, 'graphql'],
  [/^\/app\/installations\/\d+\/access_tokens$/, 'tokens'],
  [/^\/app\/hook\/deliveries(\/|$)/, 'deliveries'],
  [/^\/app(\/|$)/, 'app'],
  [/^\/installation\/repositories$/, 'repositories'],
  [/^\/repos\/[^/]+\/[^/]+\/.*\/reactions(\/|$)/, 'reactions'],
  [/^\/repos\/[^/]+\/[^/]+\/(check-runs|commits\/[^/]+\/check-runs)(\/|$)/, 'check-runs'],
  [/^\/repos\/[^/]+\/[^/]+\/(issues|pulls)\/.*(comments|reviews)(\/|$)/, 'comments'],
  [/^\/repos\/[^/]+\/[^/]+\/(pulls|commits\/[^/]+\/pulls|issues)(\/|$)/, 'pull-requests'],
  [/^\/repos\/[^/]+\/[^/]+\/collaborators\//, 'people'],
  [/^\/(users|orgs)\//, 'people'],
  [/^\/repos\/[^/]+\/[^/]+\/(contents|git)\//, 'contents'],
  [/^\/(repos\/[^/]+\/[^/]+|repositories\/\d+)$/, 'repositories'],
];

/** What a request with this URL is about. */
export function forgeCallOf(url: string): ForgeCall {
  const path = URL.canParse(url) ? new URL(url).pathname : '';
  // An Enterprise Server has its API below a folder, and pages after the first are asked for by the repository's number.
  const usual = path.replace(/^\/api(\/v3)?(?=\/)/, '').replace(/^\/repositories\/\d+\/(?=.)/, '/repos/-/-/');
  return kinds.find(([pattern]) => pattern.test(usual))?.[1] ?? 'other';
}

/** A fetch that counts what really goes out, unchanged answers (304) and calls without an answer included. */
export function countCalls(send: typeof fetch, metrics: Metrics): typeof fetch {
  return async (input, init) => {
    const kind = forgeCallOf(input instanceof Request ? input.url : String(input));
    try {
      const response = await send(input, init);
      metrics.forgeCalled(kind, response.status);
      return response;
    } catch (cause) {
      metrics.forgeCalled(kind, null);
      throw cause;
    }
  };
}

/** Notes what an answer, or the failure that holds it, says is left of an installation's limit. */
export function noteLimit(metrics: Metrics, installation: number, answer: unknown): void {
  const headers = headersOf(answer);
  const remaining = Number(headers['x-ratelimit-remaining']);
  if (!Number.isFinite(remaining)) return;
  const resource = headers['x-ratelimit-resource'];
  if (resource === 'core' || resource === 'graphql') metrics.forgeAllows(installation, resource, remaining);
}

function headersOf(answer: unknown): Readonly<Record<string, unknown>> {
  if (typeof answer !== 'object' || answer === null) return {};
  if ('response' in answer) return headersOf(answer.response);
  return 'headers' in answer && typeof answer.headers === 'object' && answer.headers !== null
    ? { ...answer.headers }
    : {};
}

import { keysFor } from './adapters/redis/keys.ts';
import { etaBegins } from './core/gate/eta.ts';
import type { CheckRunReport } from './model/check-run.ts';
import type { ServerRedis } from './server-redis.ts';

/** Gives what people were last told under an external id; null: nothing that is still kept. */
export type ReadTold = (externalId: string) => Promise<Pick<CheckRunReport, 'title' | 'summary'> | null>;

export function toldIn(redis: ServerRedis, prefix?: string): ReadTold {
  const key = keysFor(prefix);
  return async (externalId) => {
    const kept = await redis.hget(key('check', externalId), 'report');
    return kept === null ? null : (JSON.parse(kept) as CheckRunReport);
  };
}

const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };

/** A line of our own markdown as plain text. */
export function plainText(markdown: string): string {
  return markdown
    .replaceAll('\u2060', '')
    .replace(/`+/g, '')
    .replace(/\\([\\*_{}[\]()#+!|~$-])/g, '$1')
    .replace(/&(?:lt|gt|amp);/g, (entity) => entities[entity] ?? entity);
}

/** The points of a summary: what is missing, or why it waits. */
export function pointsOf(summary: string): readonly string[] {
  return summary
    .split('\n')
    .filter((line) => line.startsWith('* '))
    .map((line) => plainText(line.slice(2)));
}

/** When it may land; null: nothing is said of it. */
export function etaOf(summary: string): string | null {
  return summary.split('\n').find((line) => line.startsWith(etaBegins)) ?? null;
}

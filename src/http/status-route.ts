import type { FastifyInstance } from 'fastify';
import type { Clock } from '../ports/clock.ts';
import { escapeHtml, pageEnd, pageHeaders, pageStart } from './log-page.ts';

/** Lines of the status page in order: what it is, and how many or what. No names of private repositories. */
export type StatusLines = readonly { readonly name: string; readonly value: string | number }[];

export interface StatusOptions {
  /** What is missing before work can be done, one sentence each; empty: ready. */
  readonly ready: () => Promise<readonly string[]>;
  readonly status: () => Promise<StatusLines>;
  readonly clock: Clock;
}

const longestWaitMs = 2_000;

/** Adds `/healthz` (the process lives), `/readyz` (it can work; 503 with what is missing) and the status page `/`. */
export function addStatusRoutes(server: FastifyInstance, options: StatusOptions): void {
  server.route({ method: ['GET', 'HEAD'], url: '/healthz', handler: async () => ({ healthy: true }) });
  server.route({
    method: ['GET', 'HEAD'],
    url: '/readyz',
    handler: async (_request, reply) => {
      const missing = await inTime(options.ready, options.clock, ['The check itself did not answer in time.']);
      return reply.code(missing.length === 0 ? 200 : 503).send({ ready: missing.length === 0, missing });
    },
  });
  server.get('/', async (_request, reply) => {
    const lines = await inTime(options.status, options.clock, [{ name: 'status', value: 'did not answer in time' }]);
    const rows = lines.map(({ name, value }) => `${escapeHtml(name)}: ${escapeHtml(String(value))}\n`);
    const page = `${pageStart('Sluice', '<strong>Sluice</strong>')}<pre>${rows.join('')}</pre>${pageEnd}`;
    return reply.headers(pageHeaders).send(page);
  });
}

async function inTime<T>(ask: () => Promise<T>, clock: Clock, late: T): Promise<T> {
  const answered = new AbortController();
  try {
    return await Promise.race([ask(), clock.sleep(longestWaitMs, answered.signal).then(() => late)]);
  } finally {
    answered.abort();
  }
}

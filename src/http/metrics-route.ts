import type { FastifyInstance } from 'fastify';

export interface MetricsOptions {
  /** Everything that is counted, as text for Prometheus; bounded in time. */
  readonly scrape: () => Promise<string>;
  readonly contentType: string;
}

/**
 * Adds `/metrics`. It holds numbers and words of ours only, no secret and no name of anything on the forge, so it may be
 * seen by everybody; whoever does not want to tell even how much is built serves it apart (SLUICE_HEALTH_PORT).
 */
export function addMetricsRoute(server: FastifyInstance, { scrape, contentType }: MetricsOptions): void {
  server.get('/metrics', async (_request, reply) =>
    reply
      .headers({ 'content-type': contentType, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
      .send(await scrape()),
  );
}

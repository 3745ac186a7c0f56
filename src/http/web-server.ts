import Fastify, { type FastifyInstance } from 'fastify';
import { addIntakeRoute } from './intake-route.ts';
import { addLogRoutes, type LogOptions } from './log-route.ts';
import { addMetricsRoute, type MetricsOptions } from './metrics-route.ts';
import type { IntakeOptions } from './receive-delivery.ts';
import { addHealthRoutes, addStatusPage, type StatusOptions } from './status-route.ts';
import { kindOf } from './store-delivery.ts';
import { countUnverifiedBytes } from './unverified-bytes.ts';
import { defaultWebLimits, type WebLimits } from './web-limits.ts';

export type WebServerOptions = Omit<IntakeOptions, 'limits'> &
  Omit<LogOptions, 'limits'> &
  StatusOptions & {
    readonly limits?: Partial<WebLimits>;
    /** Left out: `/metrics` is not served here. */
    readonly scraping?: MetricsOptions;
  };

export interface WebServer {
  /** Starts listening; port 0 takes a free one. Gives the URL without a slash at the end. */
  listen(host: string, port: number): Promise<string>;
  /** Refuses what is still arriving, answers what is being stored, then ends; again changes nothing. */
  close(): Promise<void>;
}

/** A sender that has not even sent its headers by then is cut off. */
const headersMs = 8_000;
/** What still hangs after so long is cut off when closing. */
const closeMs = 3_000;

/** The one web server: webhook intake, logs, health, status, metrics. */
export function createWebServer(options: WebServerOptions): WebServer {
  const limits = { ...defaultWebLimits, ...options.limits };
  const closing = new AbortController();
  const server = Fastify({
    logger: false,
    exposeHeadRoutes: false,
    http: { headersTimeout: headersMs, requestTimeout: 2 * headersMs, connectionsCheckingInterval: 1_000 },
  });
  server.addHook('onSend', async (_request, reply) => {
    // A connection that is kept open for the next request would hold up closing.
    if (closing.signal.aborted) reply.header('connection', 'close');
  });
  answerStrays(server, options);
  const state = { unverified: countUnverifiedBytes(limits.unverifiedBytes), closing: closing.signal };
  addIntakeRoute(server, { ...options, limits }, state);
  addLogRoutes(server, { ...options, limits }, closing.signal);
  addHealthRoutes(server, options, closing.signal);
  addStatusPage(server, options);
  if (options.scraping) addMetricsRoute(server, options.scraping);

  return {
    listen: (host, port) => server.listen({ host, port }),
    close: async () => {
      closing.abort();
      const closed = new AbortController();
      void options.clock.sleep(closeMs, closed.signal).then(() => server.server.closeAllConnections());
      await server.close();
      closed.abort();
    },
  };
}

function answerStrays(server: FastifyInstance, { log }: Pick<WebServerOptions, 'log'>): void {
  server.setNotFoundHandler(async (_request, reply) =>
    reply.code(404).send({ error: 'There is nothing here. Webhooks go to /api/github/webhooks.' }),
  );
  server.setErrorHandler(async (error, request, reply) => {
    const status = clientFault(error);
    // Not the URL: it may hold a key.
    log.error({ kind: kindOf(error), route: request.routeOptions.url ?? null, status }, 'request failed');
    const said = status === 500 ? 'Something failed here; the server log says what.' : 'The request is not valid.';
    return reply.code(status).send({ error: said });
  });
}

function clientFault(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

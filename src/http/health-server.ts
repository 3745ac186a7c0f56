import Fastify from 'fastify';
import { addMetricsRoute, type MetricsOptions } from './metrics-route.ts';
import { addHealthRoutes, type HealthOptions } from './status-route.ts';
import type { WebServer } from './web-server.ts';

/** A server for probes and Prometheus only, on an address of its own: what a worker listens on, and where `/metrics` is served apart. */
export function createHealthServer(options: HealthOptions & { readonly metrics: MetricsOptions }): WebServer {
  const closing = new AbortController();
  const server = Fastify({ logger: false, exposeHeadRoutes: false, forceCloseConnections: true });
  addHealthRoutes(server, options, closing.signal);
  addMetricsRoute(server, options.metrics);
  return {
    listen: (host, port) => server.listen({ host, port }),
    close: async () => {
      closing.abort();
      await server.close();
    },
  };
}

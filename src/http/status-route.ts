import type { FastifyInstance } from 'fastify';
import type { Clock } from '../ports/clock.ts';
import { watchEventLoop } from './event-loop.ts';
import { pageHeaders } from './log-page.ts';
import type { QueueBoards } from './queue-board.ts';
import { statusPage } from './status-page.ts';

/** Rows of the status page in order: what it is, how many or what, and what that means. No names of private repositories. */
export type StatusLines = readonly StatusLine[];

export interface StatusLine {
  readonly name: string;
  readonly value: string | number;
  /** Empty or left out: nothing to say. */
  readonly note?: string;
  /** Somebody should look at this. */
  readonly alarming?: boolean;
  /** Begins a part of the page with this heading. */
  readonly part?: string;
}

export interface HealthOptions {
  /** What is missing before work can be done, one sentence each; empty: ready. */
  readonly ready: () => Promise<readonly string[]>;
  readonly clock: Clock;
}

export interface StatusOptions extends HealthOptions {
  readonly status: () => Promise<StatusLines>;
  /** The queues for the same page; null: they could not be read. Left out: none are shown here. */
  readonly queues?: () => Promise<QueueBoards | null>;
}

const longestWaitMs = 2_500;

/** Adds `/healthz` (the process lives and comes to its work) and `/readyz` (it can work; 503 with what is missing). */
export function addHealthRoutes(server: FastifyInstance, { ready, clock }: HealthOptions, closing: AbortSignal): void {
  const eventLoop = watchEventLoop(clock, () => performance.now(), closing);
  server.route({
    method: ['GET', 'HEAD'],
    url: '/healthz',
    handler: async (_request, reply) => {
      if (!eventLoop.isStalled()) return { healthy: true };
      return reply.code(503).send({ healthy: false, because: 'The process comes to its work over 5 s late.' });
    },
  });
  server.route({
    method: ['GET', 'HEAD'],
    url: '/readyz',
    handler: async (_request, reply) => {
      const missing = await inTime(ready, clock, ['The check itself did not answer in time.']);
      return reply.code(missing.length === 0 ? 200 : 503).send({ ready: missing.length === 0, missing });
    },
  });
}

/** Adds the status page `/`, for people. */
export function addStatusPage(server: FastifyInstance, { status, queues, clock }: StatusOptions): void {
  server.get('/', async (_request, reply) => {
    const late: StatusLines = [{ name: 'Status', value: 'did not answer in time', alarming: true }];
    const asked = queues ? [inTime(queues, clock, null)] : [];
    const [lines, ...boards] = await Promise.all([inTime(status, clock, late), ...asked]);
    return reply.headers(pageHeaders).send(statusPage(lines, ...boards));
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

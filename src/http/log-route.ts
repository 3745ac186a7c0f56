import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type BuildId, toBuildId } from '../model/build.ts';
import type { Clock } from '../ports/clock.ts';
import type { LogStore } from '../ports/logs.ts';
import { followLog } from './follow-log.ts';
import { isLogKey } from './log-link.ts';
import { escapeHtml, pageEnd, pageHeaders, pageStart, startHtmlConversion, toPlainText } from './log-page.ts';
import type { WebLimits } from './web-limits.ts';

export interface LogOptions {
  readonly logs: Pick<LogStore, 'read'>;
  /** Key of all capability URLs; changing it makes the old ones worthless. */
  readonly logKey: string;
  readonly clock: Clock;
  readonly limits: Pick<WebLimits, 'followMs' | 'followers' | 'followTotalMs'>;
}

interface LogQuery {
  readonly build: BuildId;
  readonly key: string;
  readonly follow: boolean;
}

const textHeaders = {
  'content-type': 'text/plain; charset=utf-8',
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** Not kept by a proxy until it is whole, and not holding up closing by a connection that waits for more requests. */
const streamHeaders = { 'x-accel-buffering': 'no', connection: 'close' };

/**
 * Adds `/logs/:build?key=` for people, which grows while the Build goes on, and `/logs/:build/raw?key=` (with
 * `&follow=1` likewise). Without the right key both say 404, so that nobody learns which Builds exist.
 */
export function addLogRoutes(server: FastifyInstance, options: LogOptions, closing: AbortSignal): void {
  let followers = 0;
  const open = (reply: FastifyReply, query: LogQuery) => {
    const live = query.follow && followers < options.limits.followers;
    const signal = AbortSignal.any([closing, limitFollowing(reply, options)]);
    if (live) {
      followers += 1;
      reply.raw.once('close', () => {
        followers -= 1;
      });
    }
    const everyMs = live ? options.limits.followMs : null;
    return followLog(query.build, { ...options, everyMs, signal });
  };

  server.get('/logs/:build', async (request, reply) => {
    const query = readQuery(request, options.logKey, true);
    if (query === null) return notFound(reply);
    reply.headers({ ...pageHeaders, ...streamHeaders });
    return reply.send(Readable.from(htmlPage(query, open(reply, query))));
  });
  server.get('/logs/:build/raw', async (request, reply) => {
    const query = readQuery(request, options.logKey, false);
    if (query === null) return notFound(reply);
    reply.headers({ ...textHeaders, ...streamHeaders });
    return reply.send(Readable.from(plainText(open(reply, query))));
  });
}

function limitFollowing(reply: FastifyReply, { clock, limits }: LogOptions): AbortSignal {
  const over = new AbortController();
  reply.raw.once('close', () => over.abort());
  void clock.sleep(limits.followTotalMs, over.signal).then(() => over.abort());
  return over.signal;
}

async function* htmlPage({ build, key }: LogQuery, log: ReturnType<typeof followLog>): AsyncGenerator<string> {
  const raw = `/logs/${build}/raw?key=${encodeURIComponent(key)}`;
  yield pageStart(
    `Log of ${build}`,
    `<strong>${escapeHtml(build)}</strong> · <a href="${escapeHtml(raw)}">plain text</a>`,
  );
  yield '<pre>';
  const convert = startHtmlConversion();
  let next = await log.next();
  for (; !next.done; next = await log.next()) yield convert(next.value);
  const last = next.value === 'ended' ? 'End of the log.' : 'More may come: reload the page.';
  yield `</pre><footer>${last}</footer>${pageEnd}`;
}

async function* plainText(log: ReturnType<typeof followLog>): AsyncGenerator<string> {
  for await (const text of log) yield toPlainText(text);
}

/** Null when the key does not open this log or there cannot be such a Build. */
function readQuery(request: FastifyRequest, logKey: string, follow: boolean): LogQuery | null {
  const { build: text } = request.params as { build: string };
  const { key, follow: asked } = request.query as Record<string, unknown>;
  try {
    const build = toBuildId(text);
    if (typeof key !== 'string' || !isLogKey(logKey, build, key)) return null;
    return { build, key, follow: follow || asked === '1' };
  } catch {
    // `toBuildId` says why, which is for nobody who guesses ids.
    return null;
  }
}

function notFound(reply: FastifyReply): FastifyReply {
  return reply
    .code(404)
    .headers(textHeaders)
    .send('There is no such log, or the key in the address is not the right one. Take the link from the check run.\n');
}

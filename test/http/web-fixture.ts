import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { createWebServer, type WebServerOptions } from '../../src/http/web-server.ts';
import type { BuildId } from '../../src/model/build.ts';
import type { ForgeEvent } from '../../src/model/forge-event.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Log } from '../../src/ports/log.ts';
import type { LogStore } from '../../src/ports/logs.ts';

export const secret = 'a webhook secret of these tests';
export const appId = 4711;

export const realClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    const ended = wait(milliseconds, undefined, { ...(signal && { signal }), ref: false });
    await ended.catch((error: unknown) => {
      if (!signal?.aborted) throw error;
    });
  },
};

/** Keeps every line at every level, as text. */
export function createLogBook(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const add = (level: string) => (fields: object, message: string) => {
    lines.push(JSON.stringify({ level, message, ...fields }));
  };
  return { lines, error: add('error'), warn: add('warn'), info: add('info'), debug: add('debug') };
}

/** Remembers deliveries like the real one: a GUID is stored once. */
export function createMemoryIntake() {
  const stored = new Map<string, ForgeEvent>();
  const accept = async (event: ForgeEvent) => {
    if (stored.has(event.delivery)) return 'duplicate' as const;
    stored.set(event.delivery, event);
    return 'stored' as const;
  };
  return { stored, accept };
}

/** Knows `pull_request`, ignores the rest; what matters here is only what it is given and when. */
export const parseLikeGithub: WebServerOptions['parse'] = (headers, payload, receivedAt): ForgeEvent => {
  const name = headers.event;
  const { number } = payload as { number?: unknown };
  return {
    delivery: headers.delivery,
    name,
    installation: 1,
    repository: null,
    sender: null,
    receivedAt,
    detail:
      name === 'pull_request' && typeof number === 'number'
        ? { kind: 'pull-request', number, head: null }
        : { kind: 'ignored', because: `nothing here follows ${name} events` },
  };
};

/** Logs that tests write to while they are read. */
export function createMemoryLogs() {
  const texts = new Map<BuildId, { text: string; ended: boolean }>();
  const logs: Pick<LogStore, 'read'> = {
    read: async (build, offset) => {
      const log = texts.get(build);
      if (!log) return null;
      const bytes = Buffer.from(log.text);
      return { text: bytes.subarray(offset).toString(), next: bytes.length, ended: log.ended };
    },
  };
  return { texts, logs };
}

export async function startWeb(options: Partial<WebServerOptions> = {}) {
  const log = createLogBook();
  const intake = createMemoryIntake();
  const woken: string[] = [];
  const memory = createMemoryLogs();
  const server = createWebServer({
    secrets: () => [secret],
    parse: parseLikeGithub,
    intake,
    onStored: (event) => woken.push(event.delivery),
    appId: () => appId,
    logs: memory.logs,
    logKey: 'a log key of these tests',
    clock: realClock,
    log,
    ready: async () => [],
    status: async () => [],
    ...options,
  });
  const url = await server.listen('127.0.0.1', 0);
  return { server, url, port: Number(new URL(url).port), log, stored: intake.stored, woken, texts: memory.texts };
}

export function sign(body: string | Buffer, key = secret): string {
  return `sha256=${createHmac('sha256', key).update(body).digest('hex')}`;
}

export function deliveryHeaders(body: string | Buffer, more: Record<string, string> = {}): Record<string, string> {
  return {
    'content-type': 'application/json',
    'x-github-delivery': randomUUID(),
    'x-github-event': 'pull_request',
    'x-github-hook-installation-target-id': String(appId),
    'x-hub-signature-256': sign(body),
    ...more,
  };
}

/** Sends one delivery; a header given as '' is left out. */
export async function deliver(url: string, body: string | Buffer, more: Record<string, string> = {}) {
  const headers = Object.entries(deliveryHeaders(body, more)).filter(([, value]) => value !== '');
  const response = await fetch(`${url}/api/github/webhooks`, {
    method: 'POST',
    headers: Object.fromEntries(headers),
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

import { createHmac, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { machineMs, sleep } from './clock.ts';

/** A webhook as GitHub sends it. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface SentDelivery {
  readonly guid: string;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** 0: no answer. */
  readonly status: number;
}

/** Signs a payload as the App's webhook does. */
export function signDelivery(event: string, payload: unknown, appId: number, secret: string): Delivery {
  const body = Buffer.from(JSON.stringify(payload));
  return {
    body,
    headers: {
      accept: '*/*',
      'content-type': 'application/json',
      'content-length': String(body.length),
      'user-agent': 'GitHub-Hookshot/bench',
      'x-github-event': event,
      'x-github-delivery': randomUUID(),
      'x-github-hook-installation-target-id': String(appId),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
  };
}

/** Sends over kept connections, or over a new one each time. */
export function createSender(url: string, connections: 'kept' | 'new') {
  const agent = connections === 'kept' ? new Agent({ keepAlive: true, maxSockets: 600 }) : null;
  const send = ({ headers, body }: Delivery): Promise<SentDelivery> =>
    new Promise((resolve) => {
      const sentAt = machineMs();
      const guid = headers['x-github-delivery'] ?? '';
      const done = (status: number): void => resolve({ guid, sentAt, answeredAt: machineMs(), status });
      const going = request(url, { method: 'POST', headers, agent: agent ?? false });
      going.on('error', () => done(0));
      going.on('response', (response) => {
        response.resume().on('end', () => done(response.statusCode ?? 0));
      });
      going.end(body);
    });
  return { send, close: () => agent?.destroy() };
}

/** Starts one piece of work per slot of 1/`perSecond` s, by the clock and not after the last answer; infinite: all at once. */
export async function atRate<T, R>(
  items: readonly T[],
  perSecond: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const began = performance.now();
  const under: Promise<R>[] = [];
  for (const [index, item] of items.entries()) {
    if (Number.isFinite(perSecond)) await sleep(began + (index * 1000) / perSecond - performance.now());
    under.push(work(item));
  }
  return Promise.all(under);
}

import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';

export interface StreamEnd {
  /** GUIDs that were answered by a 202. */
  readonly acked: readonly string[];
}

export interface DeliveryStream {
  /** Ends it once every delivery has its answer. */
  end(): Promise<StreamEnd>;
}

/**
 * Sends signed deliveries of 25 KB, so many a second, whether the ones before were answered or not: the push of a tag, which is
 * stored and routed as any other and then concerns nobody.
 */
export function streamDeliveries(
  url: string,
  app: { readonly appId: number; readonly webhookSecret: string },
  perSecond: number,
): DeliveryStream {
  const body = JSON.stringify({
    ref: 'refs/tags/v1',
    before: '0'.repeat(40),
    after: 'a'.repeat(40),
    repository: { id: 1, name: 'api', owner: { login: 'acme', id: 2 } },
    installation: { id: 3 },
    head_commit: { message: 'x'.repeat(25_000) },
  });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-github-event': 'push',
    'x-hub-signature-256': `sha256=${createHmac('sha256', app.webhookSecret).update(body).digest('hex')}`,
    'x-github-hook-installation-target-id': String(app.appId),
  };
  const acked: string[] = [];
  const sending: Promise<number>[] = [];
  const begun = performance.now();
  const timer = setInterval(() => {
    const due = ((performance.now() - begun) / 1000) * perSecond;
    while (sending.length < due) {
      const guid = randomUUID();
      const sent = post(url, { ...headers, 'x-github-delivery': guid }, body);
      sending.push(sent);
      void sent.then((status) => status === 202 && acked.push(guid));
    }
  }, 1000 / perSecond);
  return {
    async end() {
      clearInterval(timer);
      await Promise.all(sending);
      return { acked };
    },
  };
}

/** GitHub gives up after so long. */
const patienceMs = 10_000;

/** The status, or 0 where there was no answer. A new connection each time, as GitHub's. */
function post(url: string, headers: Record<string, string | number>, body: string): Promise<number> {
  return new Promise((resolve) => {
    const sent = request(url, { method: 'POST', headers, agent: false, timeout: patienceMs });
    sent.once('error', () => resolve(0));
    sent.once('timeout', () => sent.destroy());
    sent.once('response', (response) => {
      response.resume();
      response.once('error', () => resolve(0));
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    sent.end(body);
  });
}

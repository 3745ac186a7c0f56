import { createHmac, randomUUID } from 'node:crypto';
import { webAppId, webSecret } from '../harness/web-role.ts';

export interface Posting {
  readonly guid?: string;
  readonly event?: string;
  readonly secret?: string;
  readonly appId?: number;
}

export interface Posted {
  readonly guid: string;
  readonly status: number;
  readonly result: unknown;
  /** From the first byte to the answer. */
  readonly ms: number;
}

/** A pull request's event as GitHub sends it, as far as anything here reads it. */
export function pullRequestBody(number: number, action = 'opened', head = 'a'.repeat(40)): string {
  return JSON.stringify({
    action,
    number,
    pull_request: { number, head: { sha: head } },
    repository: { id: 7, name: 'images', owner: { login: 'octo', id: 1 } },
    installation: { id: 5 },
    sender: { id: 9, login: 'ada', type: 'User' },
  });
}

/** Posts one signed delivery over a connection of its own. */
export async function postDelivery(url: string, body: string | Buffer, posting: Posting = {}): Promise<Posted> {
  const { guid = randomUUID(), event = 'pull_request', secret = webSecret, appId = webAppId } = posting;
  const begun = performance.now();
  const response = await fetch(`${url}/api/github/webhooks`, {
    method: 'POST',
    headers: {
      connection: 'close',
      'content-type': 'application/json',
      'x-github-delivery': guid,
      'x-github-event': event,
      'x-github-hook-installation-target-id': String(appId),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  const { result } = (await response.json()) as { result?: unknown };
  return { guid, status: response.status, result, ms: performance.now() - begun };
}

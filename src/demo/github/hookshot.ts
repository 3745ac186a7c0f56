import { createHmac } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Parcel } from './deliveries.ts';

/** GitHub does not send a payload above this, and shows no failure. */
export const payloadLimit = 25 * 1024 * 1024;

/** What came of one POST. */
export interface Answer {
  readonly status: string;
  readonly statusCode: number;
  readonly headers: Record<string, string> | null;
  readonly body: string | null;
}

export function hookHeaders(parcel: Parcel, body: string, secret: string): Record<string, string> {
  const mac = (algorithm: string): string => createHmac(algorithm, secret).update(body).digest('hex');
  return {
    Accept: '*/*',
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    'User-Agent': 'GitHub-Hookshot/5a1ce00',
    'X-GitHub-Event': parcel.event,
    'X-GitHub-Delivery': parcel.guid,
    'X-GitHub-Hook-ID': String(parcel.hookId),
    'X-GitHub-Hook-Installation-Target-ID': String(parcel.appId),
    'X-GitHub-Hook-Installation-Target-Type': 'integration',
    'X-Hub-Signature': `sha1=${mac('sha1')}`,
    'X-Hub-Signature-256': `sha256=${mac('sha256')}`,
  };
}

/** Posts once; never rejects: no answer before `signal` is an outcome too. */
export function postHook(
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve) => {
    const failed = (status: string): void => resolve({ status, statusCode: 0, headers: null, body: null });
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    try {
      // A new connection each time: a kept one would hold the receiver's server open.
      const request = send(url, { method: 'POST', headers, agent: false, signal });
      request.on('error', (error) => failed(error.name === 'AbortError' ? 'timed out' : 'failed to connect to host'));
      request.on('response', (response) => collect(response).then(resolve, () => failed('failed to connect to host')));
      request.end(body);
    } catch (error) {
      failed(`cannot send to ${url}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
}

async function collect(response: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  const statusCode = response.statusCode ?? 0;
  const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
  const status = statusCode >= 200 && statusCode < 300 ? 'OK' : (response.statusMessage ?? 'failed');
  return { status, statusCode, headers, body: Buffer.concat(parts).toString().slice(0, 64_000) };
}

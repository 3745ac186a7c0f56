import type { IncomingHttpHeaders } from 'node:http';
import { isSignature } from './signature.ts';

/** A refusal: HTTP status and one sentence for whoever set the webhook up. */
export interface Refusal {
  readonly status: 400 | 401 | 405 | 408 | 413 | 415 | 503;
  readonly because: string;
}

/** The headers of one delivery, read before any byte of its body. */
export interface DeliveryHeaders {
  /** The delivery's GUID. */
  readonly delivery: string;
  /** The forge's event name without action, as `pull_request`. */
  readonly event: string;
  /** `sha256=` and 64 hex digits. */
  readonly signature: string;
  /** Id of the App that the delivery is meant for; null when the header is missing. */
  readonly target: string | null;
}

function refuse(status: Refusal['status'], because: string): Refusal {
  return { status, because };
}

function one(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value.trim() : '';
}

function checkSignatureHeader(headers: IncomingHttpHeaders): Refusal | null {
  const signature = one(headers, 'x-hub-signature-256');
  if (isSignature(signature)) return null;
  if (signature !== '')
    return refuse(401, 'X-Hub-Signature-256 must be "sha256=" and 64 lower-case hex digits; this is something else.');
  return one(headers, 'x-hub-signature') === ''
    ? refuse(401, 'The delivery is not signed: set the webhook secret at GitHub to the one configured here.')
    : refuse(401, 'Only the old SHA-1 signature was sent; X-Hub-Signature-256 is needed.');
}

function checkBodyHeaders(headers: IncomingHttpHeaders, bodyBytes: number): Refusal | null {
  const type = one(headers, 'content-type').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    return refuse(415, 'Only application/json is taken: set the content type of the webhook to application/json.');
  if (one(headers, 'content-encoding') !== '')
    return refuse(415, 'Encoded bodies are not taken: send the JSON as it is, without Content-Encoding.');
  if (Number(one(headers, 'content-length')) > bodyBytes)
    return refuse(413, `A delivery has at most ${bodyBytes} bytes; GitHub sends no larger ones.`);
  return null;
}

/** Reads and checks what can be judged without the body (intake §2.1); the first fault is the answer. */
export function readDeliveryHeaders(headers: IncomingHttpHeaders, bodyBytes: number): DeliveryHeaders | Refusal {
  const fault = checkBodyHeaders(headers, bodyBytes);
  if (fault) return fault;
  const delivery = one(headers, 'x-github-delivery');
  if (!/^[0-9A-Za-z-]{8,64}$/.test(delivery)) return refuse(400, 'The header X-GitHub-Delivery must hold a GUID.');
  const event = one(headers, 'x-github-event');
  if (!/^[a-z0-9_]{1,64}$/.test(event)) return refuse(400, 'The header X-GitHub-Event must name the event.');
  const unsigned = checkSignatureHeader(headers);
  if (unsigned) return unsigned;
  const target = one(headers, 'x-github-hook-installation-target-id');
  return { delivery, event, signature: one(headers, 'x-hub-signature-256'), target: target === '' ? null : target };
}

/** Tells a refusal from what was read. */
export function isRefusal(read: DeliveryHeaders | Refusal): read is Refusal {
  return 'status' in read;
}

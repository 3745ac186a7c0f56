import type { IncomingMessage } from 'node:http';
import type { ForgeEvent } from '../model/forge-event.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import { type DeliveryHeaders, isRefusal, type Refusal, readDeliveryHeaders } from './delivery-headers.ts';
import { type BodyOutcome, readBody } from './read-body.ts';
import { startSignatureCheck } from './signature.ts';
import { kindOf, type StoreOptions, storeInTime } from './store-delivery.ts';
import type { UnverifiedBytes } from './unverified-bytes.ts';
import type { WebLimits } from './web-limits.ts';

/** Turns a verified delivery into an event. What it does not know it gives back as `ignored`, with the reason. */
export type ParseDelivery = (
  headers: Pick<DeliveryHeaders, 'event' | 'delivery'>,
  payload: unknown,
  receivedAt: number,
) => ForgeEvent;

export interface IntakeOptions extends StoreOptions {
  /** Webhook secrets that count now, asked at each delivery; several during a rotation. */
  readonly secrets: () => readonly string[];
  readonly parse: ParseDelivery;
  /** Our App's id; null before the App is set up. */
  readonly appId: () => number | null;
  readonly limits: WebLimits;
}

export interface IntakeState {
  readonly unverified: UnverifiedBytes;
  /** Aborts when the server closes. */
  readonly closing: AbortSignal;
}

export interface DeliveryAnswer {
  readonly status: 202 | Refusal['status'];
  readonly body:
    | { readonly result: 'stored' | 'duplicate' | 'ignored'; readonly because?: string }
    | { readonly error: string };
}

type Verified = { readonly secretIndex: number; readonly body: Buffer };

const bodyRefusals: Readonly<Record<Exclude<BodyOutcome['kind'], 'whole'>, Refusal>> = {
  'too-large': { status: 413, because: 'The delivery is larger than any that GitHub sends.' },
  slow: { status: 408, because: 'The body did not arrive in time; send it again.' },
  overloaded: { status: 503, because: 'Too much is arriving at once, or this server is closing; send it again later.' },
  gone: { status: 400, because: 'The sender went away before the body was whole.' },
};

const notDurable: Refusal = { status: 503, because: 'The delivery could not be stored; send it again later.' };

/**
 * The whole of intake §2 for one request: 202 only after the event is durable (or known not to matter to us), a
 * refusal with one sentence else. Never throws, whatever the parts it was given do (test W16).
 */
export async function receiveDelivery(
  request: IncomingMessage,
  options: IntakeOptions,
  state: IntakeState,
): Promise<DeliveryAnswer> {
  const answer = await answerSafely(request, options, state);
  options.metrics?.deliveryAnswered(outcomeOf(answer), answer.status);
  return answer;
}

function outcomeOf({ body }: DeliveryAnswer): Parameters<Metrics['deliveryAnswered']>[0] {
  if (!('result' in body)) return 'refused';
  return body.result === 'stored' ? 'accepted' : body.result;
}

async function answerSafely(
  request: IncomingMessage,
  options: IntakeOptions,
  state: IntakeState,
): Promise<DeliveryAnswer> {
  let delivery: string | null = null;
  try {
    const headers = readDeliveryHeaders(request.headers, options.limits.bodyBytes);
    if (isRefusal(headers)) return refused(headers, options.log, null);
    delivery = headers.delivery;
    const answer = await answerDelivery(request, headers, options, state);
    return 'body' in answer ? answer : refused(answer, options.log, headers);
  } catch (error) {
    // Only the kind of error: its message may quote the body.
    options.log.error({ delivery, kind: kindOf(error) }, 'webhook could not be handled');
    return { status: 503, body: { error: notDurable.because } };
  }
}

async function answerDelivery(
  request: IncomingMessage,
  headers: DeliveryHeaders,
  options: IntakeOptions,
  state: IntakeState,
): Promise<DeliveryAnswer | Refusal> {
  const receivedAt = options.clock.now();
  const verified = await verifyBody(request, headers, options, state);
  if ('because' in verified) return verified;
  const stranger = checkTarget(headers.target, options.appId());
  if (stranger) return stranger;
  const payload = parseJson(verified.body);
  if (payload === null) return { status: 400, because: 'The body is signed but is not a JSON object.' };
  const event = options.parse({ event: headers.event, delivery: headers.delivery }, payload, receivedAt);
  const told = { delivery: headers.delivery, event: event.name, secretIndex: verified.secretIndex };
  if (event.detail.kind === 'ignored') {
    options.log.debug({ ...told, because: event.detail.because }, 'delivery ignored');
    return { status: 202, body: { result: 'ignored', because: event.detail.because } };
  }
  const result = await storeInTime(event, options);
  if (result === null) return notDurable;
  options.log.info({ ...told, result }, 'delivery accepted');
  return { status: 202, body: { result } };
}

async function verifyBody(
  request: IncomingMessage,
  headers: DeliveryHeaders,
  options: IntakeOptions,
  state: IntakeState,
): Promise<Verified | Refusal> {
  const secrets = options.secrets();
  if (secrets.every((secret) => secret === ''))
    return { status: 503, because: 'No webhook secret is configured yet: run "sluice setup" on the server.' };
  const check = startSignatureCheck(secrets);
  const { clock, limits } = options;
  const body = await readBody(request, { clock, limits, ...state, onChunk: check.add });
  if (body.kind !== 'whole') return bodyRefusals[body.kind];
  const secretIndex = check.matchedSecret(headers.signature);
  if (secretIndex === -1)
    return { status: 401, because: 'The signature fits none of the configured webhook secrets and these bytes.' };
  options.metrics?.secretMatched(secretIndex);
  return { secretIndex, body: Buffer.concat(body.chunks) };
}

function checkTarget(target: string | null, appId: number | null): Refusal | null {
  if (appId === null || target === String(appId)) return null;
  const said = target === null ? 'names no App' : `is for App ${target.slice(0, 20)}`;
  return { status: 400, because: `The delivery ${said} (X-GitHub-Hook-Installation-Target-ID); this is App ${appId}.` };
}

function parseJson(body: Buffer): object | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    // Said by the answer 400; the parser's own message quotes the body, which is kept out of logs.
    return null;
  }
}

function refused({ status, because }: Refusal, log: Log, headers: DeliveryHeaders | null): DeliveryAnswer {
  log.warn({ status, because, delivery: headers?.delivery ?? null }, 'delivery refused');
  return { status, body: { error: because } };
}

import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IsolationOutcome, SeenTarget, TriedTarget } from '../../src/model/isolation.ts';

type Answer = Omit<SeenTarget, 'name'>;

const againMs = 300;

/**
 * What comes of trying this until the deadline. A refusal is asked again until then: who listens a moment later is reached. Never
 * throws, and takes no longer than the deadline and a moment.
 */
export async function tryTarget(target: TriedTarget, milliseconds: number): Promise<SeenTarget> {
  const end = Date.now() + milliseconds;
  const attempt = target.kind === 'write' ? tryWrite : tryConnection;
  for (;;) {
    const answer = await attempt(target as never, Math.max(1, end - Date.now()));
    const isFinal = answer.outcome === 'reached' || target.kind === 'write' || Date.now() + againMs >= end;
    if (isFinal || answer.detail === noName) return { name: target.name, ...answer };
    await sleep(againMs);
  }
}

/** As the cluster's rules answer: some drop what they forbid, some refuse it. */
const codes: Readonly<Record<string, IsolationOutcome>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'refused',
  EACCES: 'refused',
  EPERM: 'refused',
  ETIMEDOUT: 'no-answer',
  EHOSTUNREACH: 'no-answer',
  ENETUNREACH: 'no-answer',
  EHOSTDOWN: 'no-answer',
};

const noName = 'its name has no address here';

function outcomeOf(cause: unknown): Answer {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return { outcome: 'not-tried', detail: noName };
  return { outcome: codes[code] ?? 'not-tried', detail: code.slice(0, 40) };
}

const late: Answer = { outcome: 'no-answer', detail: 'no answer in time' };

function tryConnection(target: Extract<TriedTarget, { kind: 'connect' }>, milliseconds: number): Promise<Answer> {
  const { host, port } = target;
  return new Promise((resolve) => {
    const socket = connect({ host, port, autoSelectFamily: false });
    const timer = setTimeout(() => end(late), milliseconds);
    const end = (answer: Answer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end({ outcome: 'reached', detail: 'it took the connection' }));
    socket.on('error', (cause) => end(outcomeOf(cause)));
  });
}

/** Begins an upload as a push would, with no credential; one that is taken is given back at once. */
async function tryWrite({ url }: Extract<TriedTarget, { kind: 'write' }>, milliseconds: number): Promise<Answer> {
  const { origin, pathname } = new URL(url);
  const begin = new URL(`/v2${pathname.replace(/\/+$/, '')}/blobs/uploads/`, origin);
  const answer = await call('POST', begin, milliseconds);
  if ('outcome' in answer) return answer;
  const { status, location } = answer;
  const detail = `HTTP ${status}`;
  if (status >= 200 && status < 300) {
    if (location !== null) await call('DELETE', new URL(location, begin), milliseconds);
    return { outcome: 'reached', detail: `${detail}: it took a write` };
  }
  // Another answer may be another write tomorrow: what is no clear refusal proves nothing.
  const isRefusal = status === 401 || status === 403 || status === 405;
  return { outcome: isRefusal ? 'refused' : 'not-tried', detail };
}

type Called = { readonly status: number; readonly location: string | null } | Answer;

function call(method: string, url: URL, milliseconds: number): Promise<Called> {
  return new Promise((resolve) => {
    // Nothing secret is sent, and whose certificate it is changes nothing about what it takes.
    const options = { method, headers: { 'content-length': '0' }, rejectUnauthorized: false };
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const asked = send(url, options, (response) => {
      response.resume();
      end({ status: response.statusCode ?? 0, location: response.headers.location ?? null });
    });
    const timer = setTimeout(() => end(late), milliseconds);
    const end = (called: Called): void => {
      clearTimeout(timer);
      resolve(called);
      asked.destroy();
    };
    asked.on('error', (cause) => end(outcomeOf(cause)));
    asked.end();
  });
}

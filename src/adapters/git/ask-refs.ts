import { isSha, type Sha } from '../../model/sha.ts';
import { basicAuthorization } from './git-environment.ts';

/** Whom to ask. */
export interface RefsAddress {
  readonly url: URL;
  readonly token: string | null;
  readonly timeoutMs: number;
}

const maxBytes = 32 * 2 ** 20;
const longestMs = 30_000;

/**
 * The refs of a remote whose names begin with one of these prefixes, by one request of the second version of git's
 * protocol (gitprotocol-v2, ls-refs), without a process and over a connection that stays open. Null: it was not
 * answered so, for whatever reason; git itself is to ask then, and to say why.
 */
export async function askRefs(remote: RefsAddress, prefixes: readonly string[]): Promise<Map<string, Sha> | null> {
  try {
    const answer = await fetch(`${remote.url.href}/git-upload-pack`, {
      method: 'POST',
      headers: {
        ...(remote.token === null ? {} : { Authorization: basicAuthorization(remote.token) }),
        // Some servers tell git from browsers by this alone.
        'User-Agent': 'git/sluice',
        'Git-Protocol': 'version=2',
        'Content-Type': 'application/x-git-upload-pack-request',
        Accept: 'application/x-git-upload-pack-result',
      },
      body: question(prefixes),
      // No other host gets the token (attack A18).
      redirect: 'manual',
      signal: AbortSignal.timeout(Math.min(remote.timeoutMs, longestMs)),
    });
    const isOurs = answer.headers.get('content-type') === 'application/x-git-upload-pack-result';
    if (answer.status !== 200 || !isOurs || answer.body === null) {
      await answer.body?.cancel();
      return null;
    }
    return readRefs(await bytesOf(answer.body));
  } catch {
    // The connection broke, or what came was too much or too late.
    return null;
  }
}

function question(prefixes: readonly string[]): string {
  const wanted = prefixes.map((prefix) => packet(`ref-prefix ${prefix}\n`)).join('');
  return `${packet('command=ls-refs\n')}${packet('object-format=sha1')}0001${packet('peel\n')}${wanted}0000`;
}

function packet(line: string): string {
  const bytes = Buffer.byteLength(line) + 4;
  return `${bytes.toString(16).padStart(4, '0')}${line}`;
}

async function bytesOf(body: ReadableStream<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > maxBytes) throw new RangeError(`more than ${maxBytes} bytes of refs`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Null where it is no list, or does not come to its end. */
function readRefs(answer: Buffer): Map<string, Sha> | null {
  const found = new Map<string, Sha>();
  for (let at = 0; at + 4 <= answer.length; ) {
    const length = Number.parseInt(answer.toString('latin1', at, at + 4), 16);
    if (length === 0) return at + 4 === answer.length ? found : null;
    if (!(length > 4) || at + length > answer.length) return null;
    const [id = '', name = '', ...more] = answer
      .toString('utf8', at + 4, at + length)
      .trimEnd()
      .split(' ');
    if (!isSha(id) || name === '') return null;
    found.set(name, id);
    // As git lists a tag that is an object of its own.
    const peeled = more.find((word) => word.startsWith('peeled:'))?.slice('peeled:'.length);
    if (peeled !== undefined && isSha(peeled)) found.set(`${name}^{}`, peeled);
    at += length;
  }
  return null;
}

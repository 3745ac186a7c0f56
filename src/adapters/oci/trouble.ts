import { RegistryTrouble, type RegistryTroubleKind } from '../../model/registry.ts';
import type { HttpAnswer } from './http.ts';

/** What a registry says of its "no". */
export interface RegistryWords {
  readonly status: number;
  /** Codes such as `MANIFEST_UNKNOWN`. */
  readonly codes: readonly string[];
  /** For people; without secrets, cut. */
  readonly text: string;
}

/** Keeps what the registry said, for those who decide by it. */
export class RegistryRefusal extends RegistryTrouble {
  readonly words: RegistryWords;

  constructor(kind: RegistryTroubleKind, because: string, retryAfterMs: number | null, words: RegistryWords) {
    super(kind, because, retryAfterMs);
    this.words = words;
  }
}

const mostWords = 16 * 1024;

/** Reads an answer that was not hoped for to its end, or as far as is wise. `what`: `to do this to that`. */
export async function refusalOf(
  answer: HttpAnswer,
  what: string,
  secrets: readonly string[],
  now: number,
): Promise<RegistryRefusal> {
  const words = toWords(answer.status, await readSome(answer), secrets);
  const retryAfterMs = readRetryAfter(answer.headers['retry-after'], now);
  return new RegistryRefusal(kindOf(words), `${what}: the registry said ${words.text}`, retryAfterMs, words);
}

/** Milliseconds from now, of a number of seconds or a date; null: neither. */
export function readRetryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  const at = /^\s*\d+\s*$/.test(header) ? now + Number(header) * 1000 : Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

function kindOf({ status, codes }: RegistryWords): RegistryTroubleKind {
  if (status === 401 || status === 403) return 'denied';
  if (status === 404 || status === 410) return 'absent';
  if (codes.includes('DIGEST_INVALID')) return 'corrupt';
  if (status === 408 || status === 429 || codes.includes('TOOMANYREQUESTS')) return 'away';
  return status >= 500 && status !== 501 && status !== 505 ? 'away' : 'refused';
}

async function readSome({ body }: HttpAnswer): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
      if (size >= mostWords) break;
    }
  } catch {
    // The status says enough.
  }
  body.destroy();
  return Buffer.concat(pieces).subarray(0, mostWords).toString();
}

function toWords(status: number, body: string, secrets: readonly string[]): RegistryWords {
  const errors = errorsIn(body);
  const said = errors.length > 0 ? errors.map(({ code, message }) => [code, message].filter(Boolean).join(': ')) : [];
  const text = hide(said.join('; '), secrets)
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .slice(0, 300);
  return { status, codes: errors.map(({ code }) => code), text: text === '' ? `${status}` : `${status} (${text})` };
}

function errorsIn(body: string): { code: string; message: string }[] {
  try {
    const parsed = JSON.parse(body) as Record<string, unknown>;
    const errors = Array.isArray(parsed.errors) ? parsed.errors : [parsed];
    return errors.slice(0, 5).map((error: Record<string, unknown>) => ({
      code: textOf(error.code),
      message: textOf(error.message ?? error.detail ?? error.details ?? error.error),
    }));
  } catch {
    // A proxy's page, or nothing.
    return [];
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function hide(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret.length > 2).reduce((left, secret) => left.replaceAll(secret, '***'), text);
}

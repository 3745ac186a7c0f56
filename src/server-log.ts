import pino from 'pino';
import type { Log } from './ports/log.ts';

/** What must never stand in a log, wherever it came from: GitHub's tokens, keys, and credentials in URLs and headers. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/\b(?:gh[pousr]_[A-Za-z0-9_]{10,}|github_pat_[A-Za-z0-9_]{10,})/g, '***'],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g, '***'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----/gs, '***'],
  [/\b((?:basic|bearer|token) )[A-Za-z0-9+/=._-]{16,}/gi, '$1***'],
  [/(:\/\/[^/\s:@"]*:)[^/\s@"]+@/g, '$1***@'],
  [/([?&]key=)[A-Za-z0-9_-]{16,}/g, '$1***'],
  // A registry's, as in a file of docker, however often it was made a text in JSON.
  [/(\\*"(?:auth|identitytoken|registrytoken|password)\\*"\s*:\s*\\*")[^"\\]+/g, '$1***'],
  [/(\bx-access-token:)[^@\s"\\]+/g, '$1***'],
];

function mask(line: string): string {
  return secrets.reduce((text, [pattern, instead]) => text.replace(pattern, instead), line);
}

const hidden = ['token', 'password', 'authorization', 'privateKey', 'webhookSecret', 'secret', 'logKey', 'ledgerKey'];

/** Only these of an error: others carry the request, its answer, or the command with the password in it. */
function tellError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const isLast = cause === undefined || depth === deepestCause;
  return { type: name, message, stack, ...(isLast ? {} : { cause: tellError(cause, depth + 1) }) };
}

/** A cause may lead back to its error. */
const deepestCause = 5;

/** As it stands in a line of JSON, also where a text inside is JSON again. */
function formsOf(secret: string): readonly string[] {
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  return [inJson(inJson(secret)), inJson(secret), secret];
}

/** What JSON lets stand in a text and a terminal obeys: eight-bit controls, line separators, turns of the direction. */
function escapeControls(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** One JSON object per line; `known` secrets are masked besides what looks like one. */
export function createServerLog(level: string, known: readonly string[], write: (line: string) => void): Log {
  const forms = known.filter((secret) => secret.length >= 8).flatMap(formsOf);
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => tellError(error), error: (error: unknown) => tellError(error) },
    redact: { paths: hidden.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '***' },
  };
  return pino(options, {
    write: (line: string) => {
      const masked = mask(forms.reduce((text, secret) => text.replaceAll(secret, '***'), line));
      write(escapeControls(masked));
    },
  });
}

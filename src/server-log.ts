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
];

function mask(line: string): string {
  return secrets.reduce((text, [pattern, instead]) => text.replace(pattern, instead), line);
}

const hidden = ['token', 'password', 'authorization', 'privateKey', 'webhookSecret', 'secret', 'logKey'];

/** One JSON object per line; `known` secrets are masked besides what looks like one. */
export function createServerLog(level: string, known: readonly string[], write: (line: string) => void): Log {
  const known_ = known.filter((secret) => secret.length >= 8);
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: hidden.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '***' },
  };
  return pino(options, {
    write: (line: string) => write(mask(known_.reduce((text, secret) => text.replaceAll(secret, '***'), line))),
  });
}

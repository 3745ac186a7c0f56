import { InvalidArgumentError, Option } from 'commander';
import type { ExecutorChoice } from './deps.ts';

/** A TCP port; 0 takes a free one. */
export function toPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('A port is a number from 0 (a free one) to 65535.');
  return port;
}

export function toPullRequestNumber(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('A pull request is named by its number, as 12.');
  return Number(text);
}

/** `owner/name` of a repository. */
export function toRepository(text: string): string {
  if (!/^[\w.-]+\/[\w.-]+$/.test(text)) throw new InvalidArgumentError('A repository is named as owner/name.');
  return text;
}

/** `--repository`, for what several repositories may have. */
export function repositoryOption(): Option {
  return new Option('--repository <owner/name>', 'where several have it').argParser(toRepository);
}

const spans: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time, or a span back from `now`, in ms since the epoch. */
export function toTime(text: string, now: number): number {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const time = count === undefined ? Date.parse(text) : now - Number(count) * (spans[unit] ?? Number.NaN);
  if (/^(?:\d{4}-\d\d-\d\d|\d{1,6}[mhd]$)/.test(text) && Number.isFinite(time)) return time;
  throw new InvalidArgumentError('A time is 2026-11-28, 2026-11-28T13:00Z, or a span back from now: 30m, 12h, 7d.');
}

/** An http or https URL without query, as text without a slash at the end. */
export function toBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.username !== '')
    throw new InvalidArgumentError('It must be a URL like https://sluice.example.org.');
  return url.href.replace(/\/+$/, '');
}

/** `--executor`, for every verb that builds. `try` builds a working tree, which only this machine has. */
export function executorOption(where: 'anywhere' | 'here'): Option {
  const local: readonly ExecutorChoice[] = ['podman', 'process'];
  const choices: readonly ExecutorChoice[] = where === 'anywhere' ? ['kubernetes', ...local] : local;
  return new Option('--executor <kind>', 'where builds happen (default: the best that is present)').choices(choices);
}

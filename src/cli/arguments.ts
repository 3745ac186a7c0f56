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

import type { Command } from 'commander';
import { repositoryOption, toTime } from './arguments.ts';
import type { CliDeps } from './deps.ts';
import { exitCodes } from './exit-codes.ts';
import type { AddVerb } from './program.ts';
import type { Audit, AuditWish } from './queue-view.ts';

/** What a verb that reads ledgers is given on the command line. */
export type LedgerOptions = Partial<AuditWish> & { readonly json?: true };

/** Adds to a verb of whose ledgers it tells, and since when. */
export function withLedgerOptions(verb: Command, { io }: Pick<CliDeps, 'io'>): Command {
  return verb
    .option('--branch <name>', 'only of this base branch')
    .addOption(repositoryOption())
    .option('--since <time>', 'a time as 2026-11-28 or 2026-11-28T13:00Z, or a span as 30m, 12h, 7d', (text: string) =>
      toTime(text, io.now()),
    );
}

/** All that is asked for where an option is left out. */
export function ledgerWish({ repository = null, branch = null, since = null }: LedgerOptions): AuditWish {
  return { repository, branch, since };
}

/** Names the ledgers that were not read, and what is missing for it: what is not whole must not pass for whole. */
export function tellUnread(
  { io }: Pick<CliDeps, 'io'>,
  end: Parameters<AddVerb>[2],
  unread: Audit['unread'],
  missing: string,
): void {
  for (const { repository, branch, because } of unread)
    io.err(`The ledger of ${repository} ${branch} was not read, ${missing} is missing: ${because}\n`);
  if (unread.length > 0) end(exitCodes.failed);
}

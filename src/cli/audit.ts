import { type LedgerOptions, ledgerWish, tellUnread, withLedgerOptions } from './ledger-options.ts';
import type { AddVerb } from './program.ts';
import type { AuditLine } from './queue-view.ts';
import { formatTable, formatTime } from './table.ts';

const help = `
What landed, and who froze and thawed, is read from the signed ledger of each branch. Who asked, took out and overrode
is read from the server's own history, which keeps the newest 200 decisions of a queue.

Examples:
  sluice audit --since 7d
  sluice audit --branch main --since 2026-11-01 --json`;

export const addAudit: AddVerb = (program, deps, end) => {
  withLedgerOptions(
    program
      .command('audit')
      .description('tell who asked, took out, overrode, froze and thawed, and what landed; oldest first'),
    deps,
  )
    .option('--json', 'print {"lines": […], "unread": […]}')
    .addHelpText('after', help)
    .action(async ({ json, ...options }: LedgerOptions) => {
      const audit = await deps.audit(ledgerWish(options));
      if (json) deps.io.out(`${JSON.stringify(audit, null, 2)}\n`);
      else if (audit.lines.length === 0) deps.io.out('Nothing is known of that time.\n');
      else
        deps.io.out(
          formatTable(
            ['when', 'repository', 'branch', 'who', 'what', 'change', 'commit', 'detail'],
            audit.lines.map(toRow),
          ),
        );
      tellUnread(deps, end, audit.unread, 'what landed there');
    });
};

function toRow({ at, repository, branch, who, what, number, commit, detail }: AuditLine): readonly string[] {
  const change = number === null ? '–' : `#${number}`;
  return [formatTime(at), repository, branch, who ?? 'Sluice', what, change, commit?.slice(0, 12) ?? '–', detail];
}

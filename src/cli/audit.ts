import { repositoryOption, toTime } from './arguments.ts';
import { exitCodes } from './exit-codes.ts';
import type { AddVerb } from './program.ts';
import type { AuditLine } from './queue-view.ts';
import { formatTable, formatTime } from './table.ts';

interface Options {
  readonly json?: true;
  readonly repository?: string | null;
  readonly branch?: string | null;
  readonly since?: number | null;
}

const help = `
What landed, and who froze and thawed, is read from the signed ledger of each branch. Who asked, took out and overrode
is read from the server's own history, which keeps the newest 200 decisions of a queue.

Examples:
  sluice audit --since 7d
  sluice audit --branch main --since 2026-11-01 --json`;

export const addAudit: AddVerb = (program, deps, end) => {
  program
    .command('audit')
    .description('tell who asked, took out, overrode, froze and thawed, and what landed; oldest first')
    .option('--branch <name>', 'only of this base branch')
    .addOption(repositoryOption())
    .option('--since <time>', 'a time as 2026-11-28 or 2026-11-28T13:00Z, or a span as 30m, 12h, 7d', (text: string) =>
      toTime(text, deps.io.now()),
    )
    .option('--json', 'print {"lines": […], "unread": […]}')
    .addHelpText('after', help)
    .action(async ({ json, repository = null, branch = null, since = null }: Options) => {
      const audit = await deps.audit({ repository, branch, since });
      if (json) deps.io.out(`${JSON.stringify(audit, null, 2)}\n`);
      else if (audit.lines.length === 0) deps.io.out('Nothing is known of that time.\n');
      else
        deps.io.out(
          formatTable(
            ['when', 'repository', 'branch', 'who', 'what', 'change', 'commit', 'detail'],
            audit.lines.map(toRow),
          ),
        );
      for (const { repository: name, branch: of, because } of audit.unread)
        deps.io.err(`The ledger of ${name} ${of} was not read, what landed there is missing: ${because}\n`);
      // An audit that is not whole must not pass for one.
      if (audit.unread.length > 0) end(exitCodes.failed);
    });
};

function toRow({ at, repository, branch, who, what, number, commit, detail }: AuditLine): readonly string[] {
  const change = number === null ? '–' : `#${number}`;
  return [formatTime(at), repository, branch, who ?? 'Sluice', what, change, commit?.slice(0, 12) ?? '–', detail];
}

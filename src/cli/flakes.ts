import { type LedgerOptions, ledgerWish, tellUnread, withLedgerOptions } from './ledger-options.ts';
import type { AddVerb } from './program.ts';
import type { FlakesView } from './queue-view.ts';
import { formatTable, formatTime } from './table.ts';

const help = `
A flake is a job that failed and then passed on the very same tree, on its way to a landing: the gate tries again what failed by
itself where candidates are built best first (gate: { scheduler: best-first }). It is kept in the signed ledger of the branch.

Examples:
  sluice flakes --since 7d
  sluice flakes --repository acme/api --branch main --json`;

export const addFlakes: AddVerb = (program, deps, end) => {
  withLedgerOptions(
    program
      .command('flakes')
      .description('list the jobs that fail for no reason, the worst first, with their evidence'),
    deps,
  )
    .option('--json', 'print {"jobs": […], "unread": […]}')
    .addHelpText('after', help)
    .action(async ({ json, ...options }: LedgerOptions) => {
      const flakes = await deps.flakes(ledgerWish(options));
      if (json) deps.io.out(`${JSON.stringify(flakes, null, 2)}\n`);
      else if (flakes.jobs.length === 0) deps.io.out('No job is known to have flaked in that time.\n');
      else
        deps.io.out(
          formatTable(['job', 'repository', 'branch', 'flaked', 'rate', 'last', 'evidence'], flakes.jobs.map(toRow)),
        );
      tellUnread(deps, end, flakes.unread, 'what flaked there');
    });
};

function toRow({ job, repository, branch, flaked, passed, rate, evidence }: FlakesView['jobs'][number]) {
  const [last] = evidence;
  const where = evidence.map(({ number, commit }) => `#${number} (${commit.slice(0, 12)})`).join(', ');
  const share = `${(100 * rate).toFixed(1)} %`;
  return [
    job,
    repository,
    branch,
    `${flaked} of ${flaked + passed} runs`,
    share,
    last ? formatTime(last.at) : '–',
    where,
  ];
}

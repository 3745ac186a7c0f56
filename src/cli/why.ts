import { printable } from '../config/problems/finding.ts';
import { repositoryOption, toPullRequestNumber } from './arguments.ts';
import type { AddVerb } from './program.ts';
import type { ChangeView, HistoryLine } from './queue-view.ts';
import { formatSpan, formatTable, formatTime } from './table.ts';

interface Options {
  readonly json?: true;
  readonly repository?: string | null;
}

export const addWhy: AddVerb = (program, deps) => {
  program
    .command('why')
    .argument('<number>', 'of the pull request', toPullRequestNumber)
    .description('tell why each job of a pull request ran, was skipped or waits, and why it is not landed yet')
    .addOption(repositoryOption())
    .option('--json', 'print {"change": {…}}')
    .addHelpText('after', '\nExample:\n  sluice why 12 --repository acme/api')
    .action(async (number: number, { json, repository = null }: Options) => {
      const change = await deps.why(number, repository);
      deps.io.out(json ? `${JSON.stringify({ change }, null, 2)}\n` : explained(change, deps.io.now()));
    });
};

function headOf({ repository, number, pull, told }: ChangeView): readonly string[] {
  const name = `${repository}#${number}`;
  if (pull === null) return [`${name}: the pull request was not read yet, or is gone`];
  const { title, author, state, draft, head, branch } = pull;
  return [
    `${name} "${title}" by ${author}: ${draft ? 'draft, ' : ''}${state}, ${head.slice(0, 12)} to ${branch}`,
    ...(told === null ? [] : [`sluice says: ${told}`]),
  ];
}

function jobsOf(jobs: ChangeView['jobs'], now: number): string {
  if (jobs.length === 0) return 'No job was decided for this head.\n';
  const rows = jobs.map(({ job, required, state, since, because }) => [
    required ? job : `${job} (optional)`,
    state,
    since === null ? '–' : `${formatSpan(now - since)} ago`,
    because,
  ]);
  return formatTable(['job', 'state', 'since', 'why'], rows);
}

function queueOf({ branch, says, frozen, change }: ChangeView['queue'], now: number): string {
  const lines = [
    `Queue of ${branch}: ${says}`,
    ...(frozen === null ? [] : [`  The queue is frozen and lands nothing: ${frozen}`]),
    ...(change?.missing ?? []).map((point) => `  · ${point}`),
    ...(change?.eta ? [`  · ${change.eta}`] : []),
  ];
  const jobs = change && change.jobs.length > 0 ? jobsOf(change.jobs, now) : '';
  return `${lines.map(printable).join('\n')}\n${jobs}`;
}

function historyRows({ at, of, reasons, effects }: HistoryLine): readonly (readonly string[])[] {
  const lines = [...reasons, ...effects.map((effect) => `→ ${effect}`)];
  return lines.map((line, index) => (index === 0 ? [formatTime(at), of, line] : ['', '', line]));
}

function explained(change: ChangeView, now: number): string {
  const { jobs, queue, history } = change;
  const told = formatTable(['when', 'of', 'what and why'], history.flatMap(historyRows));
  const past = history.length === 0 ? 'Nothing was decided about it yet.\n' : told;
  return `${headOf(change).map(printable).join('\n')}\n\n${jobsOf(jobs, now)}\n${queueOf(queue, now)}\n${past}`;
}

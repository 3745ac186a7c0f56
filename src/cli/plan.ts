import { toPullRequestNumber } from './arguments.ts';
import type { Plan, PlanDecision, PlanSource } from './deps.ts';
import { cliError } from './exit-codes.ts';
import type { AddVerb } from './program.ts';
import { readNamedFile } from './read-file.ts';
import { formatTable } from './table.ts';

interface PlanOptions {
  readonly event?: string;
  readonly payload?: string;
  readonly pr?: number;
  readonly repo: string;
  readonly json?: true;
}

export const addPlan: AddVerb = (program, deps) => {
  program
    .command('plan')
    .description('show what would run, what would not, and why; nothing is started')
    .option('--event <name>', 'plan for this webhook event, as pull_request')
    .option('--payload <file>', 'its payload, as GitHub delivers it')
    .option('--pr <number>', 'plan for this pull request as it is now', toPullRequestNumber)
    .option('--repo <folder>', 'clone to plan for', '.')
    .option('--json', 'print {"decisions": [{"pipeline", "job", "decision", "reason"}]}')
    .action(async (options: PlanOptions) => {
      const plan = await deps.plan(options.repo, await readSource(options));
      deps.io.out(options.json ? `${JSON.stringify({ decisions: plan.decisions }, null, 2)}\n` : describe(plan));
      for (const note of plan.notes) deps.io.err(`${note}\n`);
    });
};

async function readSource({ event, payload, pr }: PlanOptions): Promise<PlanSource> {
  if (pr !== undefined && event === undefined && payload === undefined) return { kind: 'pull-request', number: pr };
  if (pr !== undefined || event === undefined || payload === undefined)
    throw cliError('usage', 'say for what to plan: either --pr NUMBER, or --event NAME and --payload FILE');
  const content = await readNamedFile(payload);
  try {
    return { kind: 'event', name: event, payload: JSON.parse(String(content)) };
  } catch (cause) {
    throw cliError('usage', `${payload} is not JSON: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
}

function describe({ decisions }: Plan): string {
  if (decisions.length === 0) return 'Nothing would happen.\n';
  const row = ({ decision, pipeline, job, reason }: PlanDecision) => [decision, pipeline, job, reason];
  return formatTable(['decision', 'pipeline', 'job', 'reason'], decisions.map(row));
}

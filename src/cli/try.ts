import { executorOption } from './arguments.ts';
import type { ExecutorChoice, TriedBuild } from './deps.ts';
import { exitCodes } from './exit-codes.ts';
import type { AddVerb } from './program.ts';
import { formatSpan } from './table.ts';

interface TryOptions {
  readonly repo: string;
  readonly executor?: ExecutorChoice;
}

export const addTry: AddVerb = (program, deps, end) => {
  program
    .command('try')
    .description('build the working tree here and now; needs no server and no token')
    .argument('[job]', 'one job (default: every job that applies to a pull request)')
    .option('--repo <folder>', 'working tree to build', '.')
    .addOption(executorOption('here'))
    .action(async (job: string | undefined, { repo, executor }: TryOptions) => {
      const tried = await deps.tryJob(repo, job ?? null, executor ?? null, deps.io.out);
      for (const build of tried) deps.io.out(describe(build));
      if (tried.length === 0) deps.io.out('No job applies to this working tree; "sluice plan" says why.\n');
      if (tried.some(({ result }) => result !== 'success')) end(exitCodes.failed);
    });
};

function describe({ job, result, because, milliseconds, image }: TriedBuild): string {
  const sign = result === 'success' ? '✓' : '✗';
  const made = image === null ? '' : ` ${image.digest}, ${image.layers} layers, ${megabytes(image.bytes)} MB`;
  return `${sign} ${job}: ${result} in ${formatSpan(milliseconds)}${made} (${because})\n`;
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}

import type { BuildLine } from './deps.ts';
import type { AddVerb } from './program.ts';
import { formatSpan, formatTable } from './table.ts';

interface BuildsOptions {
  readonly json?: true;
  readonly all?: true;
}

export const addBuilds: AddVerb = (program, deps) => {
  program
    .command('builds')
    .description('show what waits (and how many are ahead), what is being built, what ended, and why')
    .option('--all', 'also what has ended')
    .option('--json', 'print {"builds": […]}')
    .action(async (options: BuildsOptions) => {
      const builds = await deps.builds(options.all === true);
      const now = deps.io.now();
      if (options.json) deps.io.out(`${JSON.stringify({ builds }, null, 2)}\n`);
      else if (builds.length === 0) deps.io.out('Nothing waits and nothing is being built.\n');
      else
        deps.io.out(
          formatTable(
            ['state', 'change', 'job', 'since', 'why', 'build'],
            builds.map((line) => toRow(line, now)),
          ),
        );
    });
};

function toRow({ build, change, job, state, because }: BuildLine, now: number): readonly string[] {
  const [what, since] = describe(state);
  return [what, change, job, `${formatSpan(now - since)} ago`, because, build];
}

function describe(state: BuildLine['state']): readonly [string, number] {
  if (state.kind === 'waiting') return [`waiting, ${state.ahead} ahead`, state.since];
  return state.kind === 'running' ? ['running', state.since] : [state.result, state.at];
}

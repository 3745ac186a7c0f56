import { Option } from 'commander';
import { executorOption } from './arguments.ts';
import type { ExecutorChoice } from './deps.ts';
import { exitCodes } from './exit-codes.ts';
import type { AddVerb } from './program.ts';

interface DemoFlags {
  readonly keep?: true;
  readonly executor?: ExecutorChoice;
}

export const addDemo: AddVerb = (program, deps, end) => {
  program
    .command('demo')
    .description('play the life of a change on this machine, with real commits and real image builds')
    .addOption(new Option('--once', 'play, stop everything and exit: 0 exactly if every step held').conflicts('keep'))
    .option('--keep', 'afterwards leave everything there to look at, until Ctrl-C')
    .addOption(executorOption('anywhere'))
    .action(async ({ keep, executor }: DemoFlags) => {
      const held = await deps.demo({ mode: keep ? 'keep' : 'once', executor: executor ?? null });
      if (!held) end(exitCodes.failed);
    });
};

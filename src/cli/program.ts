import { Command, CommanderError } from 'commander';
import { addAudit } from './audit.ts';
import { addBuilds } from './builds.ts';
import { addCheck } from './check.ts';
import { addDemo } from './demo.ts';
import type { CliDeps } from './deps.ts';
import { addDevGithub } from './dev-github.ts';
import { type ExitCode, exitCodeHelp, exitCodes, isCliError } from './exit-codes.ts';
import { addExplain } from './explain.ts';
import { addFlakes } from './flakes.ts';
import { addImport } from './import.ts';
import { addPlan } from './plan.ts';
import { addQueue } from './queue.ts';
import { addRender } from './render.ts';
import { addServe } from './serve.ts';
import { addSetup } from './setup.ts';
import { addSimulate } from './simulate.ts';
import { addTry } from './try.ts';
import { addWhy } from './why.ts';

/** Adds one verb; `end` tells with which code the process ends when it is not 0. */
export type AddVerb = (program: Command, deps: CliDeps, end: (code: ExitCode) => void) => void;

const verbs: readonly AddVerb[] = [
  addSetup,
  addServe,
  addCheck,
  addImport,
  addPlan,
  addExplain,
  addRender,
  addTry,
  addBuilds,
  addQueue,
  addWhy,
  addAudit,
  addFlakes,
  addSimulate,
  addDevGithub,
  addDemo,
];

/** The whole command line. It throws CommanderError and errors of `deps`; `runProgram` turns them into exit codes. */
export function createProgram(deps: CliDeps, end: (code: ExitCode) => void): Command {
  const program = new Command('sluice')
    .description('Guards the way of a change into main and of an image into a registry.')
    .version(deps.version)
    .option('--debug', 'show stack traces of errors')
    .addHelpText('after', exitCodeHelp)
    .exitOverride()
    .configureOutput({ writeOut: deps.io.out, writeErr: deps.io.err })
    .showSuggestionAfterError()
    .showHelpAfterError('(sluice --help shows what there is)');
  for (const add of verbs) add(program, deps, end);
  return program;
}

/** Runs one command line, without the program's name in it, and gives the exit code. Never throws. */
export async function runProgram(deps: CliDeps, words: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.fine;
  const program = createProgram(deps, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync([...words], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.fine : exitCodes.usage;
    tellPeople(deps, error, program.opts().debug === true);
    return isCliError(error) ? exitCodes[error.kind] : exitCodes.failed;
  }
}

function tellPeople({ io }: CliDeps, error: unknown, debug: boolean): void {
  const message = error instanceof Error ? error.message : String(error);
  io.err(`sluice: ${message}\n`);
  if (debug && error instanceof Error) io.err(`${error.stack ?? ''}\n${causesOf(error)}`);
  else if (!isCliError(error)) io.err('This was not foreseen; --debug shows where it happened.\n');
}

function causesOf(error: Error): string {
  const { cause } = error;
  if (cause === undefined) return '';
  return cause instanceof Error
    ? `because: ${cause.stack ?? cause.message}\n${causesOf(cause)}`
    : `because: ${String(cause)}\n`;
}

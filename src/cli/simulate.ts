import { writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { printable } from '../config/problems/finding.ts';
import type { Arrival } from '../core/simulate/arrival.ts';
import { type Regime, regimes } from '../core/simulate/regimes.ts';
import type { Simulation, SimulationWish } from '../core/simulate/simulate.ts';
import type { CliDeps } from './deps.ts';
import { cliError } from './exit-codes.ts';
import type { AddVerb } from './program.ts';
import { readNamedFile } from './read-file.ts';
import { playOptions, type SeriesOptions, wantsSeries } from './simulate-series.ts';

interface Options extends SeriesOptions {
  readonly rate: number;
  readonly slots: number;
  readonly fail: number;
  readonly flake: number;
  readonly conflict: number;
  readonly modules: number;
  readonly hours: number;
  readonly arrivals?: string;
  readonly record?: string;
  readonly branch?: string;
}

/** What a list of arrivals says itself. */
const ofGenerated = ['rate', 'fail', 'conflict', 'modules', 'hours'] as const;
const mostChanges = 20_000;
const shownProblems = 20;

const help = `
An arrivals file has one JSON object in each line, for one change:
  {"id": "a1", "atMinute": 0, "buildMinutes": 30, "modules": ["api"], "failsAlone": false, "prior": 0.95, "conflictsWith": []}
id, atMinute and buildMinutes must be there; prior is what a policy believes the change to pass with.

Regimes:
${regimes.map(({ name, about }) => `  ${name.padEnd(10)}  ${about}`).join('\n')}

Examples:
  sluice simulate
  sluice simulate --regime coupled --seeds 5
  sluice simulate --regimes all --seed 101 --seeds 20 --keep runs.jsonl
  sluice simulate --ablation --regimes plain,scarce --seeds 10
  sluice simulate --rate 30 --slots 40 --fail 0.2 --svg queue.svg
  sluice simulate --record acme/api > last-week.jsonl
  sluice simulate --arrivals last-week.jsonl --slots 12 --json`;

/** What a reader must know before he believes the table. */
const notes = `What this leaves out, so read it as a comparison and not as a forecast:
  · One run of one seed: try --seeds 20 before you trust a small difference.
  · "sluice" is the product's own gate, pass by pass, with changes behind its window told to it when the window reaches them.
    "best-first" is the product's scheduler beyond the window, alone. A queue with \`gate.scheduler: best-first\` lands a candidate
    whole or not at all: on whole trees as "best-first-whole", with \`batches: true\` as "best-first-batches", with \`lanes: closure\`
    as "best-first-lanes" (each module is read by one job, which runs for what changes it).
    The others are models made from their documentation, not their code; where that can be read in two ways, both are here.
  · A change has one job and takes one slot. A build of one change on others takes as long as that change alone does, for every policy.
    Merging, starting, stopping and landing take no time; nothing breaks but builds.
  · A broken build always fails, and conflicts are known only by building; changes that share no module never conflict.
  · Who still waits at the end counts as if it landed then, in the curves too. Builds that were cancelled count as builds, with their minutes.
  · "wrongly rejected" and "red main" count changes and landings of the whole run, judged by the truth that the policies do not see.
`;

function within(low: number, high: number, whole: boolean, what: string): (text: string) => number {
  return (text) => {
    const value = /^(\d+\.?|\d*\.\d+)$/.test(text) ? Number(text) : Number.NaN;
    if (value >= low && value <= high && (!whole || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`It must be ${what} from ${low} to ${high}.`);
  };
}

function regimesNamed(text: string): readonly Regime[] {
  if (text === 'all') return regimes;
  return text.split(',').map((name) => {
    const found = regimes.find((regime) => regime.name === name);
    if (found) return found;
    throw new InvalidArgumentError(
      `There is no regime ${name}; there are ${regimes.map((one) => one.name).join(', ')}.`,
    );
  });
}

const share = (most: number) => within(0, most, false, 'a probability');
const count = (most: number) => within(1, most, true, 'a whole number');

export const addSimulate: AddVerb = (program, deps) => {
  program
    .command('simulate')
    .description('try the gate and other merge queues on the same made-up or recorded arrivals, and compare them')
    .option('--rate <changes>', 'that arrive in an hour', within(0.1, 1_000, false, 'a number'), 10)
    .option('--slots <builds>', 'that run at once', count(5_000), 60)
    .option('--fail <share>', 'of changes that fail by themselves', share(0.9), 0.05)
    .option('--flake <share>', 'of builds that fail for no reason', share(0.9), 0.01)
    .option('--conflict <share>', 'of pairs with a module in common that fail together', share(1), 0.035)
    .option('--modules <count>', 'that the project has', count(10_000), 30)
    .option('--seed <number>', 'another one gives other arrivals', within(0, 2 ** 31, true, 'a whole number'), 1)
    .option('--hours <hours>', 'that are counted, after 6 of warm-up and before 24 of drain', count(1_000), 24)
    .option('--arrivals <file>', 'replay these changes instead of made-up ones')
    .option('--record <repository>', 'instead: print what arrived at the queue of this repository, for --arrivals')
    .option('--branch <name>', 'with --record: of this base branch')
    .option('--regime <name>', 'one of the loads that are listed below', regimesNamed)
    .option('--regimes <names>', 'several of them, with commas between, or all', regimesNamed)
    .option('--seeds <count>', 'so many seeds from --seed on: means, and where they lie', count(1_000))
    .option('--keep <file>', 'of regimes or seeds: runs are kept in it, and not played again')
    .option('--policies <names>', 'only these, with commas between')
    .option('--ablation', 'instead of other queues: best-first with each of its ideas switched off alone')
    .option('--robustness', 'instead of other queues: best-first that believes one thing wrongly by a factor of 3')
    .option('--svg <file>', 'write the curves into this file too')
    .option('--json', 'print {"policies": [{"name", "mergedPerHour", "p50Minutes", …}]}')
    .addHelpText('after', help)
    .action(async (options: Options, command: Command) => {
      if (options.record !== undefined) {
        await printRecorded(deps, options.record, options.branch ?? null);
        return;
      }
      if (wantsSeries(options)) {
        const isGiven = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
        deps.io.out(await playOptions(deps.io, options, isGiven, () => wishOf(options, command)));
        return;
      }
      const wish = await wishOf(options, command);
      const { simulate } = await import('../core/simulate/simulate.ts');
      const simulation = simulate(wish);
      if (options.svg !== undefined) await writePicture(options.svg, simulation);
      if (options.json) deps.io.out(`${JSON.stringify({ policies: figuresIn(simulation) }, null, 2)}\n`);
      else deps.io.out(await described(simulation, options));
    });
};

/** The list alone goes to where it can be kept; what it lacks is said beside it. */
async function printRecorded(deps: CliDeps, repository: string, branch: string | null): Promise<void> {
  const recorded = await deps.recordArrivals({ repository, branch });
  const { arrivals, leftOut, decisions } = recorded;
  for (const arrival of arrivals) deps.io.out(`${JSON.stringify(arrival)}\n`);
  const place = printable(`${recorded.repository} ${recorded.branch}`);
  deps.io.err(
    `${arrivals.length} changes of ${place}, from the newest ${decisions} decisions that the server keeps; ${leftOut} left out, as no build decided them. What each touches is not known: every one is tested on all others.\n`,
  );
}

async function wishOf(options: Options, command: Command): Promise<SimulationWish> {
  const { seed, slots, flake, arrivals, rate, fail, conflict, modules, hours } = options;
  if (arrivals !== undefined) {
    const idle = ofGenerated.find((name) => command.getOptionValueSource(name) === 'cli');
    if (idle !== undefined)
      throw cliError('usage', `--${idle} is of made-up changes, and --arrivals names a list of them: leave one out`);
    return { seed, slots, flake, arrivals: { kind: 'listed', list: await readList(arrivals) } };
  }
  if (rate * (hours + 6) > mostChanges)
    throw cliError(
      'usage',
      `${rate} changes an hour for ${hours} hours and 6 of warm-up are more than ${mostChanges}: ask for fewer --hours`,
    );
  return { seed, slots, flake, arrivals: { kind: 'generated', hours, settings: { rate, fail, conflict, modules } } };
}

async function readList(file: string): Promise<readonly Arrival[]> {
  const content = await readNamedFile(file);
  const { readArrivals } = await import('../core/simulate/read-arrivals.ts');
  const read = readArrivals(content?.toString('utf8') ?? '');
  if (read.kind === 'read') {
    if (read.arrivals.length <= mostChanges) return read.arrivals;
    throw cliError('usage', `${file} holds ${read.arrivals.length} changes; at most ${mostChanges} are replayed`);
  }
  const lines = read.problems
    .slice(0, shownProblems)
    .map(({ line, message }) => printable(`${file}:${line}: ${message}`));
  const more = read.problems.length - lines.length;
  throw cliError('usage', [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'));
}

async function writePicture(file: string, simulation: Simulation): Promise<void> {
  const { simulationSvg } = await import('./simulation-svg.ts');
  try {
    await writeFile(file, simulationSvg(simulation));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it could not be written';
    throw cliError('usage', `cannot write ${file}: ${code}; name a file in a folder that is there`, cause);
  }
}

function figuresIn({ results }: Simulation) {
  return results.map(({ figures }) => figures);
}

async function described(simulation: Simulation, { arrivals, svg, ...options }: Options): Promise<string> {
  const { figuresTable, queueCurves, turnaroundCurves } = await import('./draw-simulation.ts');
  const { changes, span, results } = simulation;
  const of = arrivals === undefined ? `seed ${options.seed}, ${options.rate} an hour` : printable(arrivals);
  const head = `${changes} changes (${of}), ${options.slots} slots; ${(span.to - span.from) / 60} h are counted.`;
  const width = Math.max(...results.map(({ figures }) => figures.name.length));
  const abouts = results.map(({ figures, about }) => `  ${figures.name.padEnd(width)} ${about}\n`).join('');
  return [
    `${head}\n`,
    figuresTable(simulation),
    abouts,
    turnaroundCurves(simulation),
    queueCurves(simulation),
    notes,
    ...(svg === undefined ? [] : [`The curves are in ${printable(svg)}.\n`]),
  ].join('\n');
}

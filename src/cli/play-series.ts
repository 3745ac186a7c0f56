import { createHash } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { Policy } from '../core/simulate/field.ts';
import type { PolicyFigures } from '../core/simulate/measure.ts';
import type { SimulationWish, Stage } from '../core/simulate/simulate.ts';
import type { PolicySummary } from '../core/simulate/summarise.ts';
import type { CliIo } from './deps.ts';
import { cliError } from './exit-codes.ts';
import { readNamedFile } from './read-file.ts';

/** The same load with several seeds. */
export interface Series {
  readonly name: string;
  readonly about: string;
  readonly wishes: readonly SimulationWish[];
  readonly policies: readonly Policy[];
}

export interface SeriesResult {
  readonly name: string;
  readonly about: string;
  readonly seeds: readonly number[];
  readonly policies: readonly PolicySummary[];
}

interface KeptRun {
  /** A hash of what was asked for. */
  readonly wish: string;
  readonly changes: number;
  readonly figures: PolicyFigures;
}

/** What was played before, by what was asked for and the name of the policy. */
type Kept = Map<string, KeptRun>;

function keyOf(wish: string, policy: string): string {
  return `${policy} ${wish}`;
}

function runIn(line: string): KeptRun | null {
  try {
    const run = JSON.parse(line) as Partial<KeptRun>;
    return typeof run.wish === 'string' && run.figures !== undefined ? (run as KeptRun) : null;
  } catch {
    return null;
  }
}

/** One run in each line, as this program appends them; one that was cut off is played again. */
async function readKept(file: string): Promise<Kept> {
  const text = (await readNamedFile(file, { mayBeMissing: true }))?.toString('utf8') ?? '';
  const kept: Kept = new Map();
  const lines = text.split('\n').filter((line) => line !== '');
  for (const [at, line] of lines.entries()) {
    const run = runIn(line);
    if (run !== null) kept.set(keyOf(run.wish, run.figures.name), run);
    else if (at === 0) throw cliError('usage', `${file} holds something else than kept runs: name another for --keep`);
  }
  // What comes next must not end up on the line that was cut off.
  if (text !== '' && !text.endsWith('\n')) await appendFile(file, '\n');
  return kept;
}

interface Playing {
  readonly io: CliIo;
  readonly kept: Kept;
  readonly file: string | null;
  readonly say: (words: string) => void;
}

/** Every policy on one wish; arrivals are only made where a run is not kept yet. */
async function playWish(playing: Playing, { name, policies }: Series, wish: SimulationWish) {
  const { io, kept, file, say } = playing;
  const { stageOf } = await import('../core/simulate/simulate.ts');
  const asked = createHash('sha256').update(JSON.stringify(wish)).digest('hex');
  let stage: Stage | null = null;
  const runs: KeptRun[] = [];
  for (const policy of policies) {
    const known = kept.get(keyOf(asked, policy.name));
    if (known === undefined) {
      say(`${name}, seed ${wish.seed}: ${policy.name}`);
      await letOthersRun();
      if (io.interrupted.aborted)
        throw cliError('failed', file === null ? 'interrupted' : `interrupted; the same command goes on from ${file}`);
      stage ??= stageOf(wish);
      const run = { wish: asked, changes: stage.changes, figures: stage.play(policy).figures };
      if (file !== null) await appendFile(file, `${JSON.stringify(run)}\n`);
      runs.push(run);
    } else runs.push(known);
  }
  return runs;
}

async function playAll(playing: Playing, all: readonly Series[]): Promise<readonly SeriesResult[]> {
  const { summarise } = await import('../core/simulate/summarise.ts');
  const results: SeriesResult[] = [];
  for (const series of all) {
    const { name, about, wishes } = series;
    const runs: KeptRun[] = [];
    for (const wish of wishes) runs.push(...(await playWish(playing, series, wish)));
    const policies = series.policies.map((policy) =>
      summarise(runs.filter(({ figures }) => figures.name === policy.name)),
    );
    results.push({ name, about, seeds: wishes.map(({ seed }) => seed), policies });
  }
  return results;
}

/**
 * Plays every policy of each series on every wish of it. On a terminal it shows where it is. `file` keeps what was played: a run that
 * is found there is not played again.
 */
export async function playSeries(
  io: CliIo,
  all: readonly Series[],
  file: string | null,
): Promise<readonly SeriesResult[]> {
  const kept = file === null ? new Map() : await readKept(file);
  const playing = { io, kept, file };
  if (!io.terminal) return playAll({ ...playing, say: () => undefined }, all);
  const { Listr } = await import('listr2');
  const told: { results?: readonly SeriesResult[] } = {};
  const task = {
    title: 'Simulating',
    task: async (context: typeof told, line: { title: string }): Promise<void> => {
      const say = (words: string): void => {
        line.title = words;
      };
      context.results = await playAll({ ...playing, say }, all);
    },
  };
  await new Listr([task], {
    ctx: told,
    registerSignalListeners: false,
    rendererOptions: { clearOutput: true, showErrorMessage: false },
  }).run();
  return told.results ?? [];
}

import { sleep } from './clock.ts';
import { commandJobFiles } from './command-job.ts';
import type { BenchOptions, Measurement } from './measurement.ts';
import type { Spread } from './percentiles.ts';
import { openPodScene, type PodScene } from './pod-scene.ts';
import { describeProfile } from './profile.ts';
import { prow, prowBurstPodsPerSecond } from './prow-figures.ts';
import { isOpening, type Load, type LoadFigures, measureLoad } from './pull-to-pod-load.ts';
import { inMs, listCounts, type Result, type Row, sumOf } from './result.ts';
import { startStage } from './stage.ts';

function loadsFor(options: BenchOptions): readonly Load[] {
  const { rates } = options;
  return allLoads(options).filter(({ rate, cold }) => cold || rates.length === 0 || rates.includes(String(rate)));
}

function allLoads({ quick }: BenchOptions): readonly Load[] {
  const limitMs = quick ? 5_000 : 120_000;
  const load = (rate: Load['rate'], count: number, heads: Load['heads'] = 'pushed'): Load => ({
    rate,
    count,
    heads,
    limitMs,
  });
  const cold = { ...load(1, 1), cold: true };
  if (quick) return [cold, load(1, 6), load(1, 3, 'fork'), load(5, 15), load(20, 40), load('burst', 50)];
  return [
    cold,
    load(1, 40),
    load(1, 20, 'fork'),
    load(5, 150),
    load(5, 50, 'fork'),
    load(20, 600),
    load(20, 200, 'fork'),
    load('burst', 500),
    load('burst', 200, 'fork'),
  ];
}

function nameOf({ rate, count, heads, cold }: Load): string {
  if (cold) return 'the first one after the start';
  const what = heads === 'fork' ? "forks' unseen heads" : 'pushed heads';
  return rate === 'burst' ? `burst of ${count}, ${what}` : `${rate}/s, ${what} (${count})`;
}

/** The steps by what they take, the slowest first, as `step (time)`. */
function slowestSteps({ path }: LoadFigures): string[] {
  const known = path.filter(({ spread }) => spread.count > 0);
  const sorted = known.sort((a, b) => b.spread.p50 - a.spread.p50);
  return sorted.map(({ step, spread }) => `"${step}" (${inMs(spread.p50)})`);
}

/** The steps that take most and how busy everything was: measured, not guessed. */
function limitOf(figures: LoadFigures): string {
  const [largest, next] = slowestSteps(figures);
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  const used = `event loop ${percent(figures.loop)}, machine ${percent(figures.busy)} busy`;
  return `${largest} of ${inMs(figures.fromSent.p50)}, then ${next}; ${used}`;
}

function rowOf(figures: LoadFigures): Row {
  const { load, fromSent, missing, podsPerSecond } = figures;
  const lost = missing > 0 ? `, ${missing} NOT THERE` : '';
  const spread = `p50 ${inMs(fromSent.p50)}, p95 ${inMs(fromSent.p95)}, p99 ${inMs(fromSent.p99)}, max ${inMs(fromSent.max)}`;
  const row = { name: nameOf(load), limit: limitOf(figures) };
  if (load.rate === 'burst') {
    const figure = `${podsPerSecond.toFixed(1)} pods/s; ${spread}${lost}`;
    return {
      ...row,
      figure,
      prow: `${prowBurstPodsPerSecond} pods/s`,
      ratio: podsPerSecond / prowBurstPodsPerSecond,
    };
  }
  const theirs = prow[load.rate];
  if (theirs === undefined || load.cold) return { ...row, figure: spread + lost };
  const said = `p50 ${inMs(theirs.p50)}${theirs.p95 === null ? '' : `, p95 ${inMs(theirs.p95)}`}`;
  return { ...row, figure: spread + lost, prow: said, ratio: theirs.p50 / fromSent.p50 };
}

function notesOf(figures: LoadFigures): string[] {
  const { load, path, forgeCalls, forgeAnswerMs, redisCommands, programs, processor, profile } = figures;
  const per = load.count;
  const each = (counts: Readonly<Record<string, number>>, most: number): string =>
    `${(sumOf(counts) / per).toFixed(1)} (${listCounts(counts, per, most)})`;
  const way = path.filter(({ spread }) => spread.count > 0);
  const used = Object.entries(processor).map(([name, ms]) => `${name} ${(ms / per).toFixed(0)}`);
  return [
    `${nameOf(load)}, each:`,
    `  path, p50/p95 ms after the step before: ${way.map(({ step, spread }) => `${step} ${spread.p50.toFixed(1)}/${spread.p95.toFixed(1)}`).join(' · ')}`,
    `  forge calls ${each(forgeCalls, 8)}, answered by the stand-in in p50 ${inMs(forgeAnswerMs.p50)}, p95 ${inMs(forgeAnswerMs.p95)}`,
    `  processes ${each(programs, 6)}; Redis commands, those inside scripts included, ${each(redisCommands, 6)}`,
    `  processor ms: ${used.join(', ')}`,
    ...(profile ? [...detailsOf(figures), ...describeProfile(profile, per)] : []),
  ];
}

/** What the calls of all passes cost, and those of one pull request on its way. */
function detailsOf({ load, calls, waterfall }: LoadFigures): string[] {
  const slowest = Object.entries(calls)
    .filter(([name]) => name !== 'intake.take' && name !== 'executor.follow')
    .sort((a, b) => b[1].totalMs - a[1].totalMs)
    .slice(0, 8)
    .map(([name, cost]) => `${name} ×${(cost.count / load.count).toFixed(1)} à ${inMs(cost.totalMs / cost.count)}`);
  const one = waterfall.length > 0 ? [`  one of them, ms from the sending: ${waterfall.join(' · ')}`] : [];
  return [`  slowest calls of all passes: ${slowest.join(', ')}`, ...one];
}

function floorOf(probe: Spread | null): string[] {
  if (probe === null) return [];
  const { p50, p95 } = probe;
  return [
    `The cluster alone, from a pod's POST to the watch that sees it, one at a time: p50 ${inMs(p50)}, p95 ${inMs(p95)}`,
  ];
}

async function run(options: BenchOptions): Promise<Result> {
  options.progress.say('starting a stand-in GitHub, Redis and Sluice');
  const scene = await openPodScene(options.executor, 2_000);
  try {
    return await runOn(options, scene);
  } finally {
    // A namespace takes its time to go: the figures need not wait for that.
    void scene.close();
  }
}

async function runOn(options: BenchOptions, scene: PodScene): Promise<Result> {
  const { progress, quick } = options;
  const stage = await startStage({
    executor: scene.executor,
    pace: 'github',
    processes: options.processes,
    // An image's pod that is only simulated leaves no digest, and would be tried three times.
    files: options.executor === 'kubernetes' ? commandJobFiles : null,
    holds: isOpening,
  });
  try {
    scene.attach(stage);
    const probe = await scene.probe();
    const all: LoadFigures[] = [];
    for (const [index, load] of loadsFor(options).entries()) {
      progress.say(`pull requests to pods: ${nameOf(load)}`);
      all.push(
        await measureLoad(stage, scene.seen, `load${index}`, load, {
          settleMs: quick ? 3_000 : 30_000,
          profile: options.profile,
        }),
      );
      await sleep(quick ? 200 : 2_000);
    }
    return {
      name: 'pull-to-pod',
      title: `Pull request opened → pod (${options.executor === 'fake' ? 'pretended pods' : 'pods on simulated nodes'}, ${options.processes === 'all' ? 'one process' : 'web and worker'}; from the delivery sent to the pod seen; every write on disk)`,
      rows: all.map(rowOf),
      notes: [...floorOf(probe), ...all.flatMap(notesOf)],
      figures: { probe, loads: all },
    };
  } finally {
    await stage.stop();
  }
}

export const pullToPod: Measurement = { name: 'pull-to-pod', run };

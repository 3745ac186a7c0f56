import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endAll, endAtAnyEnd } from './endings.ts';
import { probeFsync } from './fsync-probe.ts';
import { gateCandidates } from './gate-candidates.ts';
import { gatePass } from './gate-pass.ts';
import { inFlight } from './in-flight.ts';
import type { BenchOptions, Measurement } from './measurement.ts';
import { memory } from './memory.ts';
import { organisation } from './organisation.ts';
import { podToCheck } from './pod-to-check.ts';
import { describeMachine } from './processor-time.ts';
import { startProgress } from './progress.ts';
import { promoteCopy } from './promote-copy.ts';
import { pullToPod } from './pull-to-pod.ts';
import { inMs, type Result } from './result.ts';
import { scheduling } from './scheduling.ts';
import { formatResult } from './table.ts';
import { verdictToLanded } from './verdict-to-landed.ts';
import { wantedLine } from './wanted-line.ts';
import { webhooks } from './webhooks.ts';

const measurements: readonly Measurement[] = [
  webhooks,
  pullToPod,
  podToCheck,
  wantedLine,
  memory,
  inFlight,
  organisation,
  gatePass,
  scheduling,
  gateCandidates,
  verdictToLanded,
  promoteCopy,
];

const usage = `usage: npm run bench -- [NAME …] [--quick] [--executor fake|kubernetes] [--processes all|split] [--rate N] [--json FILE] [--profile]
  NAME         ${measurements.map(({ name }) => name).join(', ')}; all of them when none is given
  --quick      small numbers, for a look
  --executor   what starts pods: "fake" pretends, "kubernetes" asks the cluster of KUBECONFIG
  --processes  Sluice as one process, or one that listens and one that works
  --rate       of pull-to-pod, only these loads: 1, 5, 20 or burst; may be given again
  --json       where the figures go (default: a new folder below ${tmpdir()})
  --profile    with a processor profile of the working process
`;

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      executor: { type: 'string', default: 'fake' },
      processes: { type: 'string', default: 'all' },
      rate: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const names = positionals.length > 0 ? positionals : measurements.map(({ name }) => name);
  const unknown = names.find((name) => !measurements.some((each) => each.name === name));
  const { executor, processes } = values;
  if (unknown !== undefined) throw new Error(`nothing is called ${unknown}`);
  if (executor !== 'fake' && executor !== 'kubernetes') throw new Error(`no executor ${executor}`);
  if (processes !== 'all' && processes !== 'split') throw new Error(`no processes ${processes}`);
  return { ...values, executor, processes, names } as const;
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    }).trim();
  } catch {
    return 'unknown';
  }
}

async function main(): Promise<number> {
  const wanted = readOptions();
  if (wanted.help) {
    process.stdout.write(usage);
    return 0;
  }
  endAtAnyEnd();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-result-'));
  const fsync = probeFsync(folder);
  const machine = `${describeMachine()}; a write of 4 KB is on disk after p50 ${inMs(fsync.p50)}, p95 ${inMs(fsync.p95)}`;
  process.stdout.write(`${machine}\n`);
  const progress = startProgress();
  const options: BenchOptions = {
    quick: wanted.quick,
    executor: wanted.executor,
    processes: wanted.processes,
    rates: wanted.rate,
    profile: wanted.profile,
    progress,
  };
  const results: Result[] = [];
  for (const measurement of measurements.filter(({ name }) => wanted.names.includes(name))) {
    const result = await measurement.run(options);
    results.push(result);
    progress.say(`${measurement.name} is done`);
    process.stdout.write(`${process.stderr.isTTY ? '\r\x1b[2K' : ''}${formatResult(result)}`);
  }
  progress.done();
  const file = resolve(wanted.json ?? join(folder, 'bench.json'));
  writeFileSync(
    file,
    `${JSON.stringify({ at: new Date().toISOString(), commit: commit(), machine, results }, null, 2)}\n`,
  );
  process.stdout.write(`\nAll figures: ${file}\n`);
  await endAll();
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}

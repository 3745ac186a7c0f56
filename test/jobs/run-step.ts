import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const program = resolve(import.meta.dirname, '../../jobs/steps/step.ts');

/** A folder for one step's files, removed by `end`. */
export async function makeWorkFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-step-'));
  return { folder, end: () => rm(folder, { recursive: true, force: true }) };
}

export interface StepEnd {
  readonly code: number;
  readonly log: string;
  /** Its termination message; empty when it left none. */
  readonly result: string;
}

/** Runs a step program as an executor does: a child process with nothing but `SLUICE_STEP` and a search path. */
export async function runStep(
  name: string,
  input: Readonly<Record<string, unknown>> | string,
  environment: Readonly<Record<string, string>> = {},
): Promise<StepEnd> {
  const result = typeof input === 'string' ? null : String(input.result);
  if (result !== null) await writeFile(result, '');
  const json = typeof input === 'string' ? input : JSON.stringify(input);
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', SLUICE_STEP: json, ...environment };
  const child = spawn(process.execPath, [program, name], { env, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  const parts: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => parts.push(part.toString()));
  const { promise, resolve: done } = Promise.withResolvers<number>();
  child.on('close', (code) => done(code ?? -1));
  const code = await promise;
  const left = result === null ? '' : await readFile(result, 'utf8');
  return { code, log: parts.join(''), result: left };
}

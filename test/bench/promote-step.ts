import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listProgramFiles, readProgram } from '../../jobs/step-image/program-files.ts';
import type { PromotedImage } from '../../src/model/promotion.ts';
import { endLater } from './endings.ts';

/** The step programs as they lie in the step image, in a folder. */
async function layOutPrograms(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-step-'));
  endLater(() => rm(folder, { recursive: true, force: true }));
  for (const file of await listProgramFiles()) {
    const { place, text } = await readProgram(file);
    await mkdir(join(folder, dirname(place)), { recursive: true });
    await writeFile(join(folder, place), text);
  }
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await mkdir(join(folder, 'keys'));
  return folder;
}

/** Bytes that a process had in memory at most so far; null: it has ended. */
async function peakOf(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const found = /VmHWM:\s*(\d+) kB/.exec(status);
  return found ? Number(found[1]) * 1024 : null;
}

/** Promotes with the program of the promote-image pod, started as there; gives the bytes that it had in memory at most. */
export async function promoteByStep(images: readonly PromotedImage[], insecure: readonly string[]): Promise<number> {
  const folder = await layOutPrograms();
  const input = { images, keys: join(folder, 'keys'), insecure, result: join(folder, 'result') };
  const program = ['--max-semi-space-size=1', join(folder, 'jobs/steps/step.js'), 'promote'];
  const env = { PATH: '/usr/bin:/bin', SLUICE_STEP: JSON.stringify(input) };
  const child = spawn(process.execPath, program, { env, cwd: '/', stdio: 'ignore' });
  endLater(async () => void child.kill('SIGKILL'));
  let peak = 0;
  while (child.exitCode === null && child.signalCode === null) {
    peak = Math.max(peak, (await peakOf(child.pid ?? 0)) ?? 0);
    await sleep(50);
  }
  if (child.exitCode !== 0)
    throw new Error(`the step ended with ${child.exitCode}: ${await readFile(input.result, 'utf8')}`);
  return peak;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** Programs that the scripts look for; those given are there, as stubs that note how they were called. */
export interface MachineOptions {
  readonly programs?: readonly string[];
  /** Shell text that a stub runs after noting its call, by name. */
  readonly stubs?: Readonly<Record<string, string>>;
}

/** A clone of this project with none of its packages, on a machine where only some programs are. */
export async function makeMachine({ programs = [], stubs = {} }: MachineOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-machine-'));
  const clone = join(folder, 'clone');
  const bin = join(folder, 'bin');
  const sbin = join(folder, 'sbin');
  const calls = join(folder, 'calls');
  await Promise.all([mkdir(bin), mkdir(sbin), mkdir(clone)]);
  for (const part of ['scripts', '.ci']) await cp(join(project, part), join(clone, part), { recursive: true });
  await writeFile(join(clone, 'package.json'), '{"type":"module"}');
  await writeFile(join(clone, 'package-lock.json'), '{}');
  await mkdir(join(clone, 'src'));
  await writeFile(join(clone, 'src', 'main.ts'), reportSelf);
  for (const tool of [
    'sh',
    'rm',
    'chmod',
    'cat',
    'mkdir',
    'mount',
    'sleep',
    'unshare',
    'bash',
    'dirname',
    'mktemp',
    'nice',
    'tee',
  ])
    await symlink(`/bin/${tool}`, join(bin, tool));

  const addProgram = async (name: string, body = '') => {
    await writeFile(join(bin, name), `#!/bin/sh\necho "${name} $*" >> ${calls}\n${body}\n`);
    await chmod(join(bin, name), 0o755);
  };
  for (const name of programs) await addProgram(name, stubs[name]);
  for (const [name, body] of Object.entries(stubs)) await addProgram(name, body);

  return {
    clone,
    bin,
    sbin,
    addProgram,
    /** Lines of the stubs' calls, in order. */
    calls: async () => (await readFile(calls, 'utf8').catch(() => '')).split('\n').filter(Boolean),
    installNodePackages: () => installNodePackages(clone),
    env: { PATH: bin, HOME: folder, CLUSTER_DIR: join(folder, 'cluster') },
    keepKaniko: async () => {
      await mkdir(join(folder, 'cluster', 'images'), { recursive: true });
      await writeFile(join(folder, 'cluster', 'images', 'kaniko.tar'), '');
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export type Machine = Awaited<ReturnType<typeof makeMachine>>;

/** Stands for our programs: says with which Node and which arguments it was started. */
const reportSelf = `
process.stdout.write(JSON.stringify({ argv: process.argv.slice(2), path: process.env.PATH }) + '\\n');
if (process.argv.includes('--wait')) setInterval(() => {}, 1000);
process.exitCode = process.argv.includes('--fail') ? 7 : 0;
`;

/** What `npm ci` leaves behind, as far as the scripts look. */
async function installNodePackages(clone: string): Promise<void> {
  const vitest = join(clone, 'node_modules', 'vitest', 'vitest.mjs');
  await mkdir(dirname(vitest), { recursive: true });
  await writeFile(vitest, reportSelf);
  await writeFile(join(clone, 'node_modules', '.package-lock.json'), '{}');
  const later = new Date(Date.now() + 60_000);
  await utimes(join(clone, 'node_modules', '.package-lock.json'), later, later);
}

/** Runs a command to its end, without a terminal. */
export async function runCommand(command: readonly [string, ...string[]], env: Record<string, string>) {
  const [program, ...args] = command;
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number | null, out, err };
}

/** `node scripts/run.mjs …` in that clone. */
export function runScript(machine: Machine, ...words: string[]) {
  return runCommand([process.execPath, join(machine.clone, 'scripts', 'run.mjs'), ...words], machine.env);
}

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CliIo, DemoOptions } from './cli/deps.ts';
import { runDemo } from './demo/scenario/run-demo.ts';
import type { ServedSluice, ServedWishes, SluicePort } from './demo/scenario/sluice-port.ts';
import type { Machine } from './machine.ts';
import { showSluice } from './show-sluice.ts';

/** Starts the program that `serve-demo.ts` is and waits until it listens; rejects with its last words when it ends before. */
async function serveApart(wishes: ServedWishes): Promise<ServedSluice> {
  const child = fork(fileURLToPath(import.meta.resolve('./serve-demo.ts')), [], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = `${lastWords}${text}`.slice(-2000);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = new Promise<string>((resolve, reject) => {
    child.once('message', (answer: { readonly url: string }) => resolve(answer.url));
    child.once('error', reject);
    void ended.then(() => reject(new Error(`the demo's Sluice ended before it listened: ${lastWords}`)));
  });
  child.send(wishes);
  return {
    url: await url,
    pid: child.pid ?? 0,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The process that the demo shows: the real one, within this process or apart. */
function sluicePort(machine: Machine): SluicePort {
  return {
    start: ({ executor, log, ...wishes }) => showSluice(machine, wishes, { executor, log }),
    serve: serveApart,
  };
}

/** Plays the demo; true exactly if every step held. */
export function playDemo(options: DemoOptions, machine: Machine, io: CliIo): Promise<boolean> {
  return machine.readAppYml().then((appYml) =>
    runDemo(
      {
        sluice: sluicePort(machine),
        clock: machine.clock,
        redisUrl: machine.redisUrl,
        kubeconfig: machine.kubeconfig,
        path: machine.path,
        cache: machine.cache,
        archives: machine.archives,
        jobsFolder: machine.jobsFolder,
        appYml,
        root: machine.isRoot,
        terminal: io.terminal,
        out: io.out,
        interrupted: io.interrupted,
        newToken: io.newToken,
      },
      options,
    ),
  );
}

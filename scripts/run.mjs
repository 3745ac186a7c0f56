/**
 * What `npm test`, `npm run demo` and the other scripts call, before any package is installed: makes the machine ready, then starts the
 * right program with the right Node. Everything after the verb is passed on, but --no-install.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clusterEnvironment, noCluster, startCluster, stopCluster } from './cluster.mjs';
import { findNode, nodeIsMissing } from './find-node.mjs';
import { readyKaniko } from './kaniko.mjs';
import { readyNodePackages } from './node-packages.mjs';
import { say } from './progress.mjs';
import { startProgram } from './start-program.mjs';
import { readySystemPackages } from './system-packages.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');

/** What each verb starts; null: nothing, the machine only gets ready. */
const programs = {
  ready: null,
  cluster: null,
  'cluster-down': null,
  test: [vitest, 'run'],
  'test:cluster': [vitest, 'run', '--config', join(root, 'test', 'cluster', 'vitest.config.ts')],
  demo: [join(root, 'src', 'main.ts'), 'demo'],
  bench: [join(root, 'test', 'bench', 'bench.ts')],
  'test:crashes': [vitest, 'run', '--config', join(root, 'test', 'scenarios', 'gate-crashes', 'vitest.config.ts')],
  soak: [join(root, 'test', 'simulation', 'soak.ts')],
};

/** 4: this machine cannot have a cluster, and was told so. */
const clusterCodes = { up: 0, failed: 1, impossible: 4 };

async function run(verb, words) {
  if (!Object.hasOwn(programs, verb)) {
    say(`usage: node scripts/run.mjs ${Object.keys(programs).join('|')} [--no-install] [arguments …]`);
    return 2;
  }
  const mayInstall = !words.includes('--no-install');
  if (verb === 'cluster') return clusterCodes[await startCluster(root, mayInstall)];
  if (verb === 'cluster-down') return (await stopCluster(root)) ? 0 : 1;
  if (!(await readyNodePackages(root, mayInstall))) return 3;
  await readySystemPackages(mayInstall);
  await readyKaniko(root, mayInstall);
  const node = findNode(root);
  if (node === null) {
    say(nodeIsMissing);
    return 3;
  }
  const cluster = clusterEnvironment();
  if (verb === 'test:cluster' && cluster === null) {
    say(noCluster);
    return 3;
  }
  const program = programs[verb];
  const rest = words.filter((word) => word !== '--no-install');
  return program === null ? 0 : startProgram(root, node, [...program, ...rest], cluster ?? {});
}

if (Number(process.versions.node.split('.')[0]) < 18) {
  say(`Node 18 or newer is needed even to begin; this is ${process.versions.node}. Get it from https://nodejs.org.`);
  process.exitCode = 3;
} else {
  const [verb = '', ...words] = process.argv.slice(2);
  process.exitCode = await run(verb, words);
}

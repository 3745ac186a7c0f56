import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findProgram } from './find-program.mjs';
import { whyNotCompile } from './kaniko.mjs';
import { runWithProgress, say } from './progress.mjs';

const simulatedNodes = '10';

function folder() {
  return process.env.CLUSTER_DIR ?? join(homedir(), '.cache', 'sluice-cluster');
}

function script(root) {
  return join(root, 'test', 'cluster', 'cluster');
}

/** Starts the test cluster, compiling it first where that was not done yet. `impossible` is said loudly: it is no fault. */
export async function startCluster(root, mayInstall) {
  const go = findProgram('go');
  const hindrance = whyNotCompile(go, mayInstall);
  if (hindrance !== null) {
    say(`!! NO KUBERNETES (${hindrance}): what runs in a cluster is NOT TESTED here.`);
    return 'impossible';
  }
  const env = { ...process.env, PATH: `${dirname(go)}${delimiter}${process.env.PATH}` };
  const isCompiled = existsSync(join(folder(), 'images', 'buildkit.tar'));
  const what = isCompiled ? 'starting a Kubernetes cluster' : 'compiling a Kubernetes cluster (about 12 minutes, once)';
  const isUp =
    (await runWithProgress(what, script(root), ['up', '--simulated', simulatedNodes], { env })) &&
    (await runWithProgress('loading the images for its pods', script(root), ['base'], { env }));
  return isUp ? 'up' : 'failed';
}

/** Stops the cluster that `startCluster` started. */
export async function stopCluster(root) {
  return runWithProgress('stopping the Kubernetes cluster', script(root), ['down']);
}

/** What a program must see to reach a cluster: what KUBECONFIG names, else ours if it was started; null: there is none. */
export function clusterEnvironment() {
  if (process.env.KUBECONFIG) return {};
  const kubeconfig = join(folder(), 'run', 'admin.kubeconfig');
  return existsSync(kubeconfig) ? { KUBECONFIG: kubeconfig } : null;
}

export const noCluster =
  'KUBECONFIG names no cluster, and the test cluster is not started: test/cluster/cluster up --simulated 10 (needs root and Go).';

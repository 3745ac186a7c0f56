import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalClone } from './adapters/git/local-clone.ts';
import { serveLocally } from './adapters/git/local-http.ts';
import { chooseExecutor, type LocalEngine } from './choose-executor.ts';
import type { ExecutorChoice, TriedBuild } from './cli/deps.ts';
import { loadJobLibrary } from './config/job-library.ts';
import { renderPod } from './core/pod/render-pod.ts';
import { withoutUpload } from './core/pod/without-upload.ts';
import { treeKey } from './core/presubmit/facts.ts';
import { factsOf, fullRights, type LocalChange, self } from './local-change.ts';
import { projectOf, pullOf, withLocalClone } from './local-project.ts';
import type { Machine } from './machine.ts';
import type { Job } from './model/job.ts';
import { presubmitJobsIn } from './plan-decisions.ts';
import { openedEvent } from './plan-locally.ts';
import { demandConfig, demandJob } from './render-job.ts';
import { runChange, type TryPorts } from './run-change.ts';
import { readWorkingTree } from './working-tree.ts';

interface Trial {
  readonly machine: Machine;
  readonly job: string | null;
  readonly executor: ExecutorChoice | null;
  readonly onOutput: (text: string) => void;
  readonly interrupted: AbortSignal;
}

/** Nobody opened it: asked for by name the one job starts, else it is as if it was opened now. */
async function changeOf(clone: LocalClone, trial: Trial): Promise<LocalChange> {
  const { baseRef, prepared, told } = await readWorkingTree(clone);
  trial.onOutput(`Building ${told}, as a pull request onto ${baseRef} at ${prepared.base.slice(0, 12)} would be.\n`);
  const now = trial.machine.clock.now();
  const asked = { source: 'comment' as const, id: 1, author: self, ours: false, createdAt: 1, edited: false };
  return {
    project: await projectOf(clone),
    pull: pullOf(1, prepared.head, baseRef),
    rights: new Map([[self.id, fullRights]]),
    prepared,
    comments: trial.job === null ? [] : [{ ...asked, text: `/test ${trial.job}` }],
    inbox: trial.job === null ? [openedEvent(1, now)] : [],
  };
}

/** The change, if there is what is to be tried in it. What uploads runs in the gate alone: here, by name, it is only built. */
async function demandChange(clone: LocalClone, trial: Trial): Promise<LocalChange> {
  const change = await changeOf(clone, trial);
  const facts = await factsOf(clone.source, change, trial.machine.clock.now());
  const { base, merge } = change.prepared;
  const tree = facts.trees.get(treeKey({ base, tree: merge.kind === 'merged' ? merge.tree : base }));
  const jobs = tree ? demandConfig(tree).jobs : [];
  const own = jobs.find(({ name }) => name === trial.job);
  if (own?.content.template !== 'upload-image') {
    if (trial.job !== null) demandJob(presubmitJobsIn(facts), trial.job);
    return change;
  }
  trial.onOutput(
    `${own.name} uploads what it builds where the gate runs it. Here it is built, and nothing is uploaded.\n`,
  );
  const built: Job = { ...withoutUpload(own), pipelines: ['presubmit'] };
  return { ...change, changeJob: (job) => (job.name === own.name ? built : job) };
}

async function portsOf(
  trial: Trial,
  folder: string,
  cloneUrl: string,
): Promise<TryPorts & Pick<LocalEngine, 'pool' | 'clear'>> {
  const { machine, interrupted, onOutput } = trial;
  // It is the person's own code on their own machine, approved by trying it, and it needs what they can reach.
  const wishes = { folder, owner: 'sluice-try', acceptUntrusted: false, network: 'host' as const };
  const engine = await chooseExecutor(machine, trial.executor, wishes);
  onOutput(`With ${engine.description}.\n`);
  const library = await loadJobLibrary(machine.jobsFolder);
  return {
    executor: engine.executor,
    clock: machine.clock,
    interrupted,
    onOutput,
    renderPod: (order) => renderPod({ ...order, checkout: { ...order.checkout, cloneUrl } }, engine.pool, library),
    pool: engine.pool,
    clear: engine.clear,
  };
}

async function tryChange(clone: LocalClone, trial: Trial, folder: string): Promise<readonly TriedBuild[]> {
  const secret = randomBytes(16).toString('hex');
  const http = await serveLocally({ repository: clone.folder, host: '127.0.0.1', secret, path: trial.machine.path });
  try {
    const change = await demandChange(clone, trial);
    const ports = await portsOf(trial, folder, http.cloneUrl);
    try {
      return await runChange(ports, clone, { ...change, builder: ports.pool.builder });
    } finally {
      await ports.clear();
    }
  } finally {
    await http.close();
  }
}

/**
 * Builds what is in the folder, uncommitted changes included, by the same plan, pods and judgement as the server. Nothing of it
 * stays, and the person's clone is not touched. An interruption stops the builds and gives them as aborted.
 */
export function tryJob(
  repository: string,
  job: string | null,
  executor: ExecutorChoice | null,
  onOutput: (text: string) => void,
  machine: Machine,
  interrupted: AbortSignal,
): Promise<readonly TriedBuild[]> {
  return withLocalClone(repository, machine, async (clone) => {
    // Short: where podman's folder has a path of 40 characters, podman 4.3 waits for ever for a step that has ended (37 works).
    const folder = await mkdtemp(join(tmpdir(), 'sluice-'));
    try {
      return await tryChange(clone, { machine, job, executor, onOutput, interrupted }, folder);
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
}

import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildStepImage } from '../../jobs/step-image/build-step-image.ts';
import type { StandInGitHub } from '../../src/demo/github/server.ts';
import { makeTestNamespace } from '../adapters/kubernetes/test-cluster.ts';
import { type Front, startFront } from '../harness/front.ts';
import { startTestRedis } from '../harness/redis.ts';
import { type ServedProcess, startProgram } from '../harness/served-process.ts';
import { cluster, clusterFolder } from './cluster-program.ts';
import { root, searchPath, startBaseRegistry, startForge } from './forge.ts';
import { type Ends, inFolder } from './in-folder.ts';
import { type CheckRun, checksOf, type Until, waitUntil } from './waiting.ts';
import { startWitness, type WholePod } from './witness.ts';

/** A GitHub, a registry with a base image, a Redis, and `sluice serve --executor kubernetes` processes in a namespace of their own. */
export interface ClusterWorld {
  readonly github: StandInGitHub;
  readonly front: Front;
  /** What Dockerfiles of the tests start from. */
  readonly baseImage: string;
  readonly namespace: string;
  /** With these settings besides those of all. */
  serve(role: 'web' | 'worker' | 'all', settings?: Readonly<Record<string, string>>): ServedProcess;
  /** All pods of the namespace, as the API server has them now. */
  pods(): Promise<readonly WholePod[]>;
  /** The uids of all pods that there were so far. */
  everSeen(): ReadonlyMap<string, string>;
  deletePod(name: string): Promise<void>;
  readonly until: Until;
  check(repo: string, sha: string, name: string): Promise<CheckRun | undefined>;
  concluded(repo: string, sha: string, name: string, seconds?: number): Promise<CheckRun>;
  stop(): Promise<void>;
}

/** Starts everything but Sluice itself; `level`: what Pod Security admits to its namespace. */
export function startClusterWorld(level: 'baseline' | 'privileged' = 'baseline'): Promise<ClusterWorld> {
  return inFolder('sluice-cluster-world-', (folder, ends, stop) => furnish(folder, ends, stop, level));
}

async function furnish(
  folder: string,
  ends: Ends,
  stop: () => Promise<void>,
  level: 'baseline' | 'privileged',
): Promise<ClusterWorld> {
  const stepImage = await loadImages();
  const { namespace, settings } = await makeTestNamespace('world', level);
  ends.push(namespace.remove);
  const redis = await startTestRedis();
  ends.push(redis.stop);
  const front = await startFront();
  ends.push(front.close);
  const registry = await startBaseRegistry(folder);
  ends.push(registry.stop);
  const { github, data } = await startForge(folder, front);
  ends.push(github.close);
  const witness = await startWitness({ ...settings, owner: 'sluice' });
  ends.push(witness.stop);
  const fleet = createFleet();
  ends.push(fleet.end);
  const environment = {
    HOME: folder,
    KUBECONFIG: process.env.KUBECONFIG ?? '',
    SLUICE_NAMESPACE: namespace.name,
    SLUICE_STEP_IMAGE: stepImage,
    SLUICE_KANIKO_IMAGE: 'localhost/kaniko:v1.24.0',
    SLUICE_INSECURE_REGISTRIES: registry.address,
    SLUICE_BUILDS: '8',
    SLUICE_LOG_LEVEL: 'debug',
  };
  const main = join(root, 'src/main.ts');
  const place = ['--port', '0', '--data', data, '--redis', redis.address, '--public-url', front.url];
  const until = waitUntil(async () =>
    fleet.processes
      .slice(-2)
      .map((served) => `--- ${served.pid}\n${served.output().slice(-4000)}`)
      .join('\n'),
  );
  return {
    github,
    front,
    baseImage: registry.baseImage,
    namespace: namespace.name,
    serve: (role, settings) => {
      const words = [main, 'serve', '--role', role, '--executor', 'kubernetes', ...place];
      return fleet.add(startProgram(words, { ...environment, ...settings }));
    },
    pods: witness.pods,
    everSeen: witness.everSeen,
    deletePod: witness.deletePod,
    until,
    ...checksOf(github, until),
    stop,
  };
}

/** Puts what pods of builds are made from into the node's store; gives the name of our steps' image. */
export async function loadImages(): Promise<string> {
  const cache = join(homedir(), '.cache/sluice/steps');
  const step = await buildStepImage({ cache, node: process.execPath, path: searchPath });
  await cluster([
    'load',
    step.archive,
    ...['kaniko', 'buildkit', 'buildkit-rootless', 'busybox'].map((name) => join(clusterFolder, `images/${name}.tar`)),
  ]);
  return step.image;
}

/** All processes that were started; none outlives the test runner. */
function createFleet() {
  const processes: ServedProcess[] = [];
  const endWithUs = (): void => {
    for (const served of processes) if (!served.isOver()) process.kill(served.pid, 'SIGKILL');
  };
  process.once('exit', endWithUs);
  return {
    processes,
    add(served: ServedProcess): ServedProcess {
      processes.push(served);
      return served;
    },
    async end(): Promise<void> {
      await Promise.all(processes.map((served) => served.kill('SIGKILL')));
      process.off('exit', endWithUs);
    },
  };
}

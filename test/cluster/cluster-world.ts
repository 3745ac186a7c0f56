import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { buildStepImage } from '../../jobs/step-image/build-step-image.ts';
import { documents } from '../../src/adapters/github/documents.ts';
import { createApiClient } from '../../src/adapters/kubernetes/api-client.ts';
import type { ApiPod } from '../../src/adapters/kubernetes/api-pod.ts';
import { createKubernetesExecutor } from '../../src/adapters/kubernetes/executor.ts';
import { writeAppFile } from '../../src/cli/app-file.ts';
import { type StandInGitHub, startGitHub } from '../../src/demo/github/server.ts';
import { startRegistry } from '../../src/demo/scenario/registry.ts';
import type { PodManifest } from '../../src/model/pod.ts';
import { makeTestNamespace } from '../adapters/kubernetes/test-cluster.ts';
import { type Front, startFront } from '../harness/front.ts';
import { startTestRedis } from '../harness/redis.ts';
import { type ServedProcess, startProgram } from '../harness/served-process.ts';
import { cluster, clusterFolder } from './cluster-program.ts';

/** Where pods reach this machine. */
export const bridge = '10.77.0.1';
const root = join(import.meta.dirname, '../..');
const searchPath = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;

export type CheckRun = Awaited<ReturnType<StandInGitHub['checkRuns']>>[number];

/** A pod as the API server has it, with what we wrote into it. */
export type WholePod = Pick<ApiPod, 'metadata' | 'status'> & {
  readonly spec: PodManifest['spec'] & { readonly nodeName?: string };
};

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
  until<T>(what: string, look: () => Promise<T | undefined | false>, seconds?: number): Promise<T>;
  check(repo: string, sha: string, name: string): Promise<CheckRun | undefined>;
  concluded(repo: string, sha: string, name: string, seconds?: number): Promise<CheckRun>;
  stop(): Promise<void>;
}

/** Starts everything but Sluice itself; `level`: what Pod Security admits to its namespace. */
export async function startClusterWorld(level: 'baseline' | 'privileged' = 'baseline'): Promise<ClusterWorld> {
  const ends: (() => Promise<unknown>)[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'sluice-cluster-world-'));
  ends.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const stop = async (): Promise<void> => {
    for (const end of ends.reverse()) await end();
  };
  try {
    return await furnish(folder, ends, stop, level);
  } catch (cause) {
    await stop();
    throw cause;
  }
}

async function furnish(
  folder: string,
  ends: (() => Promise<unknown>)[],
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
  const until = untilIn(fleet.processes);
  const check: ClusterWorld['check'] = async (repo, sha, name) =>
    (await github.checkRuns(repo, sha)).find((run) => run.name === name);
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
    check,
    concluded: (repo, sha, name, seconds = 120) =>
      until(
        `${name} on ${sha.slice(0, 8)} to be completed`,
        async () => {
          const run = await check(repo, sha, name);
          return run?.status === 'completed' && run;
        },
        seconds,
      ),
    stop,
  };
}

async function loadImages(): Promise<string> {
  const cache = join(homedir(), '.cache/sluice/steps');
  const step = await buildStepImage({ cache, node: process.execPath, path: searchPath });
  await cluster([
    'load',
    step.archive,
    ...['kaniko', 'buildkit', 'busybox'].map((name) => join(clusterFolder, `images/${name}.tar`)),
  ]);
  return step.image;
}

async function startBaseRegistry(folder: string) {
  const place = join(folder, 'registry');
  await mkdir(place);
  const registry = await startRegistry(place, bridge, searchPath);
  const baseImage = `${registry.address}/base/busybox:1`;
  const archive = `docker-archive:${join(clusterFolder, 'images/busybox.tar')}`;
  const words = ['copy', '--quiet', '--dest-tls-verify=false', archive, `docker://${baseImage}`];
  await promisify(execFile)('skopeo', words, { env: { PATH: searchPath, HOME: folder, TMPDIR: folder } });
  return { ...registry, baseImage };
}

interface AppManifest {
  readonly default_permissions: Readonly<Record<string, 'read' | 'write' | 'admin'>>;
  readonly default_events: readonly string[];
}

/** A GitHub with the organisation `acme`, whose member `ada` may be given rights, and our App on it. */
async function startForge(folder: string, front: Front): Promise<{ github: StandInGitHub; data: string }> {
  const data = join(folder, 'data');
  await mkdir(join(folder, 'github'));
  const github = await startGitHub({ folder: join(folder, 'github'), host: bridge, now: Date.now, documents });
  await github.createOrganization('acme');
  await github.createUser('ada');
  const manifest = parse(readFileSync(join(root, 'app.yml'), 'utf8')) as AppManifest;
  const app = await github.createApp({
    owner: 'acme',
    name: 'sluice',
    permissions: manifest.default_permissions,
    events: [...manifest.default_events],
    webhookUrl: `${front.url}/api/github/webhooks`,
  });
  await github.installApp(app.appId, 'acme');
  const { appId, privateKey, webhookSecret } = app;
  const names = { slug: 'sluice', clientId: 'Iv1.x', clientSecret: 'x', htmlUrl: `${github.url}/apps/sluice` };
  await writeAppFile(data, {
    schema: 1,
    github: github.url,
    publicUrl: null,
    ...names,
    appId,
    privateKey,
    webhookSecret,
  });
  return { github, data };
}

type WitnessSettings = Parameters<typeof createKubernetesExecutor>[0];

/** Sees every pod of the namespace that there ever is, apart from Sluice. */
async function startWitness(settings: WitnessSettings) {
  const client = createApiClient(settings.cluster);
  const path = `/api/v1/namespaces/${settings.namespace}/pods`;
  const seen = new Map<string, string>();
  const executor = createKubernetesExecutor(settings);
  const look = async (): Promise<void> => {
    for (const { uid, name } of await executor.list()) seen.set(uid, name);
  };
  // Fails while the API server is away: then nothing new is to be seen either.
  const unwatch = executor.watch(() => void look().catch(() => undefined));
  return {
    everSeen: () => seen,
    async pods(): Promise<readonly WholePod[]> {
      const { status, body } = await client.call({ method: 'GET', path });
      if (status !== 200) throw new Error(`the pods of ${settings.namespace} could not be listed: ${status}`);
      return (body as { readonly items: readonly WholePod[] }).items;
    },
    async deletePod(name: string): Promise<void> {
      const { status } = await client.call({ method: 'DELETE', path: `${path}/${name}` });
      if (status !== 200) throw new Error(`the pod ${name} could not be deleted: ${status}`);
    },
    async stop(): Promise<void> {
      unwatch();
      client.close();
      await executor.close();
    },
  };
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

function untilIn(processes: readonly ServedProcess[]): ClusterWorld['until'] {
  return async (what, look, seconds = 120) => {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > end) {
        const words = processes.map((served) => `--- ${served.pid}\n${served.output().slice(-4000)}`);
        throw new Error(`waited ${seconds} s in vain: ${what}\n${words.slice(-2).join('\n')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
}

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { kubernetesDefaults } from '../../src/adapters/kubernetes/settings.ts';
import type { StandInGitHub } from '../../src/demo/github/server.ts';
import { openTestCluster } from '../adapters/kubernetes/test-cluster.ts';
import { chart, findHelm, merge, type Values } from '../charts/helm.ts';
import { type Front, startFront } from '../harness/front.ts';
import { cluster, clusterFolder } from './cluster-program.ts';
import { loadImages } from './cluster-world.ts';
import { startBaseRegistry, startForge } from './forge.ts';
import { type Ends, inFolder } from './in-folder.ts';
import { monitoringKinds } from './monitoring-kinds.ts';
import { buildServerImages } from './server-images.ts';
import { checksOf, type Until, waitUntil } from './waiting.ts';
import { startWitness } from './witness.ts';

/** Sluice as the chart installs it, beside a GitHub and a registry of this machine; nothing is installed before `install`. */
export interface InstalledChart extends ReturnType<typeof checksOf> {
  readonly github: StandInGitHub;
  readonly appId: number;
  /** Where GitHub delivers to and people look, before the Service. */
  readonly front: Front;
  readonly baseImage: string;
  /** Of the release. */
  readonly namespace: string;
  /** Of builds of code that nobody approved, and of all others. */
  readonly builds: string;
  readonly ours: string;
  /** As the README has it: `helm install`, then the secret; the front leads to the Service. */
  install(): Promise<void>;
  /** Waits until what it changes is there. */
  upgrade(values: Values): Promise<void>;
  /** What it said, to either output. */
  helm(...words: readonly string[]): Promise<string>;
  kubectl(...words: readonly string[]): Promise<string>;
  /** Of builds in both, as they are now; and the names by uid of all that there were so far. */
  readonly pods: Awaited<ReturnType<typeof startWitness>>['pods'];
  everSeen(): readonly (readonly [uid: string, name: string])[];
  /** Of one of the two. */
  podsIn(namespace: string): ReturnType<InstalledChart['pods']>;
  readonly until: Until;
  stop(): Promise<void>;
}

export const release = 'sluice';
const claim = 'sluice-logs';
const accessModes = ['ReadWriteMany', 'ReadWriteOnce'];
const serverId = 65_532;
const redisId = 999;
/** Not 80: what goes there from this machine may be led through a proxy. */
const servicePort = 8080;

/** Says on the way what takes long. */
export function prepareChart(say: (line: string) => void): Promise<InstalledChart> {
  return inFolder('sluice-installed-', (folder, ends, stop) => furnish(folder, ends, stop, say));
}

async function furnish(
  folder: string,
  ends: Ends,
  stop: () => Promise<void>,
  say: (line: string) => void,
): Promise<InstalledChart> {
  const images = await buildServerImages(say);
  const stepImage = await loadImages();
  await cluster(['load', images.server.archive, images.redis.archive]);
  say('the images are with the node');
  const namespace = `sluice-installed-${randomBytes(4).toString('hex')}`;
  const [builds, ours] = [`${namespace}-builds`, `${namespace}-ours`];
  const { helm, kubectl } = programsIn(folder, namespace);
  const front = await startFront();
  ends.push(front.close);
  const registry = await startBaseRegistry(folder);
  ends.push(registry.stop);
  const { github, data, appId } = await startForge(folder, front);
  ends.push(github.close);
  await makeNamespace(kubectl, namespace);
  await chmod(folder, 0o755);
  const logs = await makeVolume(kubectl, folder, namespace, claim, serverId);
  const kept = await makeVolume(kubectl, folder, namespace, 'data-sluice-redis-0', redisId);
  ends.push(() => kubectl('delete', 'persistentvolume', logs, kept));
  // First, as the volume is kept as long as it is claimed.
  ends.push(() => kubectl('delete', 'namespace', namespace, '--wait'));
  await makeClaim(kubectl, folder, logs);
  ends.push(await makeMonitoringKinds(kubectl, folder));
  ends.push(() => uninstall(helm));
  const access = await openTestCluster();
  const witnesses = new Map<string, Awaited<ReturnType<typeof startWitness>>>();
  for (const each of [builds, ours]) {
    const plain = { ...kubernetesDefaults, cluster: access, namespace: each, owner: release, now: Date.now };
    const witness = await startWitness(plain);
    witnesses.set(each, witness);
    ends.push(witness.stop);
  }
  const podsIn = async (each: string) => (await witnesses.get(each)?.pods()) ?? [];
  const until = waitUntil(() => lastWords(kubectl, builds));
  let values: Values = {
    image: { repository: images.server.image.replace(/:.*/, ''), tag: images.server.image.replace(/.*:/, '') },
    mode: 'split',
    publicUrl: front.url,
    logs: { claim },
    service: { port: servicePort },
    // No controller moves them here: the API server takes them, and the cluster's own scales to the least.
    ingress: { enabled: true, host: 'sluice.example.com' },
    web: { autoscaling: { enabled: true, minReplicas: 2, maxReplicas: 3 } },
    monitoring: { rules: true, podMonitor: true },
    redis: { trial: { enabled: true, image: images.redis.image, storage: '1Gi' } },
    insecureRegistries: [registry.address],
    builds: {
      stepImage,
      kanikoImage: 'localhost/kaniko:v1.24.0',
      namespaces: [
        await namespaceValues(builds, { trust: ['untrusted'], atOnce: 3 }),
        await namespaceValues(ours, { trust: ['approved', 'trusted'], nodeSelector: { 'sluice.dev/pool': 'real' } }),
      ],
      // What this cluster cannot do: no network policy is enforced.
      isolation: { accepted: ['pod', 'api-server', 'kubelet', 'redis'] },
    },
  };
  const valuesFile = async (): Promise<string> => {
    const file = join(folder, 'values.yaml');
    await writeFile(file, stringify(values));
    return file;
  };
  return {
    github,
    appId,
    front,
    baseImage: registry.baseImage,
    namespace,
    builds,
    ours,
    async install() {
      await helm('install', release, chart, '--values', await valuesFile());
      await makeSecret(kubectl, folder, join(data, 'app.json'));
      const address = await kubectl('get', 'service', release, '--output=jsonpath={.spec.clusterIP}');
      front.turnTo(`http://${address}:${servicePort}`);
    },
    async upgrade(more) {
      values = merge(values, more);
      await helm('upgrade', release, chart, '--values', await valuesFile(), '--wait', '--timeout=3m');
    },
    helm,
    kubectl,
    pods: async () => [...(await podsIn(builds)), ...(await podsIn(ours))],
    everSeen: () => [...witnesses.values()].flatMap((witness) => [...witness.everSeen()]),
    podsIn,
    until,
    ...checksOf(github, until),
    stop,
  };
}

type Program = (...words: readonly string[]) => Promise<string>;

/** Both in the release's namespace, with nothing of whoever runs the tests but the cluster's address. */
function programsIn(folder: string, namespace: string): { readonly helm: Program; readonly kubectl: Program } {
  const path = [join(clusterFolder, 'bin'), process.env.PATH ?? ''].join(delimiter);
  const env = { HOME: folder, PATH: path, KUBECONFIG: process.env.KUBECONFIG ?? '' };
  const programOf =
    (program: string): Program =>
    async (...words) => {
      try {
        const { stdout, stderr } = await promisify(execFile)(program, ['--namespace', namespace, ...words], { env });
        return `${stdout}${program.endsWith('helm') ? stderr : ''}`.trim();
      } catch (cause) {
        const { stdout = '', stderr = '' } = cause as { readonly stdout?: string; readonly stderr?: string };
        throw new Error(`${program} ${words.join(' ')} failed: ${stderr}${stdout}`, { cause });
      }
    };
  const helm = findHelm();
  if (helm === null)
    throw new Error('helm is neither on the PATH nor beside the test cluster: `test/cluster/cluster build` makes it');
  return { helm: programOf(helm), kubectl: programOf('kubectl') };
}

/** One that admits nothing but what Pod Security calls restricted. */
async function makeNamespace(kubectl: Program, name: string): Promise<void> {
  await kubectl('create', 'namespace', name);
  await kubectl('label', 'namespace', name, 'pod-security.kubernetes.io/enforce=restricted');
}

/** A volume on this machine for a claim that somebody will make: the cluster makes none by itself. */
async function makeVolume(
  kubectl: Program,
  folder: string,
  namespace: string,
  claim: string,
  owner: number,
): Promise<string> {
  const path = join(folder, claim);
  const name = `${namespace}-${claim}`;
  await mkdir(path);
  await chown(path, owner, owner);
  const spec = { accessModes, capacity: { storage: '1Gi' }, hostPath: { path }, claimRef: { namespace, name: claim } };
  await apply(kubectl, join(folder, `${claim}.yaml`), {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec,
  });
  return name;
}

async function makeClaim(kubectl: Program, folder: string, volumeName: string): Promise<void> {
  const spec = { accessModes, storageClassName: '', volumeName, resources: { requests: { storage: '1Gi' } } };
  await apply(kubectl, join(folder, 'claim.yaml'), {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: claim },
    spec,
  });
}

/** Gives how to take them away; where they are there already, they are somebody else's. */
async function makeMonitoringKinds(kubectl: Program, folder: string): Promise<() => Promise<unknown>> {
  const known = await kubectl('get', 'customresourcedefinitions', '--output=name');
  if (known.includes('prometheusrules.monitoring.coreos.com')) return async () => undefined;
  const file = join(folder, 'kinds.yaml');
  await writeFile(file, monitoringKinds.map((kind) => stringify(kind)).join('---\n'));
  await kubectl('create', '--filename', file);
  await kubectl('wait', '--for=condition=Established', '--timeout=30s', '--filename', file);
  return () => kubectl('delete', '--filename', file);
}

async function apply(kubectl: Program, file: string, object: object): Promise<void> {
  await writeFile(file, stringify(object));
  await kubectl('apply', '--filename', file);
}

async function makeSecret(kubectl: Program, folder: string, appFile: string): Promise<void> {
  const ledger = join(folder, 'ledger-key');
  await promisify(execFile)('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', ledger]);
  const random = ['log-key', 'redis-password'].map((key) => `--from-literal=${key}=${randomBytes(24).toString('hex')}`);
  await kubectl(
    'create',
    'secret',
    'generic',
    'sluice',
    `--from-file=app.json=${appFile}`,
    `--from-file=ledger-key=${ledger}`,
    ...random,
  );
}

/** The chart's own, under another name and with more said of it. */
export async function namespaceValues(name: string, more: Values = {}): Promise<Values> {
  const { builds } = parse(await readFile(join(chart, 'values.yaml'), 'utf8')) as { builds: { namespaces: Values[] } };
  return { ...builds.namespaces[0], name, ...more };
}

/** Also when it is gone already. */
async function uninstall(helm: Program): Promise<void> {
  await helm('uninstall', release, '--ignore-not-found', '--wait');
}

/** What there is and what it says, for whoever waited in vain. */
async function lastWords(kubectl: Program, builds: string): Promise<string> {
  const asked = [
    ['get', 'pods', '--output=wide'],
    ['get', 'pods', `--namespace=${builds}`],
    ['get', 'events', '--sort-by=.lastTimestamp'],
    ['logs', `--selector=app.kubernetes.io/instance=${release}`, '--tail=30', '--prefix'],
  ];
  const answers = asked.map((words) => kubectl(...words).catch((cause: unknown) => String(cause)));
  return (await Promise.all(answers)).map((answer) => answer.slice(-4000)).join('\n---\n');
}

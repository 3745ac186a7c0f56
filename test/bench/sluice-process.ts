import { join } from 'node:path';
import type { KubernetesExecutor } from '../../src/adapters/kubernetes/executor.ts';
import { type PodManifest, podKeys } from '../../src/model/pod.ts';
import { parsePresubmitId } from '../../src/model/subject.ts';
import { createServerLog } from '../../src/server-log.ts';
import { answerCalls, settingsOfThis, tell } from './channel.ts';
import { machineMs } from './clock.ts';
import { countApiCalls } from './count-api-calls.ts';
import { countPrograms } from './count-programs.ts';
import { startProfile } from './profile.ts';
import { type RunFor, runForSoLong } from './run-for.ts';

/** One Sluice process as it is served, timed from outside at its ports. */
export interface SluiceSettings {
  readonly role: 'web' | 'worker' | 'all';
  readonly redis: string;
  readonly data: string;
  readonly port: number;
  readonly publicUrl: string | null;
  readonly app: {
    readonly appId: number;
    readonly privateKey: string;
    readonly webhookSecret: string;
    readonly apiUrl: string;
  };
  readonly executor:
    | { readonly kind: 'fake'; readonly runForMs: number }
    | {
        readonly kind: 'kubernetes';
        readonly kubeconfig: string | null;
        readonly namespace: string;
        /** How long simulated pods run; left out: as the cluster says. */
        readonly runFor?: RunFor;
      };
  /** Builds at once; left out: no limit. */
  readonly slots?: number;
  /** `github`: the pauses and limits that github.com asks for; `unbounded`: none, for a GitHub of our own. */
  readonly pace: 'github' | 'unbounded';
  readonly worker: string;
}

const settings = settingsOfThis<SluiceSettings>();
const calls = countApiCalls();
const programs = countPrograms();
// Only now, so that what they import from node:child_process is counted.
const { startSluice } = await import('../../src/start-sluice.ts');
const { openKubeconfig } = await import('../../src/adapters/kubernetes/cluster-access.ts');
const { createKubernetesExecutor } = await import('../../src/adapters/kubernetes/executor.ts');
const { kubernetesDefaults } = await import('../../src/adapters/kubernetes/settings.ts');
const { createPretendedPods } = await import('./pods.ts');
const { tracePorts } = await import('./trace-ports.ts');
const { worldClock } = await import('../harness/world-clock.ts');

const root = join(import.meta.dirname, '../..');
const { app, role, pace } = settings;
let logLines = 0;
const warnings = new Map<string, number>();
const log = createServerLog('info', [app.privateKey, app.webhookSecret], (line) => {
  logLines += 1;
  process.stdout.write(line);
  const level = /"level":"(warn|error)"/.exec(line)?.[1];
  if (level === undefined) return;
  const message = /"msg":"([^"]*)"/.exec(line)?.[1] ?? '';
  if (!warnings.has(message)) process.stderr.write(`  ${line.slice(0, 400)}\n`);
  warnings.set(message, (warnings.get(message) ?? 0) + 1);
});
function tellEnd({ metadata }: PodManifest): void {
  const subject = parsePresubmitId(metadata.annotations[podKeys.subject] ?? '');
  if (subject) tell('end', { number: subject.number, at: machineMs() });
}

/** Simulated nodes take only pods that say that they can bear it. */
function clusterExecutor(kubeconfig: string | null, namespace: string): KubernetesExecutor {
  return createKubernetesExecutor({
    ...kubernetesDefaults,
    cluster: openKubeconfig({ files: kubeconfig, context: null }),
    namespace,
    owner: 'bench',
    tolerations: [{ key: 'kwok.x-k8s.io/node', operator: 'Exists' }],
    nodeSelector: { 'sluice.dev/pool': 'simulated' },
    now: Date.now,
  });
}

const cluster =
  settings.executor.kind === 'kubernetes'
    ? clusterExecutor(settings.executor.kubeconfig, settings.executor.namespace)
    : null;
const runFor = settings.executor.kind === 'kubernetes' ? settings.executor.runFor : undefined;
const runForMs = settings.executor.kind === 'fake' ? settings.executor.runForMs : 0;
const executor = (cluster && runForSoLong(cluster, runFor)) ?? createPretendedPods(runForMs, tellEnd);
const many = 1_000_000;
const slots = settings.slots ?? many;
const sluice = await startSluice({
  role,
  redis: settings.redis,
  github: {
    appId: app.appId,
    privateKey: app.privateKey,
    webhookSecrets: () => [app.webhookSecret],
    apiUrl: app.apiUrl,
    pace,
  },
  listen: { host: '127.0.0.1', port: settings.port },
  publicUrl: settings.publicUrl,
  data: settings.data,
  jobsFolder: join(root, 'jobs'),
  logKey: 'log-key-of-the-bench',
  executor,
  pool: {
    stepImage: 'localhost/sluice-steps:bench',
    kanikoImage: 'localhost/kaniko:v1.24.0',
    builder: 'kaniko',
    owner: 'bench',
    hostUsers: null,
    runtimeClassName: null,
    nodeSelector: {},
    registryMaps: [],
    insecureRegistries: [],
  },
  limits: { pool: slots, perRepository: slots, perAuthor: slots },
  allows: () => true,
  worker: settings.worker,
  periods: { dueMs: 5_000, resyncMs: 3_600_000, redeliveryMs: 3_600_000, podsMs: 2_000 },
  reporter: pace === 'github' ? {} : { limiter: { max: many, duration: 1000 } },
  environment: { PATH: process.env.PATH ?? '' },
  clock: worldClock,
  log,
});
const trace = tracePorts(sluice.ports, {
  onStart: (number, at) => tell('start', { number, at }),
  onConclude: (commit, at) => tell('conclude', { commit, at }),
});

function memory() {
  const collect = (globalThis as { gc?: () => void }).gc;
  collect?.();
  collect?.();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { rss, heapUsed, external, arrayBuffers, collected: collect !== undefined };
}

let endProfile: ReturnType<typeof startProfile> | null = null;
let loopBefore = performance.eventLoopUtilization();

function take() {
  const loopNow = performance.eventLoopUtilization();
  const loop = performance.eventLoopUtilization(loopNow, loopBefore).utilization;
  loopBefore = loopNow;
  const taken = {
    paths: [...trace.paths],
    calls: [...trace.calls],
    latest: [...trace.latest],
    programs: [...programs],
    logLines,
    loop,
  };
  trace.paths.clear();
  trace.calls.clear();
  trace.latest.length = 0;
  programs.clear();
  logLines = 0;
  return taken;
}

async function close(): Promise<void> {
  await sluice.close();
  await cluster?.close();
  process.exit(0);
}

process.once('SIGTERM', () => void close());
answerCalls({
  url: () => sluice.url,
  resync: () => sluice.worker?.resync(),
  take,
  startProfile: () => {
    endProfile = startProfile();
  },
  endProfile: () => endProfile?.(),
  takeApiCalls: calls.take,
  quietMs: trace.quietMs,
  memory,
  // As if this server had been there for an hour: what it does not know of did not happen.
  ageState: () => sluice.ports.notes.write('state-since', String(Date.now() - 3_600_000)),
  rss: () => process.memoryUsage.rss(),
  warnings: () => [...warnings],
  close,
});

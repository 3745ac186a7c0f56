import { findOomKills } from './kernel-log.ts';
import { runPodman } from './podman-command.ts';
import type { PodmanStore } from './settings.ts';

/** A container as podman lists it. */
export interface ListedContainer {
  readonly id: string;
  readonly name: string;
  readonly podId: string;
  readonly state: 'created' | 'running' | 'exited';
  readonly exitCode: number;
  /** Epoch milliseconds, whole seconds; null when it never started. */
  readonly startedAt: number | null;
  readonly finishedAt: number;
}

/** How a container ended, more exactly than the listing says it. */
export interface ContainerEnd {
  readonly startedAt: number | null;
  readonly finishedAt: number;
  readonly oomKilled: boolean;
}

interface PsEntry {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Pod: string;
  readonly State: string;
  readonly ExitCode: number;
  readonly StartedAt: number;
  readonly ExitedAt: number;
}

/**
 * All containers with this label, by name. It asks for containers and never for pods: whatever touches a pod waits for its lock,
 * which its starter holds while an init container runs.
 */
export async function listContainers(store: PodmanStore, label: string): Promise<ReadonlyMap<string, ListedContainer>> {
  const { code, stdout, words } = await runPodman(store, [
    'ps',
    '--all',
    '--filter',
    `label=${label}`,
    '--format',
    'json',
  ]);
  if (code !== 0) throw new Error(`podman cannot list containers: ${words}`);
  const entries = JSON.parse(stdout === '' ? '[]' : stdout) as readonly PsEntry[] | null;
  return new Map((entries ?? []).map((entry) => [entry.Names[0] ?? entry.Id, toListed(entry)]));
}

function toListed(entry: PsEntry): ListedContainer {
  return {
    id: entry.Id,
    name: entry.Names[0] ?? entry.Id,
    podId: entry.Pod,
    state: stateOf(entry.State),
    exitCode: entry.ExitCode,
    startedAt: entry.StartedAt > 0 ? entry.StartedAt * 1000 : null,
    finishedAt: Math.max(entry.ExitedAt, 0) * 1000,
  };
}

// `initialized` has a process that has not begun yet, `stopping` one that has not ended yet.
function stateOf(state: string): ListedContainer['state'] {
  if (state === 'running' || state === 'paused' || state === 'stopping') return 'running';
  return state === 'exited' || state === 'stopped' ? 'exited' : 'created';
}

/** Exact times, and whether memory ran out, of ended containers, by id; one that is gone meanwhile is left out. */
export async function inspectEnds(
  store: PodmanStore,
  ended: readonly ListedContainer[],
): Promise<ReadonlyMap<string, ContainerEnd>> {
  if (ended.length === 0) return new Map();
  const format = '{{.Id}} {{.State.OOMKilled}} {{.State.StartedAt.UnixMilli}} {{.State.FinishedAt.UnixMilli}}';
  const { stdout } = await runPodman(store, ['container', 'inspect', '--format', format, ...ended.map(({ id }) => id)]);
  const failed = ended.filter(({ exitCode }) => exitCode !== 0).map(({ id }) => id);
  const killed = findOomKills(failed);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => readEnd(line, killed)));
}

function readEnd(line: string, killed: ReadonlySet<string>): [string, ContainerEnd] {
  const [id = '', oom, started, finished] = line.split(' ');
  const startedAt = Number(started);
  const oomKilled = oom === 'true' || killed.has(id);
  return [id, { startedAt: startedAt > 0 ? startedAt : null, finishedAt: Number(finished), oomKilled }];
}

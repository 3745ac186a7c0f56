import { externalIdFor } from '../../src/model/build.ts';
import type { LineEntry } from '../../src/model/line.ts';
import { type PodManifest, podKeys } from '../../src/model/pod.ts';
import { toSha } from '../../src/model/sha.ts';
import { parsePresubmitId } from '../../src/model/subject.ts';
import type { Cluster } from './cluster.ts';
import type { Minted } from './forge-port.ts';
import type { ForgeWorld, Pull, Repository } from './forge-world.ts';
import { isOver, type Pod } from './pod-life.ts';
import type { RedisServer } from './redis-server.ts';
import type { RegistryWorld } from './registry-model.ts';
import type { Sim } from './sim.ts';

/** What the watch over one world looks at, and what it remembers of it. */
export interface Watched {
  readonly sim: Sim;
  readonly forge: ForgeWorld;
  readonly cluster: Cluster;
  readonly redis: RedisServer;
  readonly registries: RegistryWorld;
  readonly minted: readonly Minted[];
  /** How old what a pass looked at may be when it acts (ms). */
  readonly age: number;
  /** Builds that ever had a place in a line. */
  readonly entries: Map<string, Omit<LineEntry, 'subject' | 'state'>>;
  /** Pods by the request that they belong to. */
  readonly requests: Map<string, Pod[]>;
  /** The tree that a request builds. */
  readonly trees: Map<string, string>;
}

/** How old what a pass looked at may be when it acts. */
export function ageOf({ knobs }: Sim): number {
  const { slowAnswer, pause, lostRequest, lostAnswer } = knobs.rates;
  const slow = slowAnswer > 0 ? 300_000 : 0;
  const lost = lostRequest + lostAnswer > 0 ? 60_000 : 0;
  return 90_000 + slow + lost + (pause > 0 ? 240_000 : 0);
}

export function mayWrite(repository: Repository, person: number, from: number): boolean {
  if (repository.members.has(person)) return true;
  const levels = repository.permissions.get(person)?.since(from) ?? [];
  return levels.some((level) => level === 'write' || level === 'maintain' || level === 'admin');
}

/** True when somebody who may has agreed to exactly this head. */
export function isConsented(repository: Repository, pull: Pull, head: string): boolean {
  return pull.consents.some(
    (consent) => consent.head === head && mayWrite(repository, consent.by, consent.at - 60_000),
  );
}

export function pullOf(forge: ForgeWorld, manifest: PodManifest): { repository: Repository; pull: Pull } | null {
  const subject = parsePresubmitId(manifest.metadata.annotations[podKeys.subject] ?? '');
  const repository = subject ? forge.repositories.get(subject.repository) : undefined;
  const pull = subject ? repository?.pulls.get(subject.number) : undefined;
  return repository && pull ? { repository, pull } : null;
}

interface StepInput {
  readonly cloneUrl?: string;
  readonly base?: string;
  readonly heads?: readonly string[];
  readonly tree?: string;
}

/** The repository that a pod checks out. */
export function repositoryOf({ repositories }: ForgeWorld, manifest: PodManifest): Repository | null {
  const url = stepInput(manifest).cloneUrl;
  return [...repositories.values()].find(({ project }) => project.cloneUrl === url) ?? null;
}

export function stepInput(manifest: PodManifest): StepInput {
  const checkout = manifest.spec.initContainers.find(({ name }) => name === 'checkout');
  const text = checkout?.env.find(({ name }) => name === 'SLUICE_STEP')?.value ?? '{}';
  return JSON.parse(text);
}

export function requestIdOf({ metadata: { annotations, labels } }: PodManifest): string {
  return externalIdFor({
    subject: annotations[podKeys.subject] ?? '',
    entry: annotations['sluice.dev/entry'] ?? '',
    commit: toSha(annotations[podKeys.commit] ?? ''),
    job: annotations['sluice.dev/job'] ?? '',
    definition: annotations['sluice.dev/definition'] ?? '',
    request: Number(labels['sluice.dev/request']),
  });
}

export function isActive(pod: Pod, now: number): boolean {
  // What cannot have its image is as good as over.
  const stuck = pod.work === 'no image' && pod.message !== null;
  if (isOver(pod) || pod.ending || !pod.ours || stuck) return false;
  return pod.phase === 'running' || now - pod.createdAt < 600_000;
}

/**
 * Which pods a saved document has given up while the App may not see their repository (commands.md §2). What ended after the pods
 * were listed last to whoever saves it counts as given up: nobody could have known, however long that answer took, or the worker
 * stood still.
 */
export function noteGivenUp({ forge, cluster }: Watched, process: string, subject: string, document: unknown): void {
  const text = JSON.stringify(document);
  const listedAt = cluster.listedAt.get(process) ?? 0;
  for (const pod of cluster.pods.values()) {
    if (
      (pod.finishedAt !== null && pod.finishedAt < listedAt) ||
      pod.manifest.metadata.annotations[podKeys.subject] !== subject ||
      text.includes(pod.name)
    )
      continue;
    if (repositoryOf(forge, pod.manifest)?.seen.now() === false) pod.givenUpAt ??= listedAt;
  }
}

/** Puts pods that are new since the last call to their requests. */
export function takeNewPods({ cluster, requests }: Watched): void {
  const known = [...requests.values()].reduce((sum, pods) => sum + pods.length, 0);
  for (const pod of cluster.everBeen.slice(known)) {
    const request = requestIdOf(pod.manifest);
    requests.set(request, [...(requests.get(request) ?? []), pod]);
  }
}

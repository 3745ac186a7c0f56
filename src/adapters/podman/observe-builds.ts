import type { ObservedPod } from '../../model/pod.ts';
import { podKeys } from '../../model/pod.ts';
import { type ContainerEnd, inspectEnds, type ListedContainer, listContainers } from './containers.ts';
import { type PodFacts, toObservedPod } from './observe-pod.ts';
import { type BuildRecord, readProgress, readRecord, readResult, recordedNames, type StartProgress } from './record.ts';
import type { PodmanSettings } from './settings.ts';
import { storePaths } from './store.ts';

/** A build with what podman showed of it. */
export interface SeenBuild {
  readonly record: BuildRecord;
  readonly pod: ObservedPod;
  /** By container name. */
  readonly ids: ReadonlyMap<string, string>;
}

export interface Observer {
  /** Every build on record that has our owner label. Callers at the same time share one call of podman. */
  readonly observeAll: () => Promise<ReadonlyMap<string, SeenBuild>>;
}

type Begun = readonly (readonly [record: BuildRecord, progress: StartProgress])[];

/** Looks at builds; keeps what cannot change any more: how an ended container ended. */
export function createObserver(settings: PodmanSettings): Observer {
  const builds = storePaths(settings.store.folder).builds;
  const ends = new Map<string, ContainerEnd>();

  async function observe(): Promise<ReadonlyMap<string, SeenBuild>> {
    const now = settings.now();
    const begun = await readBegun(builds, settings.owner, now);
    const listed =
      begun.length === 0 ? new Map() : await listContainers(settings.store, `${podKeys.owner}=${settings.owner}`);
    await learnEnds(listed);
    const seen = await Promise.all(begun.map(([record, progress]) => see({ now, record, progress, listed })));
    return new Map(seen.map((one) => [one.pod.name, one]));
  }

  async function learnEnds(listed: ReadonlyMap<string, ListedContainer>): Promise<void> {
    const fresh = [...listed.values()].filter(({ id, state }) => state === 'exited' && !ends.has(id));
    for (const [id, end] of await inspectEnds(settings.store, fresh)) ends.set(id, end);
    const there = new Set([...listed.values()].map(({ id }) => id));
    for (const id of ends.keys()) if (!there.has(id)) ends.delete(id);
  }

  async function see(facts: Pick<PodFacts, 'now' | 'record' | 'progress' | 'listed'>): Promise<SeenBuild> {
    const { spec, metadata } = facts.record.manifest;
    const results = new Map<string, string>();
    const ids = new Map<string, string>();
    for (const { name } of [...spec.initContainers, ...spec.containers]) {
      const listed = facts.listed.get(`${metadata.name}-${name}`);
      if (listed !== undefined) ids.set(name, listed.id);
      if (listed?.state === 'exited') results.set(name, await readResult(builds, metadata.name, name));
    }
    return { record: facts.record, pod: toObservedPod({ ...facts, ends, results }), ids };
  }

  return { observeAll: shareCalls(observe) };
}

async function readBegun(builds: string, owner: string, now: number): Promise<Begun> {
  const read = async (name: string) => {
    const record = await readRecord(builds, name);
    if (record === null || record.manifest.metadata.labels[podKeys.owner] !== owner) return [];
    return [[record, await readProgress(builds, name, now)] as const];
  };
  return (await Promise.all((await recordedNames(builds)).map(read))).flat();
}

/** Whoever asks while a call is under way gets the next one, shared with all others who wait: never an answer from before the question. */
function shareCalls<T>(call: () => Promise<T>): () => Promise<T> {
  let current: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  return () => {
    if (next !== null) return next;
    const mine = current.then(() => {
      next = null;
      const running = call();
      current = running.then(
        () => 'answered',
        () => 'failed, as its own caller hears',
      );
      return running;
    });
    next = mine;
    return mine;
  };
}

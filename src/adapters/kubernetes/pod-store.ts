import { type ApiPod, isLater } from './api-pod.ts';

/** A listing that has been asked for and not been answered yet. */
export interface Listing {
  /** Takes its answer as the truth, except about what was written since it was asked for. */
  readonly finish: (pods: readonly ApiPod[]) => void;
}

/** What is known of our pods, from listings, events and our own writes, whatever order they come in. */
export interface PodStore {
  readonly get: (name: string) => ApiPod | undefined;
  readonly all: () => readonly ApiPod[];
  /** Takes a version of a pod, unless a later one or its end is known. */
  readonly put: (pod: ApiPod) => void;
  /** A pod of this identity is gone, for ever. */
  readonly drop: (name: string, uid: string) => void;
  readonly isGone: (uid: string) => boolean;
  readonly beginListing: () => Listing;
  /** Calls back with the name of each pod that changed. Returns how to end it. */
  readonly subscribe: (onChange: (name: string) => void) => () => void;
}

function isSame({ metadata: a }: ApiPod, { metadata: b }: ApiPod): boolean {
  return a.uid === b.uid && a.resourceVersion === b.resourceVersion;
}

const rememberedEnds = 10_000;

export function createPodStore(): PodStore {
  const pods = new Map<string, { readonly pod: ApiPod; readonly at: number }>();
  const ended = new Set<string>();
  const subscribers = new Set<(name: string) => void>();
  let count = 0;

  function tell(name: string): void {
    for (const subscriber of subscribers) subscriber(name);
  }

  function put(pod: ApiPod): void {
    const known = pods.get(pod.metadata.name)?.pod.metadata;
    if (known === undefined || isLater(pod.metadata.resourceVersion, known.resourceVersion)) keep(pod);
  }

  function keep(pod: ApiPod): void {
    const { managedFields: _bulky, ...metadata } = pod.metadata;
    if (ended.has(metadata.uid)) return;
    count += 1;
    pods.set(metadata.name, { pod: { ...pod, metadata }, at: count });
    tell(metadata.name);
  }

  function drop(name: string, uid: string): void {
    remember(uid);
    if (pods.get(name)?.pod.metadata.uid !== uid) return;
    pods.delete(name);
    tell(name);
  }

  function remember(uid: string): void {
    ended.add(uid);
    const oldest = ended.values().next().value;
    if (ended.size > rememberedEnds && oldest !== undefined) ended.delete(oldest);
  }

  function beginListing(): Listing {
    const begun = count;
    return {
      finish: (listed) => {
        const there = new Set(listed.map(({ metadata }) => metadata.uid));
        for (const [name, { pod, at }] of pods) {
          // What came later than the question may be missing in the answer.
          if (at <= begun && !there.has(pod.metadata.uid)) drop(name, pod.metadata.uid);
        }
        for (const pod of listed) {
          const known = pods.get(pod.metadata.name);
          // Versions go back when a cluster is put back to an earlier state: what was known before the question is no argument then.
          const isOutdated = known !== undefined && known.at <= begun && !isSame(known.pod, pod);
          if (isOutdated) keep(pod);
          else put(pod);
        }
      },
    };
  }

  return {
    get: (name) => pods.get(name)?.pod,
    all: () => [...pods.values()].map(({ pod }) => pod),
    put,
    drop,
    isGone: (uid) => ended.has(uid),
    beginListing,
    subscribe: (onChange) => {
      subscribers.add(onChange);
      return () => void subscribers.delete(onChange);
    },
  };
}

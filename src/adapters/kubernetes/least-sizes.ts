import type { PodContainer, PodManifest } from '../../model/pod.ts';

/** By resource: what a container of a namespace must ask for at the least, as its LimitRange has it; learnt, never forgotten. */
export type LeastSizes = Map<string, string>;

const suffixes: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** A quantity as Kubernetes writes it, as a number; null: it is none that we know. */
export function quantityOf(text: string): number | null {
  const [, digits, suffix = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
  const factor = suffixes[suffix];
  return digits === undefined || factor === undefined ? null : Number(digits) * factor;
}

function isLess(one: string, other: string): boolean {
  const [first, second] = [quantityOf(one), quantityOf(other)];
  return first !== null && second !== null && first < second;
}

/**
 * Takes up what the API server refused a pod for: so it is known without a right to read the LimitRange, which another cluster may
 * not give (builders.md §4.8). True: something is new, and the same pod may be asked for once more.
 */
export function learnLeast(least: LeastSizes, because: string): boolean {
  let isNew = false;
  for (const [, resource = '', size = ''] of because.matchAll(
    /minimum (\S+) usage per Container is (\d[\w.]*?)(?:\.? ? No|, but|[.,\]]|$)/g,
  )) {
    const known = least.get(resource);
    if (quantityOf(size) === null || (known !== undefined && !isLess(known, size))) continue;
    least.set(resource, size);
    isNew = true;
  }
  return isNew;
}

function raised(sizes: Readonly<Record<string, string>>, least: LeastSizes, whole: boolean): Record<string, string> {
  const all: Record<string, string> = { ...sizes };
  for (const [resource, size] of least) {
    const asked = all[resource];
    if (asked === undefined ? whole : isLess(asked, size)) all[resource] = size;
  }
  return all;
}

function raise(container: PodContainer, least: LeastSizes): PodContainer {
  const { requests, limits } = container.resources;
  // A limit that nobody set stays the cluster's; one that is below what must be asked for would refuse the pod.
  const resources = { requests: raised(requests, least, true), limits: raised(limits, least, false) };
  return { ...container, resources };
}

/** The pod with each container asking for what it must at the least; our own steps too, which ask for little. */
export function withLeast(manifest: PodManifest, least: LeastSizes): PodManifest {
  if (least.size === 0) return manifest;
  const { spec } = manifest;
  const all = (containers: readonly PodContainer[]) => containers.map((each) => raise(each, least));
  return {
    ...manifest,
    spec: { ...spec, initContainers: all(spec.initContainers), containers: all(spec.containers) },
  };
}

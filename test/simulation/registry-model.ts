import { RegistryTrouble } from '../../src/model/registry.ts';
import { type Digest, isDigest } from '../../src/model/sha.ts';
import type { Sim } from './sim.ts';
import { Timeline } from './timeline.ts';

interface Manifest {
  readonly digest: Digest;
  pushedAt: number;
  /** Before it (ms) the registry says that it knows nothing of it. */
  readonly visibleAt: number;
}

export interface RegistryRepository {
  readonly manifests: Map<Digest, Manifest>;
  /** What each tag ever named; null: nothing. */
  readonly tags: Map<string, Timeline<Digest | null>>;
  /** Every digest that was ever here. */
  readonly everHeld: Set<Digest>;
}

/** All registries of one world, by whole names of repositories: they outlive everything of ours. */
export interface RegistryWorld {
  readonly repositories: ReadonlyMap<string, RegistryRepository>;
  /** Throws `RegistryTrouble` while the host is away, and now and then. */
  mustAnswer(repository: string): void;
  put(repository: string, digest: Digest): void;
  /** What is there under a tag or digest, as the registry says now. */
  find(repository: string, reference: string): Digest | null;
  setTag(repository: string, tag: string, digest: Digest): void;
  dropTag(repository: string, tag: string): void;
  tagsOf(repository: string): readonly string[];
  /** The manifest is gone, with every tag that named it. */
  lose(repository: string, digest: Digest): void;
  goAway(host: string, milliseconds: number): void;
}

/** A manifest that no tag names is collected after so long, ms. */
const collectMs = 15 * 60_000;

export function createRegistryWorld(sim: Sim): RegistryWorld {
  const { now, after } = sim.time;
  const draws = sim.chance.stream('registries');
  const repositories = new Map<string, RegistryRepository>();
  const awayUntil = new Map<string, number>();
  const images = sim.knobs.queues?.images ?? null;

  function placeOf(name: string): RegistryRepository {
    const there = repositories.get(name);
    if (there) return there;
    const fresh: RegistryRepository = { manifests: new Map(), tags: new Map(), everHeld: new Set() };
    repositories.set(name, fresh);
    return fresh;
  }

  function wasTagged({ tags }: RegistryRepository, digest: Digest): boolean {
    return [...tags.values()].some((tag) => tag.since(now() - collectMs).includes(digest));
  }

  function collectLater(name: string, digest: Digest): void {
    if (!images?.collects) return;
    after(collectMs + 1, () => {
      const place = placeOf(name);
      const manifest = place.manifests.get(digest);
      if (!manifest || wasTagged(place, digest) || now() - manifest.pushedAt < collectMs) return;
      sim.note('registry: an untagged manifest was collected');
      sim.tell(() => `registry: ${name}@${digest.slice(0, 15)} is collected`);
      place.manifests.delete(digest);
    });
  }

  function write(name: string, tag: string, digest: Digest | null): void {
    const { tags } = placeOf(name);
    const names = tags.get(tag) ?? new Timeline<Digest | null>(now, null);
    const before = names.now();
    tags.set(tag, names);
    names.set(digest);
    sim.tell(() => `registry: ${name}:${tag} names ${digest?.slice(0, 15) ?? 'nothing'}`);
    if (before !== null && before !== digest) collectLater(name, before);
  }

  return {
    repositories,
    mustAnswer(repository) {
      const host = repository.split('/')[0] ?? '';
      if (now() < (awayUntil.get(host) ?? 0)) throw new RegistryTrouble('away', `connect ECONNREFUSED ${host}`);
      if (sim.faultsOn() && draws.happens(sim.knobs.rates.registryFails)) {
        sim.note('registry: 503');
        throw new RegistryTrouble('away', `${host} answered 503`);
      }
    },
    put(repository, digest) {
      const { manifests, everHeld } = placeOf(repository);
      const lags = sim.faultsOn() && draws.happens(sim.knobs.rates.manifestLag);
      if (lags) sim.note('registry: a manifest is unknown for a while');
      const visibleAt = now() + (lags ? draws.between(1_000, 30_000) : 0);
      const there = manifests.get(digest);
      if (there) there.pushedAt = now();
      else manifests.set(digest, { digest, pushedAt: now(), visibleAt });
      everHeld.add(digest);
      collectLater(repository, digest);
    },
    find(repository, reference) {
      const place = placeOf(repository);
      const digest = isDigest(reference) ? reference : (place.tags.get(reference)?.now() ?? null);
      const manifest = digest === null ? undefined : place.manifests.get(digest);
      return manifest && manifest.visibleAt <= now() ? manifest.digest : null;
    },
    setTag: write,
    dropTag: (repository, tag) => write(repository, tag, null),
    tagsOf: (repository) =>
      [...placeOf(repository).tags].flatMap(([tag, names]) => (names.now() === null ? [] : [tag])),
    lose(repository, digest) {
      const { manifests, tags } = placeOf(repository);
      manifests.delete(digest);
      for (const [tag, names] of tags) if (names.now() === digest) write(repository, tag, null);
    },
    goAway(host, milliseconds) {
      if (milliseconds > 0) sim.note(`registry: ${host} is away`);
      awayUntil.set(host, now() + milliseconds);
    },
  };
}

import type { Ports } from '../../src/app/context.ts';
import { type ImageRef, type RegistryCaller, RegistryTrouble } from '../../src/model/registry.ts';
import type { Digest } from '../../src/model/sha.ts';
import { noRegistryKeys } from '../../src/no-registry-keys.ts';
import type { Registry } from '../../src/ports/registry.ts';
import type { RegistryKeys } from '../../src/ports/registry-keys.ts';
import { withoutRegistry } from '../fakes/without-registry.ts';
import type { Calls } from './calls.ts';
import type { RegistryWorld } from './registry-model.ts';
import type { Process, Sim } from './sim.ts';

/** A tag that is about to be set for us. */
export interface TagWrite {
  readonly caller: RegistryCaller;
  readonly image: ImageRef;
  readonly tag: string;
  /** When a pod was made that sets it; null: the worker does it in its pass. */
  readonly decidedAt: number | null;
}

/** A tag that is about to be taken away for us. */
export interface TagRemoval {
  readonly process: Process;
  readonly caller: RegistryCaller;
  readonly repository: string;
  readonly tag: string;
}

/** Hears of every write before it takes place. */
export interface RegistryWatch {
  onTag(write: TagWrite): void;
  onUntag(removal: TagRemoval): void;
  /** A manifest is about to be deleted by its digest. */
  onDelete(repository: string, digest: Digest): void;
}

export interface RegistryParts {
  readonly sim: Sim;
  readonly calls: Calls;
  readonly registries: RegistryWorld;
  readonly watch: RegistryWatch;
  /** Planted: where no tag can be taken away, what it names is deleted. */
  readonly byDigest: boolean;
}

const mediaType = 'application/vnd.oci.image.manifest.v1+json';

/** Whoever asks may: credentials are tested elsewhere. */
const openKeys: RegistryKeys = {
  whyNot: () => null,
  filesFor: async () => ({ 'config.json': '{"auths":{}}' }),
};

function untag({ sim, registries, watch, byDigest }: RegistryParts, removal: TagRemoval, digest: Digest | null) {
  const { repository, tag } = removal;
  const there = registries.find(repository, tag);
  const deletes = sim.knobs.queues?.images?.deletes === true;
  if (there === null) return { kind: 'absent' } as const;
  if (digest !== null && there !== digest) return { kind: 'other', digest: there } as const;
  if (!deletes && !byDigest) {
    sim.note('registry: a tag is kept');
    return { kind: 'kept', because: 'registry.test answers 405: it takes no tag away' } as const;
  }
  watch.onUntag(removal);
  if (byDigest) {
    watch.onDelete(repository, there);
    registries.lose(repository, there);
  } else registries.dropTag(repository, tag);
  sim.note('registry: a change tag is taken away');
  return { kind: 'deleted' } as const;
}

/** Registries as one process reaches them, and the keys to them; in worlds without images nothing is pushed. */
export function registriesOf(parts: RegistryParts, process: Process): Pick<Ports, 'registry' | 'registryKeys'> {
  if (!parts.sim.knobs.queues?.images) return { registryKeys: noRegistryKeys, registry: withoutRegistry };
  return { registryKeys: openKeys, registry: registryPort(parts, process) };
}

function registryPort(parts: RegistryParts, process: Process): Registry {
  const { sim, calls, registries, watch } = parts;
  const ask = <T>(what: string, repository: string, effect: () => T): Promise<T> =>
    calls.call(process, `registry.${what}`, () => {
      registries.mustAnswer(repository);
      return effect();
    });
  const mustHold = ({ repository, digest }: ImageRef): void => {
    if (registries.find(repository, digest) === null)
      throw new RegistryTrouble('absent', `manifest unknown: ${repository}@${digest}`);
  };
  return {
    find: (repository, reference) =>
      ask('find', repository, () => {
        const digest = registries.find(repository, reference);
        return digest === null ? null : { digest, mediaType, bytes: 501 };
      }),
    copy: (from, to) =>
      ask('copy', from.repository, () => {
        registries.mustAnswer(to);
        mustHold(from);
        registries.put(to, from.digest);
        sim.note('registry: an image is copied');
        return { bytes: 501, blobs: 1, mounted: 0 };
      }),
    tag: (image, tag, caller) =>
      ask('tag', image.repository, () => {
        mustHold(image);
        if (registries.find(image.repository, tag) === image.digest) return { kind: 'same' } as const;
        watch.onTag({ caller, image, tag, decidedAt: null });
        registries.setTag(image.repository, tag, image.digest);
        return { kind: 'set' } as const;
      }),
    untag: (repository, tag, digest, caller) =>
      ask('untag', repository, () => untag(parts, { process, caller, repository, tag }, digest)),
    tags: (repository) => ask('tags', repository, () => registries.tagsOf(repository)),
    putIndex: (repository) =>
      ask('putIndex', repository, () => {
        throw new RegistryTrouble('refused', 'no image of these worlds has several platforms');
      }),
  };
}

import { RegistryTrouble, type TagOutcome, type UntagOutcome } from '../../model/registry.ts';
import type { Digest } from '../../model/sha.ts';
import type { Manifest } from './manifest.ts';
import { getManifest, nameOf, putManifest } from './manifest-calls.ts';
import type { RegistryKind } from './registry-kinds.ts';
import type { Repository } from './repository.ts';
import { deleteTag } from './tag-deletion.ts';
import { untilKnown } from './tries.ts';
import { RegistryRefusal } from './trouble.ts';

/** Points a tag at what is there under a digest, and reads it back. */
export async function tagImage(repository: Repository, digest: Digest, tag: string): Promise<TagOutcome> {
  const manifest = await manifestOf(repository, digest);
  if ((await getManifest(repository, tag))?.digest === digest) return { kind: 'same' };
  try {
    await putManifest(repository, tag, manifest);
  } catch (trouble) {
    if (trouble instanceof RegistryRefusal && isImmutable(trouble))
      return { kind: 'immutable', because: trouble.message };
    throw trouble;
  }
  await demandTag(repository, tag, digest);
  return { kind: 'set' };
}

/** Waits until the tag is read back as this digest. Throws `RegistryTrouble` (`away`) when it is not. */
export async function demandTag(repository: Repository, tag: string, digest: Digest): Promise<void> {
  const { clock, signal } = repository;
  const ask = () => getManifest(repository, tag);
  const found = await untilKnown(clock, signal, ask, (answer) => answer?.digest === digest);
  if (found?.digest === digest) return;
  const other = found === null ? 'nothing' : found.digest;
  throw new RegistryTrouble('away', `${nameOf(repository, tag)} was set to ${digest}, and read back it is ${other}`);
}

/** Takes a tag away if it names this digest; by the ways of this kind of registry, and read back. */
export async function untagImage(
  repository: Repository,
  kindOf: () => RegistryKind,
  digest: Digest | null,
  tag: string,
): Promise<UntagOutcome> {
  const found = await getManifest(repository, tag);
  if (found === null) return { kind: 'absent' };
  if (digest !== null && found.digest !== digest) return { kind: 'other', digest: found.digest };
  const because = await deleteTag(repository, kindOf(), found.digest, tag);
  if (because !== null) return { kind: 'kept', because };
  const { clock, signal } = repository;
  const left = await untilKnown(
    clock,
    signal,
    () => getManifest(repository, tag),
    (answer) => answer?.digest !== found.digest,
  );
  if (left?.digest !== found.digest) return { kind: 'deleted' };
  return { kind: 'kept', because: `${repository.place.host} took the call, but the tag is still there` };
}

/** What is there under a digest; what was just pushed may take a while. Throws `RegistryTrouble` (`absent`) without it. */
export async function manifestOf(repository: Repository, digest: Digest): Promise<Manifest> {
  const { clock, signal } = repository;
  const found = await untilKnown(
    clock,
    signal,
    () => getManifest(repository, digest),
    (answer) => answer !== null,
  );
  if (found !== null) return found;
  throw new RegistryTrouble('absent', `there is no ${nameOf(repository, digest)}: it was deleted, or never pushed`);
}

/** True where the tag names something else for good. ECR, Harbor, Google and Docker Hub each have their own code, all such words. */
export function isImmutable({ kind, words }: RegistryRefusal): boolean {
  return kind !== 'away' && /immutab|cannot be overwritten|already exists/i.test(words.text);
}

import type {
  Copied,
  FoundManifest,
  ImageRef,
  IndexEntry,
  RegistryCaller,
  TagOutcome,
  UntagOutcome,
} from '../model/registry.ts';
import type { Digest } from '../model/sha.ts';

/**
 * Registries, spoken to in the name of a caller whose credential is chosen, read and forgotten with each call (images.md §4).
 * Repositories carry their host. Every call throws `RegistryTrouble` where it could not be done; it tries three times itself
 * where a registry is away for a moment. All may be repeated.
 */
export interface Registry {
  /** What is there under a tag or a digest, asked now; null: nothing is. A manifest of schema 1 is refused. */
  find(repository: string, reference: string, caller: RegistryCaller): Promise<FoundManifest | null>;
  /**
   * The image whole under the same digest: index, every child, every blob and what refers to it (signatures, SBOMs,
   * attestations), itself last: where it is, all of it is. Blobs are mounted where the registry is the same, else streamed with bounded memory and compared on the way;
   * what is there already is left. No tag is set. Going on after a cut goes on where it was.
   */
  copy(
    from: ImageRef,
    to: string,
    callers: { readonly from: RegistryCaller; readonly to: RegistryCaller },
    signal: AbortSignal,
  ): Promise<Copied>;
  /** Points a tag at what is there under this digest, and reads it back. */
  tag(image: ImageRef, tag: string, caller: RegistryCaller): Promise<TagOutcome>;
  /** Takes a tag away, if it still names this digest; null: whatever it names. */
  untag(repository: string, tag: string, digest: Digest | null, caller: RegistryCaller): Promise<UntagOutcome>;
  /** All tags of a repository, every page; empty where there is no such repository. */
  tags(repository: string, caller: RegistryCaller): Promise<readonly string[]>;
  /** Writes an index over children that are there; gives its digest, which the same children give on any worker. */
  putIndex(repository: string, children: readonly IndexEntry[], caller: RegistryCaller): Promise<Digest>;
}

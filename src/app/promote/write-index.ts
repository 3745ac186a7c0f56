import type { WantedIndex } from '../../core/promote/collect-images.ts';
import { fullName } from '../../model/project.ts';
import type { QueueBranch } from '../../model/queue.ts';
import { tagBeside } from '../../model/registry.ts';
import type { Digest } from '../../model/sha.ts';
import type { AppContext } from '../context.ts';

/**
 * Writes the index over what the builds of several platforms uploaded, under its change tag, so that what is tested is what is
 * promoted. Else why it could not be written now.
 */
export async function writeIndex(
  { ports }: AppContext,
  { project, branch }: Pick<QueueBranch, 'project' | 'branch'>,
  { place, children }: WantedIndex,
): Promise<Digest | { readonly because: string }> {
  const caller = { project: project.id, fullName: fullName(project), branch, use: 'upload' } as const;
  try {
    const digest = await ports.registry.putIndex(place.repository, children, caller);
    const image = { repository: place.repository, digest };
    const { kind } = await ports.registry.tag(image, place.tag, caller);
    // An index over an earlier upload of the candidate has it for good: a tag must keep this one from being collected.
    if (kind === 'immutable') await ports.registry.tag(image, tagBeside(place.tag, digest), caller);
    return digest;
  } catch (err) {
    ports.log.warn({ repository: place.repository, tag: place.tag, err }, 'an index could not be written');
    return { because: err instanceof Error ? err.message : 'unknown error' };
  }
}

import type { PodManifest } from '../../../src/model/pod.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { Repository } from '../forge-world.ts';
import { imagesOf } from '../gate/configs.ts';
import { gitOf } from '../gate/move-branch.ts';
import { landingsOf, ourEntries } from '../gate/owned-tags.ts';
import type { Knobs } from '../knobs.ts';
import { isOfPushed } from './check-start.ts';

/**
 * A ledger has this image of a commit that the pushed one holds, and no file of it differs since: there is nothing to build of it
 * (commands.md §5).
 */
export function isPublishedAs(
  { queues }: Pick<Knobs, 'queues'>,
  repository: Repository,
  manifest: PodManifest,
  commit: Sha,
): boolean {
  if (!queues?.images || !isOfPushed(manifest)) return false;
  const { image } = JSON.parse(manifest.metadata.annotations['sluice.dev/point'] ?? '{}');
  const below = imagesOf(queues.images).find(({ name }) => name === image)?.below;
  if (below === undefined) return false;
  const git = gitOf(repository);
  const isOfImage = (path: string): boolean => below === null || path.startsWith(`${below}/`);
  return [...git.ledgers.keys()]
    .flatMap((branch) => landingsOf(git, ourEntries(git, branch)))
    .some(
      ({ landed, images }) =>
        images.some(({ name }) => name === image) &&
        git.model.contains(commit, landed.commit) &&
        !git.model.changed(landed.commit, commit).some(isOfImage),
    );
}

import type { LedgerEntry } from '../../../src/model/ledger.ts';
import { podKeys } from '../../../src/model/pod.ts';
import type { RecordedImage } from '../../../src/model/promotion.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { Repository } from '../forge-world.ts';
import { gitOf } from '../gate/move-branch.ts';
import { ourEntries } from '../gate/owned-tags.ts';
import type { Watched } from '../ground-truth.ts';
import { digestOf, uploadOf } from '../uploader.ts';

/** Whether a pod that passed built exactly this, of this commit, with all trust. */
export function isBuiltOf({ cluster }: Watched, commit: Sha, { digest }: RecordedImage): boolean {
  return cluster.everBeen.some(
    ({ manifest, phase }) =>
      phase === 'succeeded' &&
      manifest.metadata.annotations[podKeys.commit] === commit &&
      manifest.metadata.labels['sluice.dev/trust'] === 'trusted' &&
      uploadOf(manifest) !== null &&
      digestOf(manifest) === digest,
  );
}

/** What the ledger is told of a push: built of that commit, which the branch held, and put where it belongs in its line. */
export function checkEntry(watched: Watched, repository: Repository, { branch, detail }: LedgerEntry): void {
  if (detail.kind !== 'pushed') return;
  const { sim } = watched;
  const { commit, tree, images, below } = detail;
  const git = gitOf(repository);
  const found = git.model.get(commit);
  if (found?.tree !== tree) sim.violate('ledger', `${commit} is recorded with the tree ${tree}`);
  const tips = repository.branches.get(branch)?.all() ?? [];
  if (!tips.includes(commit))
    sim.violate('ledger', `${commit} is recorded as pushed to ${branch}, which never held it`);
  for (const image of images)
    if (!isBuiltOf(watched, commit, image))
      sim.violate(
        'S3',
        `${image.name} of ${commit} is recorded as ${image.digest.slice(0, 19)}, which nobody built of it`,
      );
  const landed = ourEntries(git, branch).findLast(
    (entry) => entry.detail.kind === 'landed' && git.model.contains(commit, entry.detail.commit),
  );
  if (below !== (landed?.sequence ?? 0))
    sim.violate('order', `${commit} is recorded above landing ${below}, and holds ${landed?.sequence ?? 0}`);
  sim.note('push: recorded');
}

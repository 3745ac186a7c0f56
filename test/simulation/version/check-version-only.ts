import type { PodManifest } from '../../../src/model/pod.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { Repository } from '../forge-world.ts';
import { gitOf } from '../gate/move-branch.ts';
import type { Watched } from '../ground-truth.ts';
import { uploadOf } from '../uploader.ts';
import { versionFile } from './lines.ts';

function isVersionOnly({ git }: Repository, from: Sha, to: Sha): boolean {
  return (git?.model.changed(from, to) ?? []).every((path) => path === versionFile);
}

/**
 * V6: of a commit on main that only changes the version of what was published before it came, no image is built there. A release
 * branch that was cut at it has rows of its own: where all that was known of that was lost, it is built there in doubt (versions.md §3).
 */
export function checkVersionOnly(
  { sim }: Watched,
  repository: Repository,
  branch: string,
  manifest: PodManifest,
  commit: Sha,
): void {
  if (branch !== 'main' || !sim.knobs.queues?.images?.pushes?.versions || uploadOf(manifest) === null) return;
  const git = gitOf(repository);
  const move = git.moves.find(({ branch: name, to }) => name === branch && to === commit);
  // By a ledger in which nothing counts nobody can tell what was published: in doubt it is built (versions.md §3).
  if (!move || (git.unsoundUntil.get(branch) ?? 0) >= move.at) return;
  const image = JSON.parse(manifest.metadata.annotations['sluice.dev/point'] ?? '{}').image;
  for (
    let at = git.model.get(commit)?.parents[0];
    at !== undefined && isVersionOnly(repository, at, commit);
    at = git.model.get(at)?.parents[0]
  ) {
    const published = [...git.entries.values()].find(
      ({ detail, at: recordedAt, branch: of }) =>
        detail.kind === 'pushed' &&
        of === branch &&
        detail.commit === at &&
        recordedAt + 10_000 < move.at &&
        detail.images.some(({ name }) => name === image),
    );
    const isForward = git.moves.every(
      ({ branch: name, from, to, at: movedAt }) =>
        name !== branch || published === undefined || movedAt < published.at || git.model.contains(to, from),
    );
    if (published && isForward)
      sim.violate('V6', `${image} is built of ${commit}, which only has another version than ${at.slice(0, 8)}`);
  }
}

import { type PodManifest, podKeys } from '../../../src/model/pod.ts';
import { createChance } from '../chance.ts';
import type { ForgeWorld } from '../forge-world.ts';
import { repositoryOf } from '../ground-truth.ts';
import type { Knobs } from '../knobs.ts';
import type { Work } from '../pod-life.ts';
import { failsOn } from './configs.ts';
import { isOnForge } from './repository-git.ts';

/** In worlds with git, the tree alone says how a job ends; what was not published cannot be checked out. Null: chance says. */
export function judgePod(forge: ForgeWorld, manifest: PodManifest, { seed, queues }: Knobs): Work | null {
  const { annotations, name } = manifest.metadata;
  const git = repositoryOf(forge, manifest)?.git;
  if (!git) return null;
  const commit = git.model.get(annotations[podKeys.commit] ?? '');
  if (!commit || !isOnForge(git, commit.sha)) return 'checkout failed';
  const files = git.model.filesAt(annotations[podKeys.tree] ?? '') ?? {};
  if (failsOn(files, annotations['sluice.dev/job'] ?? '')) return 'failure';
  // What is built again once it has landed is tried once an hour: in these worlds that must do.
  const isAgain = annotations[podKeys.subject]?.startsWith('promote/') === true;
  const flakes = isAgain ? 0 : (queues?.bestFirst?.flakes ?? 0);
  // The same pod says the same, whoever asks.
  return flakes > 0 && createChance(seed).stream(`flake of ${name}`).happens(flakes) ? 'failure' : 'success';
}

import { type PodManifest, podKeys } from '../../../src/model/pod.ts';
import type { ForgeWorld } from '../forge-world.ts';
import { repositoryOf } from '../ground-truth.ts';
import type { Work } from '../pod-life.ts';
import { failsOn } from './configs.ts';
import { isOnForge } from './repository-git.ts';

/** In worlds with git, the tree alone says how a job ends; what was not published cannot be checked out. Null: chance says. */
export function judgePod(forge: ForgeWorld, manifest: PodManifest): Work | null {
  const { annotations } = manifest.metadata;
  const git = repositoryOf(forge, manifest)?.git;
  if (!git) return null;
  const commit = git.model.get(annotations[podKeys.commit] ?? '');
  if (!commit || !isOnForge(git, commit.sha)) return 'checkout failed';
  const files = git.model.filesAt(annotations[podKeys.tree] ?? '') ?? {};
  return failsOn(files, annotations['sluice.dev/job'] ?? '') ? 'failure' : 'success';
}

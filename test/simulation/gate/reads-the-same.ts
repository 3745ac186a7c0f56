import { configFile } from '../../../src/model/config.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { WorldJob } from './configs.ts';
import type { GitModel } from './git-model.ts';

/** What every job reads in these worlds, whatever it says. */
const readByAll = [configFile, 'go.sum'];

function reads({ below, images }: WorldJob, path: string): boolean {
  const folders = images.length > 0 ? images.map((image) => image.context ?? null) : [below];
  return folders.some((folder) => folder === null || path.startsWith(`${folder}/`));
}

/**
 * The second rule of landing, for worlds with lanes alone (scheduling.md §5 "closure"): what passed as one commit counts for another
 * one only if no file differs between them that one of these jobs reads. Told from the files, not from anything that the product says.
 */
export function readsTheSame(model: GitModel, one: Sha, other: Sha, jobs: readonly WorldJob[]): boolean {
  if (model.filesAt(one) === null) return false;
  const differing = model.changed(one, other);
  return !differing.some((path) => readByAll.includes(path) || jobs.some((job) => reads(job, path)));
}

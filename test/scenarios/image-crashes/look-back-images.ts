import { execFileSync } from 'node:child_process';
import { readDigest } from '../../harness/oci-image.ts';
import type { SeenRequest } from '../../harness/registry-front.ts';
import { type ImageChange, type ImageCrashWorld, imageNames } from './image-crash-world.ts';

/** What anybody can see of a change and its images in the end. */
export interface FoundImages {
  /** Commits that `main` got. */
  readonly landed: number;
  /** Entries of the ledger that say so. */
  readonly entries: number;
  readonly gate: readonly string[];
  /** Conclusions of `sluice/promote` on the landed commit. */
  readonly promote: readonly string[];
  /** Images whose tag names what the ledger says of them. */
  readonly published: readonly string[];
  /** How the final tags were ever set to anything else, and what was ever deleted but tags of changes. */
  readonly wrong: readonly string[];
}

export async function lookBackImages(world: ImageCrashWorld, change: ImageChange): Promise<FoundImages> {
  const { repo, head } = change;
  const { ledger } = await world.readMain(repo);
  if (ledger.kind === 'broken') throw new Error(ledger.because);
  const landings = ledger.entries.flatMap(({ detail }) => (detail.kind === 'landed' ? [detail] : []));
  const recorded = new Map((landings.at(-1)?.verdict.images ?? []).map(({ name, digest }) => [name, digest]));
  const folder = world.github.gitFolder(repo);
  const log = execFileSync('git', ['-C', folder, 'log', '--first-parent', '--format=%H', 'main'], { encoding: 'utf8' });
  const commits = log.trim().split('\n');
  const published: string[] = [];
  for (const image of imageNames) {
    const digest = await readDigest(world.final.base, world.nameIn('final', repo, image), 'latest');
    if (digest !== null && digest === recorded.get(image)) published.push(image);
  }
  return {
    landed: commits.length - 1,
    entries: landings.length,
    gate: await world.conclusionsOn(repo, head, 'sluice/gate/main'),
    promote: await world.conclusionsOn(repo, commits[0] ?? '', 'sluice/promote'),
    published,
    wrong: imageNames.flatMap((image) => wrongIn(world, repo, image, recorded.get(image))),
  };
}

function wrongIn(world: ImageCrashWorld, repo: string, image: string, digest: string | undefined): readonly string[] {
  const of = (registry: 'staging' | 'final') => {
    const path = ` /v2/${world.nameIn(registry, repo, image)}/`;
    return world[registry].front.seen.filter(({ line }) => line.includes(path));
  };
  const isManifest = ({ line }: SeenRequest) => line.includes('/manifests/');
  const [staged, final] = [of('staging'), of('final')];
  const set = final.filter(
    (seen) => seen.line.startsWith('PUT ') && isManifest(seen) && seen.content !== undefined && seen.content !== digest,
  );
  const deleted = [...staged, ...final].filter(
    ({ line }) => line.startsWith('DELETE ') && !/\/manifests\/change_[^/]+$/.test(line),
  );
  return [...set, ...deleted].map(({ line, content }) => `${line} ${content ?? ''}`);
}

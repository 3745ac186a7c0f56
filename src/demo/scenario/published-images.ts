import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { storeRepository } from './set-registries.ts';
import { claim, type Stage } from './stage.ts';

const run = promisify(execFile);

/** The store's images, as they are named in its file. */
const names = ['api', 'web'] as const;

/** What a landing recorded of one of its images. */
interface LandedImage {
  readonly name: string;
  readonly digest: string;
  readonly staged: { readonly repository: string; readonly tag: string };
}

/** Digests under the tags that people pull, in order; null: not there. */
export type FinalTags = readonly (string | null)[];

export function readFinalTags({ images }: Pick<Stage, 'images'>): Promise<FinalTags> {
  return Promise.all(names.map((name) => images.final.digestOf(`acme/${name}`, 'latest')));
}

function short(digest: string | null): string {
  return digest === null ? 'not there' : `${digest.slice(0, 19)}…`;
}

/** One line for people. */
export function tagsLine({ images }: Pick<Stage, 'images'>, tags: FinalTags): string {
  const each = names.map((name, index) => `${name}:latest ${short(tags[index] ?? null)}`);
  return `${images.final.address}/acme/{${names.join(',')}}: ${each.join(' · ')}`;
}

/** How many of the tags are others than before. */
export function countMoved(before: FinalTags, now: FinalTags): number {
  return now.filter((digest, index) => digest !== before[index]).length;
}

/** Where the gate put images of a change: their tags, in the registry that only it writes to. */
export async function readChangeTags({ images }: Pick<Stage, 'images'>, number: number): Promise<readonly string[]> {
  const { staging, final } = images;
  const places = names.map((name) => `waiting/${final.address.replace(':', '-')}/acme/${name}`);
  const tags = await Promise.all(
    places.map(async (place) => (await staging.tagsOf(place)).map((tag) => `${staging.address}/${place}:${tag}`)),
  );
  return tags.flat().filter((tag) => tag.includes(`:change_${number}_`));
}

/** The images of the newest landing, as its signed entry has them. */
export async function readLandedImages({ github }: Pick<Stage, 'github'>): Promise<readonly LandedImage[]> {
  const folder = github.gitFolder(storeRepository);
  const { stdout } = await run('git', ['-C', folder, 'show', 'refs/sluice/ledger/main:entry.json']);
  const { detail } = JSON.parse(stdout) as {
    readonly detail: { readonly kind: string; readonly verdict?: { readonly images?: readonly LandedImage[] } };
  };
  const images = detail.verdict?.images ?? [];
  const found = names.map((name) => images.find((image) => image.name === name));
  const recorded = found.filter((image) => image !== undefined);
  claim(recorded.length === names.length, `the ledger records ${names.join(' and ')} of the newest landing`);
  return recorded;
}

/** Holds what people pull against what the ledger says, by `skopeo inspect`. */
export async function claimPublished(stage: Stage, say: (words: string) => void): Promise<void> {
  const recorded = await readLandedImages(stage);
  const tags = await readFinalTags(stage);
  recorded.forEach(({ name, digest }, index) => {
    const there = tags[index] ?? null;
    claim(there === digest, `acme/${name}:latest is ${digest}, as the gate tested it (there is ${there ?? 'nothing'})`);
    say(`skopeo inspect ${stage.images.final.address}/acme/${name}:latest → ${short(there)}, as in the ledger`);
  });
}

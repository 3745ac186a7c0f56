import type { Digest } from '../../../src/model/sha.ts';
import type { WatchedTags } from '../gate/check-promotion.ts';
import type { TagWrite } from '../registry-port.ts';
import { compare, type PlainVersion, plainVersion } from './model.ts';
import { type RecordedRelease, recordedReleases } from './recorded-releases.ts';

function isMoving(tag: string): boolean {
  return tag === 'latest' || /^v\d+\.\d+$/.test(tag);
}

/** Of a release, and of no branch or commit. */
export function isReleaseTag(tag: string): boolean {
  return isMoving(tag) || plainVersion(tag) !== null;
}

/** What we set under each tag of a world's registries last. */
const lastSet = new WeakMap<object, Map<string, { readonly digest: Digest; readonly version: PlainVersion }>>();

/** Whether our own registries have a digest of every image of a release where people pull it. */
function lacking({ registries }: WatchedTags, { images }: RecordedRelease): string | undefined {
  return images.find(({ repository, digest }) => !registries.repositories.get(repository)?.everHeld.has(digest))?.name;
}

/** A final tag is set where nothing is, and names the same for ever (versions.md §6.3). */
function checkFinal({ sim, registries, age }: WatchedTags, { image, tag }: TagWrite, release: RecordedRelease): void {
  const name = `${image.repository}:${tag}`;
  if (plainVersion(tag)?.text !== release.plain.text)
    sim.violate('S3', `${name} goes to ${image.digest.slice(0, 19)} of ${release.version}`);
  const was = lastSet.get(registries)?.get(name);
  if (was && was.digest !== image.digest)
    sim.violate('releases', `${name} was set to ${was.digest.slice(0, 19)} and becomes ${image.digest.slice(0, 19)}`);
  const there = registries.repositories.get(image.repository)?.tags.get(tag);
  const present = there?.now() ?? null;
  const isFresh = there !== undefined && sim.time.now() - there.setAt() < age;
  if (present !== null && present !== image.digest && !isFresh)
    sim.violate('releases', `${name} names ${present.slice(0, 19)} and is overwritten`);
}

/** One that moves goes to no lower version, and to no prerelease (versions.md §4, §7). */
function checkMoving({ sim, registries }: WatchedTags, { image, tag }: TagWrite, release: RecordedRelease): void {
  const name = `${image.repository}:${tag}`;
  const was = lastSet.get(registries)?.get(name);
  if (was && compare(release.plain, was.version) < 0)
    sim.violate('order', `${name} goes back from ${was.version.text} to ${release.version}`);
  if (release.plain.prerelease !== '') sim.violate('order', `${name} goes to the prerelease ${release.version}`);
  const scope = /^v(\d+\.\d+)$/.exec(tag)?.[1];
  if (scope !== undefined && !release.plain.text.startsWith(`${scope}.`))
    sim.violate('S3', `${name} goes to ${release.version}`);
}

/** S3 and S8 of a tag of a release: it names what a ledger records, all of which is where people pull it. */
export function checkReleaseTag(watched: WatchedTags, write: TagWrite): void {
  const { sim, forge, registries } = watched;
  const { image, tag, caller } = write;
  const repository = forge.repositories.get(caller.project);
  const release =
    repository &&
    recordedReleases(repository).find(({ images }) =>
      images.some(({ digest, repository: place }) => digest === image.digest && place === image.repository),
    );
  if (!release) {
    sim.violate(
      'S3',
      `${image.repository}:${tag} goes to ${image.digest.slice(0, 19)}, which no ledger records as released`,
    );
    return;
  }
  const lacks = lacking(watched, release);
  if (lacks !== undefined) sim.violate('S8', `${tag} is set, and ${lacks} of ${release.version} is not there yet`);
  if (isMoving(tag)) checkMoving(watched, write, release);
  else checkFinal(watched, write, release);
  const all = lastSet.get(registries) ?? new Map();
  lastSet.set(registries, all.set(`${image.repository}:${tag}`, { digest: image.digest, version: release.plain }));
  sim.note(isMoving(tag) ? 'release: a moving tag is set' : 'release: a final tag is set');
}

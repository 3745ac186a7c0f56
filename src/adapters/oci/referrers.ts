import { type Digest, isDigest } from '../../model/sha.ts';
import { nextPage } from './list-tags.ts';
import { digestOf, indexType, mostManifest } from './manifest.ts';
import { getManifest, putManifest } from './manifest-calls.ts';
import { drain, parseObject, readBytes } from './read-answer.ts';
import type { Repository } from './repository.ts';
import { untilKnown } from './tries.ts';

/** What refers to an image, as an index lists it; more keys than these belong to whoever wrote them. */
export type Referrer = Readonly<Record<string, unknown>> & { readonly digest: Digest };

interface Referrers {
  readonly list: readonly Referrer[];
  /** The registry has no list of its own: it is kept under a tag. */
  readonly byTag: boolean;
}

const mostPages = 50;

/** By the registry's API, and where it has none by the tag schema. */
export async function listReferrers(repository: Repository, subject: Digest): Promise<Referrers> {
  const byApi = await askReferrers(repository, subject);
  if (byApi !== null) return { list: byApi, byTag: false };
  const index = await getManifest(repository, tagOf(subject));
  return { list: index === null ? [] : entriesOf(index.content, subject), byTag: true };
}

async function askReferrers(repository: Repository, subject: Digest): Promise<readonly Referrer[] | null> {
  const what = `cannot list what refers to ${repository.place.repository}@${subject}`;
  const found: Referrer[] = [];
  let to: string | URL = `referrers/${subject}`;
  for (let page = 0; page < mostPages; page += 1) {
    const headers = { accept: indexType };
    // Registries without it give all kinds of answers.
    const takes = [200, 400, 403, 404, 405, 501];
    const call = { what, method: 'GET', to, need: 'pull', headers, takes } as const;
    const answer = await repository.ask(call, async (given) => {
      if (given.status === 200 && String(given.headers['content-type']).startsWith(indexType))
        return {
          list: entriesOf(await readBytes(given, mostManifest, what), subject),
          next: nextPage(given.headers.link),
        };
      drain(given);
      return null;
    });
    if (answer === null) return null;
    found.push(...answer.list);
    if (answer.next === null) break;
    to = new URL(answer.next, repository.place.origin);
  }
  return found;
}

/** A registry with the API has read `subject` itself; for another the tag's index is written, and what it named is kept. */
export async function keepReferrers(to: Repository, subject: Digest, wanted: readonly Referrer[]): Promise<void> {
  const { clock, signal } = to;
  const isComplete = ({ list }: Referrers) => wanted.every(({ digest }) => list.some((each) => each.digest === digest));
  const found = await untilKnown(
    clock,
    signal,
    () => listReferrers(to, subject),
    (now) => now.byTag || isComplete(now),
  );
  if (!found.byTag || isComplete(found)) return;
  const manifests = [...new Map([...found.list, ...wanted].map((each) => [each.digest, each])).values()];
  const content = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }));
  const index = { digest: digestOf(content), mediaType: indexType, content };
  await putManifest(to, tagOf(subject), index);
}

/** Tags under which cosign keeps signatures, attestations and SBOMs of a manifest beside the specification. */
export function namedAfter(subject: Digest): readonly string[] {
  return ['sig', 'att', 'sbom'].map((what) => `${tagOf(subject)}.${what}`);
}

function tagOf(subject: Digest): string {
  return subject.replace(':', '-');
}

function entriesOf(content: Buffer, subject: Digest): readonly Referrer[] {
  const { manifests } = parseObject(content, `what refers to ${subject}`);
  const list = Array.isArray(manifests) ? (manifests as Partial<Record<string, unknown>>[]) : [];
  return list.flatMap((entry) => {
    const digest = entry?.digest;
    return typeof digest === 'string' && isDigest(digest) ? [{ ...entry, digest }] : [];
  });
}

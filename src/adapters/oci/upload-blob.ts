import { createHash } from 'node:crypto';
import { RegistryTrouble } from '../../model/registry.ts';
import { type HttpAnswer, SourceFailure } from './http.ts';
import type { Descriptor } from './manifest.ts';
import { drain } from './read-answer.ts';
import { locationOf, type Repository } from './repository.ts';
import { createTries, worthATry } from './tries.ts';

/** The bytes of a blob from an offset on; opened again to go on after a cut. */
export type BlobSource = (offset: number) => AsyncIterable<Buffer>;

/** An upload that the registry knows of, and how much of it the registry has. */
interface Upload {
  readonly url: URL;
  readonly offset: number;
}

/** Registries may read all of it again before they answer. */
const commitPatience = 10;
const forgotten: readonly number[] = [404, 410, 416];

/** Whether the registry has it, with this size. */
export function hasBlob(repository: Repository, { digest, size }: Descriptor): Promise<boolean> {
  const what = `cannot look for ${digest} in ${repository.place.repository}`;
  const call = { what, method: 'HEAD', to: `blobs/${digest}`, need: 'push', takes: [200, 404] } as const;
  return repository.ask(call, (answer) => {
    drain(answer);
    const found = answer.headers['content-length'];
    if (answer.status === 200 && found !== undefined && Number(found) !== size)
      throw new RegistryTrouble('corrupt', `${what}: it has ${found} bytes there instead of ${size}`);
    return answer.status === 200;
  });
}

/**
 * Streams a blob into a repository; its bytes are compared with its digest before they count. After a cut it asks what the
 * registry has and goes on there, or begins anew where the registry has forgotten.
 */
export async function uploadBlob(
  repository: Repository,
  blob: Descriptor,
  source: BlobSource,
  begun: URL | null = null,
): Promise<void> {
  const what = `cannot upload ${blob.digest} to ${repository.place.repository}`;
  const tries = createTries(repository.clock, repository.signal);
  const compared = compare(blob, what);
  let upload: Upload = { url: begun ?? (await beginUpload(repository, what)), offset: 0 };
  for (;;) {
    const from = compared.sent();
    try {
      if (upload.offset < blob.size)
        upload = await send(repository, upload, blob, compared.pass(source, upload.offset), what);
      if (upload.offset === blob.size) return await commit(repository, upload, blob, what);
    } catch (trouble) {
      // Its owner has tried often enough.
      if (trouble instanceof SourceFailure) throw trouble.cause;
      if (compared.sent() - from >= worthATry) tries.achieved();
      await tries.failed(trouble);
      // A lost reply looks like a cut.
      if (await hasBlob(repository, blob)) return;
      upload = await whereWeAre(repository, upload, what);
    }
  }
}

/** What came of asking for a mount; `begun`: an upload that the registry opened instead. */
type Mount =
  | { readonly kind: 'mounted'; readonly begun?: never }
  | { readonly kind: 'not'; readonly begun: URL | null };

/** Asks the registry to take the blob from another of its repositories, which the credential need not be allowed to read. */
export async function mountBlob(repository: Repository, blob: Descriptor, from: string): Promise<Mount> {
  const what = `cannot mount ${blob.digest} into ${repository.place.repository}`;
  const to = `blobs/uploads/?${new URLSearchParams({ mount: blob.digest, from })}`;
  const call = { what, method: 'POST', to, need: 'push', alsoPull: from, takes: [201, 202] } as const;
  try {
    return await repository.ask(call, (answer) => {
      drain(answer);
      if (answer.status === 201) return { kind: 'mounted' };
      return { kind: 'not', begun: locationOf(answer, repository.place, what) };
    });
  } catch (trouble) {
    if (trouble instanceof RegistryTrouble && trouble.kind !== 'away') return { kind: 'not', begun: null };
    throw trouble;
  }
}

function beginUpload(repository: Repository, what: string): Promise<URL> {
  const call = { what, method: 'POST', to: 'blobs/uploads/', need: 'push', takes: [202] } as const;
  return repository.ask(call, (answer) => {
    drain(answer);
    return locationOf(answer, repository.place, what);
  });
}

/** Hashes what goes by for the first time, and lets the last piece go only when all is what it should be. */
function compare(blob: Descriptor, what: string) {
  const hash = createHash('sha256');
  let hashed = 0;
  let found: string | null = null;

  function meet(piece: Buffer, at: number): void {
    const fresh = piece.subarray(Math.max(0, hashed - at));
    if (found === null) hash.update(fresh);
    hashed += fresh.length;
    if (hashed === blob.size) found ??= `sha256:${hash.digest('hex')}`;
    if (hashed > blob.size || (found !== null && found !== blob.digest))
      throw new RegistryTrouble('corrupt', `${what}: its content is that of ${found ?? 'something longer'}`);
  }

  async function* pass(source: BlobSource, offset: number): AsyncGenerator<Buffer> {
    let at = offset;
    for await (const piece of source(offset)) {
      if (at + piece.length > hashed) meet(piece, at);
      at += piece.length;
      yield piece;
    }
    if (at !== blob.size) throw new RegistryTrouble('corrupt', `${what}: it has ${at} bytes instead of ${blob.size}`);
  }

  return { pass, sent: () => hashed };
}

async function send(
  repository: Repository,
  { url, offset }: Upload,
  blob: Descriptor,
  pieces: AsyncIterable<Buffer>,
  what: string,
): Promise<Upload> {
  const length = blob.size - offset;
  const answer = await repository.once({
    what,
    method: 'PATCH',
    to: url,
    need: 'push',
    headers: {
      'content-type': 'application/octet-stream',
      // Only to go on: some registries take no ranges.
      ...(offset === 0 ? {} : { 'content-range': `${offset}-${blob.size - 1}` }),
    },
    body: { pieces, length },
    takes: [202, 201, 204, ...forgotten],
  });
  demandKnown(answer, what);
  // An empty upload is `0-0`, like one of a single byte.
  const end = blob.size === 1 ? 1 : (endOf(answer) ?? blob.size);
  if (end <= offset) throw new RegistryTrouble('away', `${what}: the registry kept nothing of it`);
  return { url: locationOf(answer, repository.place, what), offset: end };
}

async function commit(repository: Repository, { url }: Upload, { digest }: Descriptor, what: string): Promise<void> {
  const to = new URL(url);
  to.searchParams.set('digest', digest);
  const call = {
    what,
    method: 'PUT',
    to,
    need: 'push',
    patience: commitPatience,
    takes: [201, 204, ...forgotten],
  } as const;
  demandKnown(await repository.once({ ...call, body: Buffer.alloc(0) }), what);
}

function demandKnown(answer: HttpAnswer, what: string): void {
  drain(answer);
  if (forgotten.includes(answer.status)) throw new RegistryTrouble('away', `${what}: the registry forgot the upload`);
}

async function whereWeAre(repository: Repository, { url }: Upload, what: string): Promise<Upload> {
  const call = { what, method: 'GET', to: url, need: 'push', takes: [204, 202, 200, 400, ...forgotten] } as const;
  const answer = await repository.ask(call, (given) => {
    drain(given);
    return given;
  });
  const offset = answer.status < 300 ? endOf(answer) : null;
  if (offset === null) return { url: await beginUpload(repository, what), offset: 0 };
  return { url: answer.headers.location === undefined ? url : locationOf(answer, repository.place, what), offset };
}

/** How many bytes the registry has; where that is unclear, none. */
function endOf({ headers }: HttpAnswer): number | null {
  const end = /^(?:bytes=)?0-(\d+)$/.exec(typeof headers.range === 'string' ? headers.range : '')?.[1];
  if (end === undefined) return null;
  return end === '0' ? 0 : Number(end) + 1;
}

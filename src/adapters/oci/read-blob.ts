import { RegistryTrouble } from '../../model/registry.ts';
import { noAnswer } from './http.ts';
import type { Descriptor } from './manifest.ts';
import type { Repository } from './repository.ts';
import { createTries, worthATry } from './tries.ts';

/** A blob's bytes from `offset` on; what is cut is gone on with where it broke off. Compares the length, not the digest. */
export async function* readBlob(repository: Repository, blob: Descriptor, offset: number): AsyncGenerator<Buffer> {
  const tries = createTries(repository.clock, repository.signal);
  let at = offset;
  while (at < blob.size) {
    const from = at;
    try {
      for await (const piece of readFrom(repository, blob, at)) {
        at += piece.length;
        if (at > blob.size) throw wrongSize(repository, blob);
        yield piece;
      }
      if (at < blob.size) throw new RegistryTrouble('away', `${whatOf(repository, blob)}: it ended too early`);
    } catch (trouble) {
      if (at - from >= worthATry) tries.achieved();
      await tries.failed(trouble);
    }
  }
}

async function* readFrom(repository: Repository, blob: Descriptor, offset: number): AsyncGenerator<Buffer> {
  const what = whatOf(repository, blob);
  const answer = await repository.once({
    what,
    method: 'GET',
    to: `blobs/${blob.digest}`,
    need: 'pull',
    headers: offset === 0 ? {} : { range: `bytes=${offset}-` },
    takes: [200, 206],
  });
  const start = startOf(answer.headers['content-range'], answer.status);
  if (start !== offset && start !== 0)
    throw new RegistryTrouble('refused', `${what}: it does not go on where it was asked to`);
  let skip = offset - start;
  try {
    for await (const piece of answer.body as AsyncIterable<Buffer>) {
      const wanted = piece.subarray(Math.min(skip, piece.length));
      skip -= piece.length - wanted.length;
      if (wanted.length > 0) yield wanted;
    }
  } catch (cause) {
    repository.signal.throwIfAborted();
    throw noAnswer(repository.place.origin, cause);
  } finally {
    answer.body.destroy();
  }
}

function startOf(contentRange: string | undefined, status: number): number {
  return status === 200 ? 0 : Number(/^bytes (\d+)-/.exec(contentRange ?? '')?.[1] ?? Number.NaN);
}

function whatOf({ place }: Repository, { digest }: Descriptor): string {
  return `cannot read ${place.repository}@${digest}`;
}

function wrongSize(repository: Repository, blob: Descriptor): RegistryTrouble {
  return new RegistryTrouble(
    'corrupt',
    `${whatOf(repository, blob)}: it has not the ${blob.size} bytes that it should have`,
  );
}

import { RegistryTrouble } from '../../model/registry.ts';
import { isDigest } from '../../model/sha.ts';
import type { HttpAnswer } from './http.ts';
import { type Manifest, manifestTypes, mostManifest, toManifest } from './manifest.ts';
import { drain, readBytes } from './read-answer.ts';
import type { Call, Repository } from './repository.ts';
import { createTries, unknownForMs } from './tries.ts';
import { RegistryRefusal } from './trouble.ts';

const accept = manifestTypes.join(', ');

/** What is under a tag or digest, its bytes compared with the digest; null: nothing is, or there is no such repository. */
export function getManifest(repository: Repository, reference: string): Promise<Manifest | null> {
  const call = getCall(repository, reference);
  return repository.ask(call, (answer) => readManifest(answer, reference, call.what));
}

/** Whether the registry says that it has it; for what is read back later anyway. */
export function hasManifest(repository: Repository, reference: string): Promise<boolean> {
  return repository.ask({ ...getCall(repository, reference), method: 'HEAD' }, (answer) => {
    drain(answer);
    return answer.status === 200;
  });
}

/**
 * Writes it under a tag or its own digest; gives the headers of the answer, null where the answer was lost and the deed was done.
 * A registry that does not know yet what was just pushed to it is asked again for up to 30 s.
 */
export async function putManifest(repository: Repository, reference: string, manifest: Manifest) {
  const { clock, signal } = repository;
  const tries = createTries(clock, signal, repository.tries);
  const from = clock.now();
  for (let pause = 1_000; ; pause = Math.min(2 * pause, 8_000)) {
    try {
      return await putOnce(repository, reference, manifest);
    } catch (trouble) {
      if (await isThere(repository, reference, manifest)) return null;
      if (isNotYetKnown(trouble) && clock.now() - from < unknownForMs) await clock.sleep(pause, signal);
      else await tries.failed(trouble);
      signal.throwIfAborted();
    }
  }
}

export function nameOf({ place }: Repository, reference: string): string {
  return `${place.repository}${isDigest(reference) ? '@' : ':'}${reference}`;
}

function getCall(repository: Repository, reference: string): Call {
  const what = `cannot read ${nameOf(repository, reference)}`;
  return { what, method: 'GET', to: `manifests/${reference}`, need: 'pull', headers: { accept }, takes: [200, 404] };
}

async function readManifest(answer: HttpAnswer, reference: string, what: string): Promise<Manifest | null> {
  if (answer.status === 404) {
    drain(answer);
    return null;
  }
  const manifest = toManifest(await readBytes(answer, mostManifest, what), answer.headers['content-type'], what);
  const claimed = isDigest(reference) ? reference : answer.headers['docker-content-digest'];
  if (claimed !== undefined && claimed !== manifest.digest)
    throw new RegistryTrouble('corrupt', `${what}: the registry gave ${manifest.digest} as ${String(claimed)}`);
  return manifest;
}

async function putOnce(repository: Repository, reference: string, { content, mediaType }: Manifest) {
  const what = `cannot write ${nameOf(repository, reference)}`;
  const headers = { 'content-type': mediaType };
  const to = `manifests/${reference}`;
  const answer = await repository.once({
    what,
    method: 'PUT',
    to,
    need: 'push',
    headers,
    body: content,
    takes: [200, 201, 202],
  });
  drain(answer);
  return answer.headers;
}

/** A lost answer looks like a failure, and what is done twice may be refused where tags are immutable. */
async function isThere(repository: Repository, reference: string, { digest }: Manifest): Promise<boolean> {
  const call = getCall(repository, reference);
  try {
    return (await readManifest(await repository.once(call), reference, call.what))?.digest === digest;
  } catch {
    repository.signal.throwIfAborted();
    return false;
  }
}

function isNotYetKnown(trouble: unknown): boolean {
  if (!(trouble instanceof RegistryRefusal) || ![400, 404].includes(trouble.words.status)) return false;
  return trouble.words.codes.some((code) => /^(?:MANIFEST|MANIFEST_BLOB|BLOB)_UNKNOWN$/.test(code));
}

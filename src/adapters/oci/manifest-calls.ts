import { RegistryTrouble } from '../../model/registry.ts';
import { isDigest } from '../../model/sha.ts';
import { type Manifest, manifestTypes, mostManifest, toManifest } from './manifest.ts';
import { drain, readBytes } from './read-answer.ts';
import type { Repository } from './repository.ts';

const accept = manifestTypes.join(', ');

/** What is under a tag or digest, its bytes compared with the digest; null: nothing is, or there is no such repository. */
export function getManifest(repository: Repository, reference: string): Promise<Manifest | null> {
  const what = `cannot read ${nameOf(repository, reference)}`;
  const call = {
    what,
    method: 'GET',
    to: `manifests/${reference}`,
    need: 'pull',
    headers: { accept },
    takes: [200, 404],
  } as const;
  return repository.ask(call, async (answer) => {
    if (answer.status === 404) {
      drain(answer);
      return null;
    }
    const manifest = toManifest(await readBytes(answer, mostManifest, what), answer.headers['content-type'], what);
    const claimed = isDigest(reference) ? reference : answer.headers['docker-content-digest'];
    if (claimed !== undefined && claimed !== manifest.digest)
      throw new RegistryTrouble('corrupt', `${what}: the registry gave ${manifest.digest} as ${String(claimed)}`);
    return manifest;
  });
}

/** Whether the registry says that it has it; for what is read back later anyway. */
export function hasManifest(repository: Repository, reference: string): Promise<boolean> {
  const what = `cannot look for ${nameOf(repository, reference)}`;
  const call = {
    what,
    method: 'HEAD',
    to: `manifests/${reference}`,
    need: 'pull',
    headers: { accept },
    takes: [200, 404],
  } as const;
  return repository.ask(call, (answer) => {
    drain(answer);
    return answer.status === 200;
  });
}

/** Writes it under a tag or its own digest; gives the headers of the answer. */
export function putManifest(repository: Repository, reference: string, { content, mediaType }: Manifest) {
  const what = `cannot write ${nameOf(repository, reference)}`;
  const headers = { 'content-type': mediaType };
  const call = {
    what,
    method: 'PUT',
    to: `manifests/${reference}`,
    need: 'push',
    headers,
    body: content,
    takes: [200, 201, 202],
  } as const;
  return repository.ask(call, (answer) => {
    drain(answer);
    return answer.headers;
  });
}

export function nameOf({ place }: Repository, reference: string): string {
  return `${place.repository}${isDigest(reference) ? '@' : ':'}${reference}`;
}

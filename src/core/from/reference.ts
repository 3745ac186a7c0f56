import { matchesGlob } from './match-glob.ts';

/** An image's name in full: host, path, tag and digest, as Docker completes it. */
export interface Reference {
  /** `docker.io/library/golang`, lower case. */
  readonly repository: string;
  /** Null: only the digest is named; of a pattern: any. */
  readonly tag: string | null;
  readonly digest: string | null;
}

const hubNames: readonly string[] = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

function splitReference(text: string): Reference {
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  return {
    repository: completeRepository((colon < 0 ? named : named.slice(0, colon)).toLowerCase()),
    tag: colon < 0 ? null : named.slice(colon + 1),
    digest: at < 0 ? null : text.slice(at + 1).toLowerCase(),
  };
}

function completeRepository(name: string): string {
  const [first = '', ...rest] = name.split('/');
  if (first === '**') return name;
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const host = isHost ? first : 'docker.io';
  const path = isHost ? rest.join('/') : name;
  if (!hubNames.includes(host)) return `${host}/${path}`;
  return `docker.io/${path.includes('/') ? path : `library/${path}`}`;
}

/** A reference as the image that it means: no tag and no digest is `latest`. */
export function readReference(text: string): Reference {
  const found = splitReference(text);
  return found.tag === null && found.digest === null ? { ...found, tag: 'latest' } : found;
}

/** The name in full, which no name of a stage can be. */
export function writeReference({ repository, tag, digest }: Reference): string {
  return `${repository}${tag === null ? '' : `:${tag}`}${digest === null ? '' : `@${digest}`}`;
}

/** The pattern in full; equal patterns match the same images. What names no tag means every tag, what names no digest every digest. */
export function completePattern(pattern: string): string {
  return writeReference(splitReference(pattern));
}

/** Whether a rule's pattern means this image: both are completed first, so that `golang` is `docker.io/library/golang`. */
export function matchesReference(pattern: string, image: string): boolean {
  const wanted = splitReference(pattern);
  const found = readReference(image);
  return (
    matchesGlob(wanted.repository, found.repository) &&
    (wanted.tag === null || (found.tag !== null && matchesGlob(wanted.tag, found.tag))) &&
    (wanted.digest === null || (found.digest !== null && matchesGlob(wanted.digest, found.digest)))
  );
}

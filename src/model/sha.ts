declare const brand: unique symbol;

/** A full git object id, 40 or 64 lower-case hex digits; never an abbreviation (a 7-digit one is forged in a minute). */
export type Sha = string & { readonly [brand]: 'sha' };

/** An OCI content digest, `sha256:` and 64 hex digits: the identity of an image. */
export type Digest = string & { readonly [brand]: 'digest' };

const shaPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;

export function isSha(text: string): text is Sha {
  return shaPattern.test(text);
}

/** Throws on anything but a full lower-case object id. */
export function toSha(text: string): Sha {
  if (!isSha(text)) throw new TypeError(`not a full commit SHA: ${JSON.stringify(text)}`);
  return text;
}

export function isDigest(text: string): text is Digest {
  return digestPattern.test(text);
}

/** Throws on anything but `sha256:` and 64 hex digits. */
export function toDigest(text: string): Digest {
  if (!isDigest(text)) throw new TypeError(`not an image digest: ${JSON.stringify(text)}`);
  return text;
}

import { createHash } from 'node:crypto';

/** Where ids, GUIDs and secrets come from: the same seed gives the same ones in the same order. */
export interface Ids {
  /** A number never given before; one counter for everything, so that no two things are confused. */
  readonly next: () => number;
  /** 8-4-4-4-12 hexadecimal digits. */
  readonly guid: () => string;
  /** `length` characters of letters and digits. */
  readonly secret: (length: number) => string;
}

/** Ids begin at 1001, so that none looks like a pull request number. */
export function createIds(seed: string): Ids {
  let last = 1000;
  let drawn = 0;
  const draw = (): Buffer => createHash('sha512').update(`${seed}/${drawn++}`).digest();
  return {
    next: () => ++last,
    guid: () =>
      draw()
        .toString('hex')
        .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5'),
    secret: (length) =>
      draw()
        .toString('base64')
        .replace(/[^A-Za-z0-9]/g, '0')
        .slice(0, length),
  };
}

/** GitHub's opaque id of a thing; the same for the same thing. */
export function nodeId(kind: string, id: number | string): string {
  return Buffer.from(`${kind}:${id}`).toString('base64').replace(/=+$/, '');
}

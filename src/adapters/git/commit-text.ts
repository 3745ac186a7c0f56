import type { Sha } from '../../model/sha.ts';
import { type GitObject, gitObject } from './write-object.ts';

/** What a commit says besides its tree and parents; bytes as they were written, any encoding. */
export interface CommitText {
  /** Name, address, time and zone. */
  readonly author: Buffer;
  /** Name of the message's encoding; null: UTF-8. */
  readonly encoding: Buffer | null;
  readonly message: Buffer;
}

export interface NewCommit extends CommitText {
  readonly tree: Sha;
  readonly parents: readonly Sha[];
  /** Seconds since the epoch. */
  readonly committedAt: number;
}

const identity = 'sluice[bot] <sluice[bot]@users.noreply.github.com>';
/** As git itself demands it of what is pushed. */
const personPattern = /^[^<>\n\0]* <[^<>\n\0]*> (?:0|[1-9]\d{0,17}) [+-]\d{4}$/;
/** Year 9999: later ones are refused by forges. */
const latest = 253_402_300_799;

/** The later of the two, as a time that a commit may bear. */
export function laterOf(one: number, other: number): number {
  return Math.min(Math.max(one, other), latest);
}

/** The server itself as author, at this time (seconds). */
export function ourselvesAt(seconds: number): Buffer {
  return Buffer.from(`${identity} ${seconds} +0000`);
}

function headerOf(head: string, word: string): Buffer | null {
  const line = head.split('\n').find((each) => each.startsWith(`${word} `));
  return line === undefined ? null : Buffer.from(line.slice(word.length + 1), 'latin1');
}

/** Reads a commit as git stores it; an author that no forge would take is given as null. */
export function parseCommitText(content: Buffer): Omit<CommitText, 'author'> & { readonly author: Buffer | null } {
  const end = content.indexOf('\n\n');
  const head = content.toString('latin1', 0, end === -1 ? content.length : end);
  const author = headerOf(head, 'author');
  return {
    author: author !== null && personPattern.test(author.toString('latin1')) ? author : null,
    encoding: headerOf(head, 'encoding'),
    message: end === -1 ? Buffer.alloc(0) : content.subarray(end + 2),
  };
}

/** A commit with ourselves as committer. */
export function commitObject({ tree, parents, author, committedAt, encoding, message }: NewCommit): GitObject {
  const line = (word: string, value: Buffer | string) => [
    Buffer.from(`${word} `),
    Buffer.from(value),
    Buffer.from('\n'),
  ];
  const parts = [
    ...line('tree', tree),
    ...parents.flatMap((parent) => line('parent', parent)),
    ...line('author', author),
    ...line('committer', ourselvesAt(committedAt)),
    ...(encoding === null ? [] : line('encoding', encoding)),
    Buffer.from('\n'),
    message,
  ];
  return gitObject('commit', Buffer.concat(parts));
}

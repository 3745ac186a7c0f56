import type { LedgerEntry } from '../../model/ledger.ts';
import { type Sha, toSha } from '../../model/sha.ts';
import { commitObject, laterOf, ourselvesAt } from './commit-text.ts';
import type { LedgerSigner } from './ledger-key.ts';
import { canonicalJson, type LinkedEntry, parseLinkedEntry } from './ledger-shape.ts';
import type { ObjectReader } from './object-reader.ts';
import { type GitObject, gitObject, treeObject, writeObject } from './write-object.ts';

const entryName = 'entry.json';
const sealName = 'entry.sig';
/** A landed entry lists every check of its verdict. */
const maxEntryBytes = 2 ** 20;

interface Composed {
  readonly commit: GitObject;
  readonly parts: readonly GitObject[];
}

/** The one commit that holds this entry: nothing in it is free, so that it can be compared by its id. */
function compose(text: Buffer, seal: Buffer, { sequence, at, detail, parent }: LinkedEntry): Composed {
  const [entry, signature] = [gitObject('blob', text), gitObject('blob', seal)];
  const tree = treeObject([
    { mode: '100644', name: Buffer.from(entryName), id: entry.id },
    { mode: '100644', name: Buffer.from(sealName), id: signature.id },
  ]);
  const committedAt = laterOf(Math.floor(at / 1_000), 0);
  const commit = commitObject({
    tree: tree.id,
    parents: parent === null ? [] : [parent],
    author: ourselvesAt(committedAt),
    committedAt,
    encoding: null,
    message: Buffer.from(`ledger ${sequence}: ${detail.kind}\n`),
  });
  return { commit, parts: [entry, signature, tree] };
}

/** Writes the commit that adds an entry to a ledger, which nobody sees before it is pushed; the same again for the same entry. */
export async function writeLedgerCommit(
  clone: string,
  signer: LedgerSigner,
  parent: Sha | null,
  entry: LedgerEntry,
): Promise<Sha> {
  const text = Buffer.from(canonicalJson({ ...entry, parent }));
  const linked = parseLinkedEntry(text.toString());
  if (linked === null || text.length > maxEntryBytes)
    throw new TypeError(`cannot write ledger entry ${entry.sequence}: nobody could read it again`);
  const { commit, parts } = compose(text, Buffer.from(canonicalJson(signer.sign(text))), linked);
  await Promise.all(parts.map((part) => writeObject(clone, part)));
  return writeObject(clone, commit);
}

export type LedgerLink =
  | { readonly kind: 'sound'; readonly entry: LedgerEntry; readonly parent: Sha | null }
  | { readonly kind: 'unsound'; readonly because: string };

/** Reads one ledger commit and checks everything about it that does not depend on its neighbours. */
export async function readLedgerCommit(objects: ObjectReader, signer: LedgerSigner, id: Sha): Promise<LedgerLink> {
  const unsound = (because: string): LedgerLink => ({ kind: 'unsound', because: `ledger commit ${id} ${because}` });
  if ((await objects.info(id))?.type !== 'commit') return unsound('is no commit');
  const { parents } = await objects.commit(id);
  if (parents.length > 1) return unsound('has more than one parent');
  const files = new Map((await objects.tree(id)).map(({ name, id: blob }) => [name.toString(), blob]));
  const [text, seal] = await Promise.all([entryName, sealName].map((name) => blobOf(objects, files.get(name))));
  if (!text || !seal) return unsound(`does not hold ${entryName} and ${sealName}`);
  const signed = parseSeal(seal.toString());
  if (signed === null || !signer.verify(text, signed.keyId, signed.signature))
    return unsound('is not signed by a key of this server');
  const linked = parseLinkedEntry(text.toString());
  if (linked === null) return unsound('holds an entry that this version cannot read');
  const [before = null] = parents;
  if (linked.parent !== before) return unsound('holds the entry of another place in the ledger');
  const written = compose(text, Buffer.from(canonicalJson(signed)), linked).commit.id;
  if (written !== id) return unsound('is not written as the server writes it');
  const { parent, ...entry } = linked;
  return { kind: 'sound', entry, parent };
}

async function blobOf(objects: ObjectReader, id: string | undefined): Promise<Buffer | null> {
  if (id === undefined) return null;
  const found = await objects.info(id);
  return found !== null && found.bytes <= maxEntryBytes ? objects.blob(toSha(id), maxEntryBytes) : null;
}

function parseSeal(text: string): { readonly keyId: string; readonly signature: string } | null {
  const { groups } = /^\{"keyId":"(?<keyId>[\w:.-]+)","signature":"(?<signature>[\w+/]+={0,2})"\}\n$/.exec(text) ?? {};
  const { keyId, signature } = groups ?? {};
  if (keyId === undefined || signature === undefined) return null;
  // One way to write it: base64 may be written in several that mean the same.
  return { keyId, signature: Buffer.from(signature, 'base64').toString('base64') };
}

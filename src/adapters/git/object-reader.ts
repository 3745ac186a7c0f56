import type { Sha } from '../../model/sha.ts';
import { createObjectProcess, type FoundObject, type ObjectProcessOptions } from './object-process.ts';

/** One entry of a tree object; the name as git has it, any bytes but NUL and `/`. */
export interface TreeItem {
  readonly mode: string;
  readonly name: Buffer;
  readonly id: string;
}

export interface CommitObject {
  readonly tree: string;
  readonly parents: readonly string[];
  /** Committer's time, seconds since the epoch. */
  readonly time: number;
}

/** Reads objects of one repository; what has an id never changes, so the small ones are remembered. */
export interface ObjectReader {
  /** Null when there is no such object. */
  info(id: string): Promise<Pick<FoundObject, 'type' | 'bytes'> | null>;
  /** Throws when it is not there, no commit, or larger than may be held. */
  commit(id: string): Promise<CommitObject>;
  /** A commit as git stores it; throws as `commit` does. */
  commitText(id: string): Promise<Buffer>;
  /** The items of a tree, or of a commit's tree; throws as `commit` does. */
  tree(id: string): Promise<readonly TreeItem[]>;
  /** Null when there is no such blob; throws when it has more bytes. */
  blob(id: string, maxBytes: number): Promise<Buffer | null>;
  end(): void;
}

/** Thrown instead of reading an object that has more bytes than may be held. */
export class ObjectTooLarge extends Error {}

export interface ObjectReaderOptions extends ObjectProcessOptions {
  /** Largest object that is read. */
  readonly maxBytes: number;
}

const rememberedBytes = 16 * 2 ** 20;
const rememberedFacts = 50_000;

type Fact = Pick<FoundObject, 'type' | 'bytes'>;

export function createObjectReader(repository: string, options: ObjectReaderOptions): ObjectReader {
  const process = createObjectProcess(repository, options);
  const remembered = createMemory(rememberedBytes);
  const facts = new Map<string, Fact>();

  /** Only of what is there: what is not may come. */
  async function info(id: string): Promise<Fact | null> {
    const known = facts.get(id);
    if (known !== undefined) return known;
    const found = await process.ask('info', id);
    if (found === null) return null;
    if (facts.size >= rememberedFacts) facts.clear();
    facts.set(id, { type: found.type, bytes: found.bytes });
    return found;
  }

  async function read(id: string, type: FoundObject['type'], maxBytes: number): Promise<Buffer | null> {
    const found = await info(id);
    if (found === null || found.type !== type) return null;
    if (found.bytes > maxBytes)
      throw new ObjectTooLarge(`the ${type} ${id} has ${found.bytes} bytes, more than the ${maxBytes} allowed`);
    return (await process.ask('contents', id))?.content ?? null;
  }

  async function keep(id: string, type: FoundObject['type'], maxBytes: number): Promise<Buffer | null> {
    const there = remembered.get(id);
    if (there !== undefined && there.length <= maxBytes) return there;
    const content = await read(id, type, maxBytes);
    if (content !== null) remembered.set(id, content);
    return content;
  }

  async function demand(id: string, type: 'commit' | 'tree'): Promise<Buffer> {
    const content = await keep(id, type, options.maxBytes);
    if (content === null) throw new Error(`no ${type} ${id} in ${repository}`);
    return content;
  }

  const commit = async (id: string): Promise<CommitObject> => parseCommit(await demand(id, 'commit'));

  return {
    info,
    commit,
    commitText: (id) => demand(id, 'commit'),
    async tree(id) {
      const root = (await info(id))?.type === 'commit' ? (await commit(id)).tree : id;
      return parseTree(await demand(root, 'tree'), id.length / 2);
    },
    blob: (id, maxBytes) => keep(id, 'blob', Math.min(maxBytes, options.maxBytes)),
    end: process.end,
  };
}

/** Which of these are here, as commits or trees. */
export async function presentIn(objects: Pick<ObjectReader, 'info'>, ids: readonly Sha[]): Promise<ReadonlySet<Sha>> {
  const found = await Promise.all(ids.map((id) => objects.info(id)));
  return new Set(ids.filter((_, index) => found[index]?.type === 'commit' || found[index]?.type === 'tree'));
}

function parseCommit(content: Buffer): CommitObject {
  const end = content.indexOf('\n\n');
  const lines = content.toString('latin1', 0, end === -1 ? content.length : end).split('\n');
  const after = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const time = Number(/ (\d+) [+-]\d+$/.exec(after('committer')[0] ?? '')?.[1] ?? 0);
  return { tree: after('tree')[0] ?? '', parents: after('parent'), time };
}

function parseTree(content: Buffer, idBytes: number): TreeItem[] {
  const items: TreeItem[] = [];
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(0x20, at);
    const nul = content.indexOf(0, blank);
    const next = nul + 1 + idBytes;
    if (blank === -1 || nul === -1 || next > content.length) throw new Error('a tree object cannot be read');
    const mode = content.toString('latin1', at, blank).padStart(6, '0');
    items.push({ mode, name: content.subarray(blank + 1, nul), id: content.toString('hex', nul + 1, next) });
    at = next;
  }
  return items;
}

/** Forgets what was not asked for longest when it grows too large. */
function createMemory(maxBytes: number) {
  const entries = new Map<string, Buffer>();
  let bytes = 0;
  return {
    get(id: string): Buffer | undefined {
      const found = entries.get(id);
      if (found === undefined) return undefined;
      entries.delete(id);
      entries.set(id, found);
      return found;
    },
    set(id: string, content: Buffer): void {
      if (entries.has(id) || content.length > maxBytes / 16) return;
      entries.set(id, content);
      bytes += content.length + 200;
      for (const [oldest, { length }] of entries) {
        if (bytes <= maxBytes) break;
        entries.delete(oldest);
        bytes -= length + 200;
      }
    },
  };
}

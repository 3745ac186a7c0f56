/** Reads the text out of a container log of podman, piece by piece; gives whole lines only. */
export interface LogReader {
  /** Takes the next bytes of the file and gives the lines that are complete now, with their line ends; may be empty. */
  readonly take: (bytes: Buffer) => string;
  /** What was written last without a line end; empty mostly. */
  readonly rest: () => string;
}

// A line without end is given on in pieces, so that one that never ends does not grow in memory.
const longest = 1024 * 1024;

/**
 * The format is `<time> <stream> <F|P> <text>` per line: P is a part of a line that goes on in the next entry of the same stream.
 * Parts may end inside a character, so they stay bytes until the line is whole.
 */
export function createLogReader(): LogReader {
  let pending = Buffer.alloc(0);
  const parts = new Map<string, Buffer[]>();

  function takeEntry(entry: Buffer, out: Buffer[]): void {
    const stream = fieldAt(entry, 1);
    const tag = fieldAt(entry, 2);
    const text = entry.subarray(tag.end + 1);
    const open = parts.get(stream.text) ?? [];
    open.push(text);
    if (tag.text === 'P' && sizeOf(open) < longest) {
      parts.set(stream.text, open);
      return;
    }
    if (tag.text !== 'P') open.push(lineEnd);
    out.push(...open);
    parts.delete(stream.text);
  }

  return {
    take: (bytes) => {
      const all = Buffer.concat([pending, bytes]);
      const out: Buffer[] = [];
      let from = 0;
      for (let end = all.indexOf(10, from); end >= 0; end = all.indexOf(10, from)) {
        takeEntry(all.subarray(from, end), out);
        from = end + 1;
      }
      pending = Buffer.from(all.subarray(from));
      return Buffer.concat(out).toString();
    },
    rest: () => {
      const out = Buffer.concat([...parts.values()].flat()).toString();
      parts.clear();
      return out;
    },
  };
}

const lineEnd = Buffer.from('\n');

function sizeOf(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, 0);
}

function fieldAt(entry: Buffer, index: number): { text: string; end: number } {
  let from = 0;
  for (let field = 0; field < index; field++) from = entry.indexOf(32, from) + 1;
  const space = entry.indexOf(32, from);
  const end = space < 0 ? entry.length : space;
  return { text: entry.toString('latin1', from, end), end };
}

/** What of a container's output was given on already, over several readings of its log. */
export interface LogMemory {
  /** From when the next reading should be asked for, as the API server takes it; null: from the start. */
  readonly since: () => string | null;
  readonly read: () => LogReader;
}

/** One reading of a log with timestamps. */
export interface LogReader {
  /** Takes the next bytes and gives the text of the lines that are whole now and were not given before; may be empty. */
  readonly take: (bytes: Buffer) => string;
  /** What was written last without a line end, once it is known that nothing follows. */
  readonly rest: () => string;
  /** Whether there was a line without a timestamp: the node's own words instead of the container's. */
  readonly isForeign: () => boolean;
}

// A line without end is given on in pieces, so that one that never ends does not grow in memory.
const longest = 1024 * 1024;
const stampPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
// A log can be asked for by the second only, and standard output and error overtake each other a little.
const overlapMs = 2000;
const rememberedStamps = 200_000;

/**
 * Lines are told apart by their timestamps, which count nanoseconds: a reading that begins anew a little earlier gives again what was
 * given, and that is left out.
 */
export function createLogMemory(): LogMemory {
  const given = new Map<string, number>();
  let last = Number.NEGATIVE_INFINITY;

  const sinceMs = () => Math.floor((last - overlapMs) / 1000) * 1000;

  function remember(stamp: string): void {
    given.set(stamp, (given.get(stamp) ?? 0) + 1);
    last = Math.max(last, Date.parse(stamp));
    for (const oldest of given.keys()) {
      if (given.size <= rememberedStamps && Date.parse(oldest) >= sinceMs()) break;
      given.delete(oldest);
    }
  }

  return {
    since: () => (Number.isFinite(last) ? new Date(sinceMs()).toISOString() : null),
    read: () => createReader(new Map(given), remember),
  };
}

function createReader(before: Map<string, number>, remember: (stamp: string) => void): LogReader {
  let open = Buffer.alloc(0);
  let atStart = true;
  let isKnown = false;
  let foreign = false;

  function body(piece: Buffer): Buffer {
    if (!atStart) return piece;
    const space = piece.subarray(0, 64).indexOf(32);
    const stamp = piece.toString('latin1', 0, Math.max(space, 0));
    if (!stampPattern.test(stamp)) {
      foreign = true;
      isKnown = true;
      return piece;
    }
    const times = before.get(stamp) ?? 0;
    isKnown = times > 0;
    if (isKnown) before.set(stamp, times - 1);
    else remember(stamp);
    return piece.subarray(space + 1);
  }

  function takePiece(piece: Buffer, ended: boolean, out: Buffer[]): void {
    const text = body(piece);
    if (!isKnown) out.push(text);
    atStart = ended;
  }

  return {
    take: (bytes) => {
      const all = open.length === 0 ? bytes : Buffer.concat([open, bytes]);
      const out: Buffer[] = [];
      let from = 0;
      for (let end = all.indexOf(10); end >= 0; end = all.indexOf(10, from)) {
        takePiece(all.subarray(from, end + 1), true, out);
        from = end + 1;
      }
      open = Buffer.from(all.subarray(from));
      if (open.length > longest) {
        const cut = lastCharacter(open);
        takePiece(open.subarray(0, cut), false, out);
        open = open.subarray(cut);
      }
      return Buffer.concat(out).toString();
    },
    rest: () => {
      const out: Buffer[] = [];
      if (open.length > 0) takePiece(open, false, out);
      open = Buffer.alloc(0);
      return Buffer.concat(out).toString();
    },
    isForeign: () => foreign,
  };
}

/** Where the last character of UTF-8 begins if it may be cut off; else the end. */
function lastCharacter(bytes: Buffer): number {
  for (let back = 1; back <= 4 && back < bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) return bytes.length - back;
  }
  return bytes.length;
}

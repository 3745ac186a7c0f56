const lineEnd = 0x0a;

/** How many of these bytes are whole UTF-8 characters; at most three fewer than there are. */
export function completeLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    return sequenceLength(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** How many bytes at the start belong to a character that began before. */
export function continuationLength(bytes: Buffer): number {
  let length = 0;
  while (length < Math.min(3, bytes.length) && isContinuation(bytes[length] ?? 0)) length++;
  return length;
}

/** Where the line after the first line end starts; null when there is no line end, or nothing after it. */
export function afterFirstLineEnd(bytes: Buffer): number | null {
  const at = bytes.indexOf(lineEnd);
  return at === -1 || at === bytes.length - 1 ? null : at + 1;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function sequenceLength(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}

const trailerPattern = /^([A-Za-z0-9][A-Za-z0-9-]*): ?\S/;

function keyOf(line: string): string | null {
  return trailerPattern.exec(line)?.[1]?.toLowerCase() ?? null;
}

/** The text of a message as git wants it: no NUL, one line end at its end. */
export function toMessage(text: string): Buffer {
  return Buffer.from(`${text.replaceAll('\0', '').trimEnd()}\n`);
}

/**
 * A rebased commit's own message. Lines that look like one of our trailers are indented, so that an author cannot forge
 * them; where ours are to be added they join the message's last paragraph if that holds only trailers.
 */
export function withTrailers(message: Buffer, trailers: readonly string[], isLast: boolean): Buffer {
  const ours = new Set(trailers.map(keyOf));
  // As latin1 every byte is one sign, whatever the encoding.
  const lines = message.toString('latin1').trimEnd().split('\n');
  const own = lines.map((line) => (keyOf(line) !== null && ours.has(keyOf(line)) ? `  ${line}` : line));
  const added = isLast
    ? trailers.map((trailer) =>
        Buffer.from(trailer)
          .toString('latin1')
          .replace(/[\n\0]/g, ' '),
      )
    : [];
  const joint = added.length === 0 ? [] : [...(endsInTrailers(lines) ? [] : ['']), ...added];
  return Buffer.from(`${[...own, ...joint].join('\n')}\n`, 'latin1');
}

function endsInTrailers(lines: readonly string[]): boolean {
  const start = lines.lastIndexOf('') + 1;
  return start > 1 && lines.slice(start).every((line) => keyOf(line) !== null || /^\s/.test(line));
}

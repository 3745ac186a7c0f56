interface PlacedFault {
  readonly offset: number;
  readonly message: string;
  readonly hint: string | null;
}

// The library makes one error, with a stack trace, of each bad escape: 60,000 of them in one scalar take seconds.
const badEscape =
  /\\(?:x(?![0-9a-fA-F]{2})|u(?![0-9a-fA-F]{4})|U(?!00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})|[^0abt\tnvfreN_LPxuU "/\\\r\n])[^"\s]{0,3}/;

/** What is wrong with a quoted text as the lexer gives it; null for any other part. */
export function quotedFault(part: string, offset: number): PlacedFault | null {
  if (part.startsWith("'")) return /^'(?:[^']|'')*'$/.test(part) ? null : notClosed(offset, "'");
  if (!part.startsWith('"')) return null;
  const withoutPairs = part.replace(/\\\\/g, '..');
  if (!/[^\\]"$/.test(withoutPairs) || part.length < 2) return part === '""' ? null : notClosed(offset, '"');
  const found = badEscape.exec(withoutPairs);
  if (found === null) return null;
  const message = `"${found[0]}" is no escape that YAML knows inside double quotes`;
  return { offset: offset + found.index, message, hint: "write a backslash as `\\\\`, or use single quotes: '…'" };
}

function notClosed(offset: number, sign: string): PlacedFault {
  return { offset, message: `the text in ${sign} is not closed`, hint: `write ${sign} at its end` };
}

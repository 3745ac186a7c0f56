/**
 * Whether a glob matches the whole text: `*` is any characters but `/`, `**` any at all, `?` one but `/`. Time grows with the product
 * of both lengths, whatever they are.
 */
export function matchesGlob(glob: string, text: string): boolean {
  // Marks the beginnings of the text that the glob so far matches.
  let marks = new Uint8Array(text.length + 1);
  marks[0] = 1;
  for (const [part] of glob.matchAll(/\*\*+|[\s\S]/g)) {
    marks = part.startsWith('*') ? afterStar(marks, text, part === '*') : afterSign(marks, text, part);
    if (!marks.includes(1)) return false;
  }
  return marks[text.length] === 1;
}

function afterSign(marks: Uint8Array, text: string, part: string): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(marks.length);
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (marks[at] === 1 && (sign === part || (part === '?' && sign !== '/'))) next[at + 1] = 1;
  }
  return next;
}

function afterStar(marks: Uint8Array, text: string, stopsAtSlash: boolean): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(marks.length);
  let isOpen = false;
  for (let at = 0; at < marks.length; at += 1) {
    if (stopsAtSlash && at > 0 && text[at - 1] === '/') isOpen = false;
    isOpen ||= marks[at] === 1;
    if (isOpen) next[at] = 1;
  }
  return next;
}

const note = (left: number) => `\n\n… cut here: ${left} more characters.`;

/**
 * At most `maximum` UTF-16 units, cut at the end of a line where one is near, with a note of how much is missing; a code
 * block that is open there is closed.
 */
export function cutMarkdown(text: string, maximum: number): string {
  if (text.length <= maximum) return text;
  const room = Math.max(maximum - note(text.length).length - '\n```'.length, 0);
  const line = text.lastIndexOf('\n', room);
  const end = line > room - 1_000 ? Math.max(line, 0) : wholeSign(text, room);
  const kept = text.slice(0, end);
  return `${kept}${openFence(kept)}${note(text.length - end)}`.slice(0, maximum);
}

/** Not between the two halves of one sign. */
function wholeSign(text: string, at: number): number {
  const code = text.charCodeAt(at - 1);
  return code >= 0xd800 && code <= 0xdbff ? at - 1 : at;
}

/** What closes the code block that the text leaves open; empty when there is none. */
function openFence(text: string): string {
  let open = '';
  for (const line of text.split('\n')) {
    const fence = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? '';
    if (fence === '') continue;
    if (open === '') open = fence;
    else if (fence.startsWith(open) && line.trim() === fence) open = '';
  }
  return open === '' ? '' : `\n${open.slice(0, 3)}`;
}

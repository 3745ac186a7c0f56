const controls =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f\u0080-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** What is left of terminal output that only colours: every other escape, link and control character is dropped (intake A20). */
export function cleanLog(text: string): string {
  return text
    .replace(/[\u0001\u0002]/g, '')
    .replace(/\u001b\][^\u0007\u001b\n]*(?:\u0007|\u001b\\)?/g, '')
    .replace(/\u001b\[([0-9;]*)m/g, '\u0001$1\u0002')
    .replace(/\u001b\[[0-?]*[ -/]*[@-~]?/g, '')
    .replace(/\u001b[@-Z\\-_a-z]?/g, '')
    .replace(/\u0001([0-9;]*)\u0002/g, '\u001b[$1m')
    .replace(/\r\n/g, '\n')
    .replace(/\r/g, '\n')
    .replace(controls, '');
}

/** The same without colours, for check runs. */
export function plainLog(text: string): string {
  return cleanLog(text).replace(/\u001b\[[0-9;]*m/g, '');
}

/** The last lines of a log, at most so many lines and characters. */
export function lastLines(text: string, lines: number, characters: number): string {
  const plain = plainLog(text).replace(/\n+$/, '');
  const tail = plain.split('\n').slice(-lines).join('\n');
  return tail.length <= characters ? tail : tail.slice(-characters).replace(/^[\udc00-\udfff]/, '');
}

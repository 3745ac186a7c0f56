import { type Located, withOutput } from './locate-error.ts';
import type { Instruction } from './read-instructions.ts';

const own = /^error: failed to solve: (.*)$/;

/** BuildKit repeats the lines that failed under a heading of its own, and its end as the last line; what commands print stands behind a time. */
export function locateInBuildkitLog(instructions: readonly Instruction[], lines: readonly string[]): Located | null {
  const at = lines.findLastIndex((line) => own.test(line));
  const words = own.exec(lines[at] ?? '')?.[1];
  if (words === undefined) return null;
  const before = lines.slice(0, at);
  const heading = before.findLastIndex(
    (line, index) => /^-{20}$/.test(line) && /^\S.*:\d{1,6}$/.test(before[index - 1] ?? ''),
  );
  const line = Number(/:(\d{1,6})$/.exec(before[heading - 1] ?? '')?.[1]);
  const instruction = instructions.find((each) => each.line <= line && line <= each.endLine);
  if (instruction === undefined) return null;
  const exit = /^process ".*" did not complete successfully: (?:exit code: (\d+)|(.*))$/.exec(words);
  if (exit === null) return { instruction, message: withoutReference(words) };
  const ended = exit[1] === undefined ? (exit[2] ?? '') : `exit status ${exit[1]}`;
  return { instruction, message: withOutput(ended, outputAt(before.slice(0, heading - 1))) };
}

function withoutReference(words: string): string {
  return words
    .replace(/^failed to (?:compute|load) cache key: /, '')
    .replace(/^failed to calculate checksum of ref \S+: /, '')
    .replace(/^dockerfile parse error on line \d+: /, '');
}

/** What the command that failed printed last. */
function outputAt(before: readonly string[]): string | undefined {
  const failed = before.map((line) => /^(#\d{1,6}) ERROR: /.exec(line)?.[1]).findLast((step) => step !== undefined);
  const printed = before.findLast(
    (line) => failed !== undefined && /^#\d+ \d+\.\d+ /.test(line) && line.startsWith(`${failed} `),
  );
  return printed?.replace(/^#\d+ \d+\.\d+ /, '');
}

import type { Instruction } from './read-instructions.ts';

/** A builder's last words, and the place of the Dockerfile that they are about. */
export interface Located {
  readonly instruction: Pick<Instruction, 'line' | 'endLine'>;
  readonly message: string;
}

/** What the parser that all builders share says of a Dockerfile, or null when the words are not its. */
export function locateParseError(instructions: readonly Instruction[], words: string): Instruction | null {
  const numbered = /dockerfile parse error (?:on )?line (\d{1,6}):/.exec(words)?.[1];
  if (numbered !== undefined) {
    const line = Number(numbered);
    return instructions.find((each) => each.line <= line && line <= each.endLine) ?? null;
  }
  // It names the keyword only: no help where there are several.
  const keyword = /^([A-Z]+) (?:must|requires|takes|accepts|expects)\b/.exec(words)?.[1];
  const named = instructions.filter((each) => each.keyword === keyword);
  return named.length === 1 ? (named[0] ?? null) : null;
}

/** The words, and what the failing command printed last where there is such a line. */
export function withOutput(words: string, output: string | undefined): string {
  return output === undefined || output.trim() === '' ? words : `${words}: ${output.trim()}`;
}

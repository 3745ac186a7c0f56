interface PlacedFault {
  readonly offset: number;
  readonly message: string;
  readonly hint: string | null;
}

/** Brackets that are open, each with what to say if it stays so. */
export type Brackets = { readonly sign: string; readonly fault: PlacedFault }[];

const closing: ReadonlyMap<string, string> = new Map([
  ['[', ']'],
  ['{', '}'],
]);
// The lexer writes this where it gives up on a flow collection, at a line that is not indented enough.
const flowEnd = '\u0018';

/** Keeps the open brackets while parts are read in order; what is wrong with this part, or null. */
export function readBracket(part: string, offset: number, brackets: Brackets): PlacedFault | null {
  const closes = closing.get(part);
  if (closes !== undefined) {
    const fault = { offset, message: `the ${part} is not closed`, hint: `write ${closes} at its end` };
    brackets.push({ sign: part, fault });
    return null;
  }
  if (part === flowEnd) return brackets.at(-1)?.fault ?? null;
  if (part !== ']' && part !== '}') return null;
  const open = brackets.pop();
  if (open === undefined || closing.get(open.sign) === part) return null;
  return { ...open.fault, message: `the ${open.sign} is closed by ${part}` };
}

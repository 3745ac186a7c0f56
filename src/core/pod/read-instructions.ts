/** One instruction of a Dockerfile; lines count from 1. */
export interface Instruction {
  /** Upper case. */
  readonly keyword: string;
  /** Without comments and line ends, white space squeezed: as `squeeze` makes it of a builder's log. */
  readonly text: string;
  readonly line: number;
  readonly endLine: number;
  /** From 0; -1 before the first FROM. */
  readonly stage: number;
}

/** White space differs between a file and what builders print of it; nothing else does. */
export function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** The instructions of a Dockerfile in order, continued lines joined; never throws, and knows no heredocs. */
export function readInstructions(dockerfile: string): readonly Instruction[] {
  const lines = dockerfile.split(/\r?\n/);
  const sign = /^\s*#\s*escape\s*=\s*(`)/i.test(lines[0] ?? '') ? '`' : '\\';
  const found: Instruction[] = [];
  let stage = -1;
  for (let at = 0; at < lines.length; at += 1) {
    if (isNothing(lines[at] ?? '')) continue;
    const { text, end } = joinLines(lines, at, sign);
    const keyword = (/^\S+/.exec(text)?.[0] ?? '').toUpperCase();
    if (keyword === 'FROM') stage += 1;
    found.push({ keyword, text, line: at + 1, endLine: end + 1, stage });
    at = end;
  }
  return found;
}

function isNothing(line: string): boolean {
  return /^\s*(?:#|$)/.test(line);
}

/** Comments and empty lines inside an instruction do not end it. */
function joinLines(lines: readonly string[], start: number, sign: string): { text: string; end: number } {
  const parts: string[] = [];
  let end = start;
  for (let at = start; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (at > start && isNothing(line)) continue;
    const trimmed = line.trimEnd();
    const continues = trimmed.endsWith(sign);
    parts.push(continues ? trimmed.slice(0, -1) : line);
    end = at;
    if (!continues) break;
  }
  return { text: squeeze(parts.join('')), end };
}

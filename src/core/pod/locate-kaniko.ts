import { type Located, locateParseError, withOutput } from './locate-error.ts';
import { type Instruction, squeeze } from './read-instructions.ts';

const info = /^(?:INFO|WARN)\[\d+\] ?(.*)$/;

/** Kaniko prints each instruction as written before it carries it out, and its own end as the last line. */
export function locateInKanikoLog(instructions: readonly Instruction[], lines: readonly string[]): Located | null {
  const at = lines.findLastIndex((line) => line.startsWith('error building image: '));
  if (at < 0) return null;
  const before = lines.slice(0, at);
  const words = (lines[at] ?? '').replace(/^error building image: (?:error building stage: )?/, '');
  const parsing = /^parsing dockerfile: (.*)$/.exec(words)?.[1];
  if (parsing !== undefined) return place(locateParseError(instructions, parsing), parsing);
  const command = /^failed to execute command: (?:waiting for process to exit: )?(.*)$/.exec(words)?.[1];
  if (command !== undefined) return place(reached(instructions, before), withOutput(command, outputAt(before)));
  const missing = /^failed to get files used from context: (?:failed to get fileinfo for [^:]*: )?(.*)$/.exec(
    words,
  )?.[1];
  if (missing !== undefined) return place(nextCopy(instructions, before), missing.replace(/\/kaniko\/\d+\//, '/'));
  if (words.startsWith('failed to get filesystem from image')) return place(stageStart(instructions, before), words);
  return place(
    baseOf(instructions, before),
    words.replace(/^unable to complete operation after \d+ attempts, last error: /, ''),
  );
}

function place(instruction: Instruction | null, message: string): Located | null {
  return instruction ? { instruction, message } : null;
}

function outputAt(lines: readonly string[]): string | undefined {
  const last = lines.at(-1);
  return last === undefined || info.test(last) ? undefined : last;
}

interface Section {
  readonly stage: number;
  readonly lines: readonly string[];
}

/** What was printed since the last stage began; stages count from 0 in the order of the file. */
function lastSection(lines: readonly string[]): Section | null {
  const heading = /^INFO\[\d+\] Building stage .*\[idx: '(\d{1,4})', /;
  const at = lines.findLastIndex((line) => heading.test(line));
  const stage = heading.exec(lines[at] ?? '')?.[1];
  return stage === undefined ? null : { stage: Number(stage), lines: lines.slice(at + 1) };
}

/** The last instruction of the stage that was begun. The same text may stand there several times: they are passed one by one. */
function reached(instructions: readonly Instruction[], before: readonly string[]): Instruction | null {
  const section = lastSection(before);
  if (!section) return null;
  let current: Instruction | null = null;
  const waiting = byText(instructions.filter((each) => each.stage === section.stage && each.keyword !== 'FROM'));
  for (const line of section.lines) {
    const next = waiting.get(squeeze(info.exec(line)?.[1] ?? ''))?.shift();
    if (next) current = next;
  }
  return current;
}

function byText(instructions: readonly Instruction[]): Map<string, Instruction[]> {
  const found = new Map<string, Instruction[]>();
  for (const each of instructions) found.set(each.text, [...(found.get(each.text) ?? []), each]);
  return found;
}

/** Files are looked for before the instruction is printed: it is the next one that copies. */
function nextCopy(instructions: readonly Instruction[], before: readonly string[]): Instruction | null {
  const stage = lastSection(before)?.stage;
  const from = reached(instructions, before)?.endLine ?? 0;
  const copies = instructions.filter((each) => each.keyword === 'COPY' || each.keyword === 'ADD');
  return copies.find((each) => each.stage === stage && each.line > from) ?? null;
}

function stageStart(instructions: readonly Instruction[], before: readonly string[]): Instruction | null {
  const stage = lastSection(before)?.stage;
  return instructions.find((each) => each.keyword === 'FROM' && each.stage === stage) ?? null;
}

/** The first instruction that needs the image which was asked for last. */
function baseOf(instructions: readonly Instruction[], before: readonly string[]): Instruction | null {
  const asked = before.findLast((line) => /^INFO\[\d+\] Retrieving image manifest/.test(line));
  if (asked === undefined) return null;
  const image = squeeze(asked.replace(/^INFO\[\d+\] Retrieving image manifest/, ''));
  return instructions.find((each) => imagesOf(each).some((named) => mayMean(named, image))) ?? null;
}

function imagesOf({ keyword, text }: Instruction): readonly string[] {
  if (keyword === 'FROM') return [text.split(' ').filter((word) => !word.startsWith('--'))[1] ?? ''];
  const from = /^COPY (?:--\S+ )*--from=(\S+)/i.exec(text)?.[1];
  return from === undefined ? [] : [from];
}

/** Whether a name with variables, whose values are not known here, can have become this one. */
function mayMean(named: string, image: string): boolean {
  const fixed = named.split(/\$(?:\{[^}]*\}|\w+)/);
  if (fixed.length === 1) return named === image;
  let at = 0;
  for (const part of fixed.slice(0, -1)) {
    const found = image.indexOf(part, at);
    if (found < 0 || (at === 0 && part !== '' && found > 0 && part === fixed[0])) return false;
    at = found + part.length;
  }
  const last = fixed.at(-1) ?? '';
  return image.length - last.length >= at && image.endsWith(last);
}

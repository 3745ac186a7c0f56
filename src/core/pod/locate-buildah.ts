import { type Located, locateParseError, withOutput } from './locate-error.ts';
import { type Instruction, squeeze } from './read-instructions.ts';

const step = /^(?:\[(\d{1,4})\/\d+\] )?STEP (\d{1,5})\/\d+: (.*)$/;

/** Buildah numbers stages and steps as it begins them, and prints its own end as the last line. */
export function locateInBuildahLog(instructions: readonly Instruction[], lines: readonly string[]): Located | null {
  const at = lines.findLastIndex((line) => /^error:? /i.test(line));
  if (at < 0) return null;
  const words = (lines[at] ?? '').replace(/^error:? /i, '');
  const parsing = /^(?:parsing main Dockerfile: )?(?:[^:]*: )?(.*)$/.exec(words)?.[1] ?? words;
  const misread = locateParseError(instructions, words) ?? locateParseError(instructions, parsing);
  if (misread) return { instruction: misread, message: parsing };
  const before = lines.slice(0, at);
  const begun = lastBegun(instructions, before);
  return begun && { instruction: begun, message: withOutput(withoutStep(words), outputAt(before)) };
}

/** The last step that was begun and is in the file at just that place: a command may print lines that look alike. */
function lastBegun(instructions: readonly Instruction[], before: readonly string[]): Instruction | null {
  const stages = Map.groupBy(instructions, (each) => each.stage);
  for (const line of before.toReversed()) {
    const [, stage, number, text] = step.exec(line) ?? [];
    if (text === undefined) continue;
    const found = stages.get(Number(stage ?? 1) - 1)?.[Number(number) - 1];
    if (found?.text === squeeze(text)) return found;
  }
  return null;
}

// The step is repeated in quotes which it may hold itself.
function withoutStep(words: string): string {
  return words.replace(/^building at STEP ".*": (?=\S)/, '');
}

function outputAt(lines: readonly string[]): string | undefined {
  const last = lines.findLast((line) => !/^subprocess exited with status \d+$/.test(line));
  return last === undefined || step.test(last) || /^time="/.test(last) ? undefined : last;
}

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
  const begun = begunSteps(instructions, before);
  // What a command prints can look like a step: the one that the last words repeat is the true one.
  const failed = begun.find((each) => squeeze(words).startsWith(repeated(each))) ?? begun[0];
  return failed ? { instruction: failed, message: withOutput(withoutStep(words, failed), outputAt(before)) } : null;
}

/** What was begun and is in the file at just that place, the last one first. */
function begunSteps(instructions: readonly Instruction[], before: readonly string[]): readonly Instruction[] {
  const stages = Map.groupBy(instructions, (each) => each.stage);
  return before.toReversed().flatMap((line) => {
    const [, stage, number, text] = step.exec(line) ?? [];
    if (text === undefined) return [];
    const found = stages.get(Number(stage ?? 1) - 1)?.[Number(number) - 1];
    // Variables of a FROM are printed with their values.
    const same = found?.keyword === 'FROM' ? /^from /i.test(text) : found?.text === squeeze(text);
    return found && same ? [found] : [];
  });
}

function repeated({ text }: Instruction): string {
  return `building at STEP "${text}": `;
}

function withoutStep(words: string, failed: Instruction): string {
  const line = squeeze(words);
  const rest = line.startsWith(repeated(failed))
    ? line.slice(repeated(failed).length)
    : line.replace(/^building at STEP ".*?": (?=\S)/, '');
  return rest.replace(/ &imagebuilder\.Step\{.*$/, '');
}

function outputAt(lines: readonly string[]): string | undefined {
  const last = lines.findLast((line) => !/^subprocess exited with status \d+$/.test(line));
  return last === undefined || step.test(last) || /^time="/.test(last) ? undefined : last;
}

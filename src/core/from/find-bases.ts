import { type Expanded, expandWord, type Unknown, type Values } from './expand-word.ts';
import { type LogicalLine, type ScannedFile, scanDockerfile, type Word, wordsOf } from './scan-dockerfile.ts';

/** A place in a container file that names an image from elsewhere. */
export interface BaseUse {
  readonly keyword: 'FROM' | 'COPY' | 'RUN';
  readonly instruction: LogicalLine;
  /** The word as written, and where it stands in the instruction's text. */
  readonly word: Word;
  /** What it comes to. */
  readonly image: Expanded;
}

export interface FoundBases {
  readonly bases: readonly BaseUse[];
  /** Lower case, as builders compare them, with what the stage starts from. */
  readonly stages: ReadonlyMap<string, BaseUse | null>;
}

/** What counts besides the file's own defaults. */
export interface BuildValues {
  /** Build arguments by name; they count where the file declares them before its first FROM. */
  readonly buildArgs: Values;
  /** `os/arch`; null: the builder's own, which is not known here. */
  readonly platform: string | null;
}

/**
 * Every place that names an image, in order. Names of stages are none: FROM means an earlier stage, `--from` the same or its own;
 * neither is `scratch`, and what names no image at all is left to the builder to refuse.
 */
export function findBases(dockerfile: string, given: BuildValues): FoundBases {
  const scanned = scanDockerfile(dockerfile);
  const values = new Map<string, string | Unknown>(platformValues(given));
  const stages = new Map<string, BaseUse | null>();
  const bases: BaseUse[] = [];
  let isFirst = true;
  for (const instruction of scanned.instructions) {
    if (instruction.keyword === 'ARG' && isFirst) declare(values, instruction, given, scanned);
    if (instruction.keyword === 'FROM') {
      isFirst = false;
      const found = readFrom(instruction, values, stages, scanned);
      if (found.base !== null) bases.push(found.base);
      if (found.name !== null) stages.set(found.name, found.base);
    }
    if (instruction.keyword === 'COPY' || instruction.keyword === 'RUN')
      bases.push(...readFlags(instruction, instruction.keyword, stages));
  }
  return { bases, stages };
}

const platformNames = ['PLATFORM', 'OS', 'ARCH', 'VARIANT'] as const;

function isPlatformName(name: string): boolean {
  return platformNames.some((part) => name === `BUILD${part}` || name === `TARGET${part}`);
}

/** Known to FROM without being declared; a build argument of that name counts above them. */
function platformValues({ platform, buildArgs }: BuildValues): (readonly [string, string | Unknown])[] {
  const [os, arch, variant] = platform?.split('/') ?? [];
  const known = [platform, os, arch, variant ?? ''];
  return ['BUILD', 'TARGET'].flatMap((side) =>
    platformNames.map((part, index) => {
      const name = `${side}${part}`;
      const unknown = { unknown: `\`${name}\` is known to the builder alone: name \`platforms\`` };
      return [name, buildArgs.get(name) ?? (platform === null ? unknown : (known[index] ?? ''))] as const;
    }),
  );
}

function declare(
  values: Map<string, string | Unknown>,
  { text }: LogicalLine,
  given: BuildValues,
  { escapeSign }: ScannedFile,
): void {
  for (const { text: word } of wordsOf(text).slice(1)) {
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    const own = given.buildArgs.get(name);
    if (own !== undefined) values.set(name, own);
    else if (equals < 0) values.set(name, isPlatformName(name) ? (values.get(name) ?? '') : '');
    else {
      const value = expandWord(word.slice(equals + 1), values, escapeSign);
      values.set(name, value.kind === 'text' ? value.text : { unknown: value.because });
    }
  }
}

/** Words of a FROM hold no white space, quoted or not. */
function plainWords(text: string): readonly Word[] {
  return [...text.matchAll(/\S+/g)].map((found) => ({
    start: found.index,
    end: found.index + found[0].length,
    text: found[0],
  }));
}

function readFrom(
  instruction: LogicalLine,
  values: Values,
  stages: FoundBases['stages'],
  { escapeSign }: ScannedFile,
): { base: BaseUse | null; name: string | null } {
  const [word, as, named] = plainWords(instruction.text)
    .slice(1)
    .filter(({ text }) => !text.startsWith('--'));
  const name = as?.text.toLowerCase() === 'as' ? (named?.text.toLowerCase() ?? null) : null;
  if (word === undefined) return { base: null, name };
  const image = expandWord(word.text, values, escapeSign);
  const isElsewhere = image.kind === 'unknown' || isImage(image.text, stages);
  return { base: isElsewhere ? { keyword: 'FROM', instruction, word, image } : null, name };
}

function isImage(text: string, stages: FoundBases['stages']): boolean {
  return text !== '' && text !== 'scratch' && !/\s/.test(text) && !stages.has(text.toLowerCase());
}

/** `--from=` of a COPY and `from=` of a mount: builders expand nothing there, and a number means a stage. */
function readFlags(instruction: LogicalLine, keyword: 'COPY' | 'RUN', stages: FoundBases['stages']): BaseUse[] {
  const found: BaseUse[] = [];
  for (const flag of wordsOf(instruction.text).slice(1)) {
    if (!flag.text.startsWith('--')) break;
    const start = keyword === 'COPY' ? copyStart(flag.text) : mountStart(flag.text);
    if (start === null) continue;
    const length = keyword === 'COPY' ? flag.text.length - start : flag.text.slice(start).search(/,|$/);
    const text = flag.text.slice(start, start + length);
    if (/^\d+$/.test(text) || /["'$\\]/.test(text) || !isImage(text, stages)) continue;
    const at = flag.start + start;
    found.push({ keyword, instruction, word: { start: at, end: at + length, text }, image: { kind: 'text', text } });
  }
  return found;
}

function copyStart(flag: string): number | null {
  return flag.startsWith('--from=') ? '--from='.length : null;
}

/** Fields of a mount stand between commas; one in quotes is left alone. */
function mountStart(flag: string): number | null {
  if (!flag.startsWith('--mount=') || flag.includes('"')) return null;
  const found = /(?:^--mount=|,)from=/.exec(flag);
  return found && found.index + found[0].length;
}

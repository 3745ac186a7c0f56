import { type LogicalLine, lastStageOf, scanDockerfile, wordsOf } from './scan-dockerfile.ts';

/** What only some builders do. */
export type FileFeature =
  | { readonly kind: 'mount'; readonly line: number; readonly mount: Mount }
  | {
      readonly kind: 'heredoc';
      readonly line: number;
      readonly keyword: 'ADD' | 'COPY' | 'RUN';
      readonly name: string;
    }
  /** `ADD --checksum=…`, whatever it names. */
  | { readonly kind: 'checksum'; readonly line: number; readonly checksum: string }
  /** `RUN --network=…`. */
  | { readonly kind: 'network'; readonly line: number; readonly network: string };

/** One `RUN --mount=…`, its fields as written. */
export interface Mount {
  readonly type: string;
  /** Another stage or image; null: the context. */
  readonly from: string | null;
  readonly source: string | null;
  readonly target: string | null;
  readonly id: string | null;
  readonly required: boolean;
}

/**
 * The features of all stages up to `target`, in order; null, and what names no stage: of all. What an `ONBUILD` says is
 * another build's.
 */
export function fileFeatures(dockerfile: string, target: string | null): readonly FileFeature[] {
  const scanned = scanDockerfile(dockerfile);
  const last = lastStageOf(scanned, target);
  let stage = -1;
  return scanned.instructions.flatMap((instruction) => {
    if (instruction.keyword === 'FROM') stage += 1;
    return stage > last ? [] : featuresOf(instruction);
  });
}

function featuresOf({ keyword, text, line, heredocs }: LogicalLine): readonly FileFeature[] {
  if (keyword !== 'RUN' && keyword !== 'COPY' && keyword !== 'ADD') return [];
  const [name] = heredocs;
  const heredoc: readonly FileFeature[] = name === undefined ? [] : [{ kind: 'heredoc', line, keyword, name }];
  return [...flagsOf(text).flatMap((flag) => flagFeature(keyword, line, flag)), ...heredoc];
}

/** What stands between the keyword and everything else. */
function flagsOf(text: string): readonly string[] {
  const words = wordsOf(text)
    .slice(1)
    .map((word) => word.text);
  const end = words.findIndex((word) => !word.startsWith('--'));
  return end < 0 ? words : words.slice(0, end);
}

function flagFeature(keyword: 'ADD' | 'COPY' | 'RUN', line: number, flag: string): readonly FileFeature[] {
  const [, name = '', value = ''] = /^--([a-z]+)=(.*)$/s.exec(flag) ?? [];
  if (keyword === 'RUN' && name === 'mount') return [{ kind: 'mount', line, mount: mountOf(value) }];
  if (keyword === 'RUN' && name === 'network') return [{ kind: 'network', line, network: value }];
  return keyword === 'ADD' && name === 'checksum' ? [{ kind: 'checksum', line, checksum: value }] : [];
}

/** Fields stand between commas, a quoted one as in a table of values; `type` is `bind` where nothing is said. */
function mountOf(words: string): Mount {
  const fields = new Map<string, string>();
  for (const field of words.match(/(?:"[^"]*"|[^,"])+/g) ?? []) {
    const plain = field.replaceAll('"', '');
    const equals = plain.indexOf('=');
    const name = (equals < 0 ? plain : plain.slice(0, equals)).toLowerCase();
    fields.set(name, equals < 0 ? 'true' : plain.slice(equals + 1));
  }
  const first = (...names: readonly string[]) =>
    names.map((name) => fields.get(name)).find((value) => value !== undefined);
  return {
    type: fields.get('type') ?? 'bind',
    from: fields.get('from') ?? null,
    source: first('source', 'src') ?? null,
    target: first('target', 'dst', 'destination') ?? null,
    id: fields.get('id') ?? null,
    required: /^(?:1|t|true)$/i.test(fields.get('required') ?? 'false'),
  };
}

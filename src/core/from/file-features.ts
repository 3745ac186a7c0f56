import { type LogicalLine, lastStageOf, scanDockerfile, wordsOf } from './scan-dockerfile.ts';

/** What only some builders do. */
export type FileFeature =
  | { readonly kind: 'mount'; readonly line: number; readonly mount: Mount }
  | {
      readonly kind: 'heredoc';
      readonly line: number;
      readonly keyword: 'ADD' | 'COPY' | 'RUN';
      readonly name: string;
    };

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
 * The mounts and heredocs of all stages up to `target`, in order; null, and what names no stage: of all. What an `ONBUILD` says is
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
  return [
    ...(keyword === 'RUN' ? mountsOf(text).map((mount) => ({ kind: 'mount' as const, line, mount })) : []),
    ...heredoc,
  ];
}

/** Flags stand before everything else. */
function mountsOf(text: string): readonly Mount[] {
  const mounts: Mount[] = [];
  for (const { text: word } of wordsOf(text).slice(1)) {
    if (!word.startsWith('--')) break;
    if (word.startsWith('--mount=')) mounts.push(mountOf(word.slice('--mount='.length)));
  }
  return mounts;
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

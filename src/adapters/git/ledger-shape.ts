import type { RecordedFlake } from '../../model/flake.ts';
import type { LedgerDetail, LedgerEntry, ReleaseDetail } from '../../model/ledger.ts';
import type { Person } from '../../model/person.ts';
import type { RecordedImage, UploadPlace } from '../../model/promotion.ts';
import type { ReleasedImage } from '../../model/release.ts';
import { isDigest, isSha, type Sha } from '../../model/sha.ts';
import type { RecordedVerdict } from '../../model/verdict.ts';

type Check = (value: unknown) => boolean;
type Shape<T> = { readonly [K in keyof T]-?: Check };

const isText: Check = (value) => typeof value === 'string';
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isId: Check = (value) => typeof value === 'string' && isSha(value);
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

/** Exactly these fields; those of `mayMiss` may be left out. */
function hasShape<T>(shape: Shape<T>, mayMiss: readonly (keyof T & string)[] = []): Check {
  const checks = new Map(Object.entries(shape) as [string, Check][]);
  const needed = [...checks.keys()].filter((key) => !mayMiss.some((other) => other === key));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const fields = Object.entries(value);
    const isWhole = needed.every((key) => Object.hasOwn(value, key));
    return isWhole && fields.every(([key, field]) => checks.get(key)?.(field) === true);
  };
}

const isPerson = hasShape<Person>({ id: isCount, login: isText, kind: oneOf('user', 'bot') });
const isImageDigest: Check = (value) => typeof value === 'string' && isDigest(value);
const isPlace = hasShape<UploadPlace>({ repository: isText, tag: isText });
const isImages = listOf(
  hasShape<RecordedImage>({
    name: isText,
    target: orNull(isText),
    repository: isText,
    tags: listOf(isText),
    digest: isImageDigest,
    staged: isPlace,
  }),
);
const isReleased = listOf(
  hasShape<ReleasedImage>({
    name: isText,
    target: orNull(isText),
    repository: isText,
    tags: listOf(isText),
    moving: listOf(isText),
    platforms: listOf(isText),
    digest: isImageDigest,
    staged: isPlace,
  }),
);
const isVerdict = hasShape<RecordedVerdict>(
  {
    commit: isId,
    tree: isId,
    checks: listOf(hasShape<RecordedVerdict['checks'][number]>({ name: isText, conclusion: isText })),
    configuration: isText,
    git: isText,
    at: isCount,
    images: isImages,
    flakes: listOf(hasShape<RecordedFlake>({ job: isText, failures: isCount, builds: listOf(isText) })),
    reused: hasShape<NonNullable<RecordedVerdict['reused']>>({ commit: isId, at: isCount, tree: isId }, ['tree']),
  },
  ['images', 'flakes', 'reused'],
);

const isRelease = hasShape<ReleaseDetail>({
  kind: isText,
  component: orNull(isText),
  version: isText,
  tag: orNull(isText),
  commit: isId,
  tree: isId,
  configuration: isText,
  by: orNull(isPerson),
  images: isReleased,
});

type Landed = Extract<LedgerDetail, { kind: 'landed' }>;
type Kind = LedgerDetail['kind'];
const details: { readonly [K in Kind]: Check } = {
  owner: hasShape<Extract<LedgerDetail, { kind: 'owner' }>>({ kind: isText, app: isCount }),
  landed: hasShape<Landed>(
    {
      kind: isText,
      number: isCount,
      head: isId,
      from: isId,
      commit: isId,
      method: oneOf('merge', 'squash', 'rebase'),
      by: isPerson,
      verdict: isVerdict,
      within: hasShape<NonNullable<Landed['within']>>({ number: isCount, commit: isId }),
      since: isId,
    },
    ['within', 'since'],
  ),
  published: hasShape<Extract<LedgerDetail, { kind: 'published' }>>({
    kind: isText,
    number: isCount,
    commit: isId,
    because: isText,
    images: isImages,
  }),
  pushed: hasShape<Extract<LedgerDetail, { kind: 'pushed' }>>(
    {
      kind: isText,
      below: isCount,
      above: isCount,
      commit: isId,
      tree: isId,
      by: orNull(isPerson),
      images: isImages,
    },
    ['above'],
  ),
  releasing: isRelease,
  released: isRelease,
  frozen: hasShape<Extract<LedgerDetail, { kind: 'frozen' }>>({
    kind: isText,
    by: orNull(isPerson),
    because: isText,
  }),
  thawed: hasShape<Extract<LedgerDetail, { kind: 'thawed' }>>({ kind: isText, by: orNull(isPerson) }),
  reset: hasShape<Extract<LedgerDetail, { kind: 'reset' }>>(
    { kind: isText, standing: isCount, tip: isId, gone: listOf(isCount) },
    ['gone'],
  ),
};

const isDetail: Check = (value) => {
  const kind = (value as { kind?: unknown } | null)?.kind;
  return typeof kind === 'string' && Object.hasOwn(details, kind) && details[kind as Kind](value);
};

/** An entry as it stands in a ledger commit. */
export interface LinkedEntry extends LedgerEntry {
  /** The ledger commit before it; null for the first. */
  readonly parent: Sha | null;
}

const isLinked = hasShape<LinkedEntry>({
  schema: (value) => value === 1,
  sequence: (value) => isCount(value) && value !== 0,
  repository: isCount,
  branch: isText,
  at: isCount,
  detail: isDetail,
  parent: orNull(isId),
});

/** Null for anything that this version would not write. */
export function parseLinkedEntry(text: string): LinkedEntry | null {
  try {
    const value: unknown = JSON.parse(text);
    return isLinked(value) ? (value as LinkedEntry) : null;
  } catch {
    return null;
  }
}

/** JSON with the fields of each object in the order of their names: one text for one value. */
export function canonicalJson(value: unknown): string {
  const sorted = (_: string, each: unknown): unknown =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each;
  return `${JSON.stringify(value, sorted)}\n`;
}

/** Of each switch by its name one of its positions. */
export type Row = Readonly<Record<string, string>>;

interface Pair {
  readonly one: readonly [string, string];
  readonly other: readonly [string, string];
}

function pairsOf(switches: Readonly<Record<string, readonly string[]>>): Pair[] {
  const all = Object.entries(switches).flatMap(([name, positions]) => positions.map((each) => [name, each] as const));
  return all.flatMap((one, index) =>
    all.slice(index + 1).flatMap((other) => (one[0] === other[0] ? [] : [{ one, other }])),
  );
}

function fits(row: Row, { one, other }: Pair): boolean {
  return [one, other].every(([name, position]) => row[name] === undefined || row[name] === position);
}

export function holds(row: Row, { one, other }: Pair): boolean {
  return row[one[0]] === one[1] && row[other[0]] === other[1];
}

/** So few rows that each two positions of different switches stand together in one: what two of them do to each other shows. */
export function pairwise(switches: Readonly<Record<string, readonly string[]>>): readonly Row[] {
  const rows: Row[] = [];
  let left = pairsOf(switches);
  while (left.length > 0) {
    let row: Row = {};
    for (const pair of left)
      if (fits(row, pair)) row = { ...row, [pair.one[0]]: pair.one[1], [pair.other[0]]: pair.other[1] };
    const whole = Object.fromEntries(
      Object.entries(switches).map(([name, [first = '']]) => [name, row[name] ?? first]),
    );
    rows.push(whole);
    left = left.filter((pair) => !holds(whole, pair));
  }
  return rows;
}

/** Every two positions of different switches that no row has together. */
export function lacking(
  switches: Readonly<Record<string, readonly string[]>>,
  rows: readonly Row[],
): readonly string[] {
  return pairsOf(switches)
    .filter((pair) => !rows.some((row) => holds(row, pair)))
    .map(({ one, other }) => `${one.join('=')} with ${other.join('=')}`);
}

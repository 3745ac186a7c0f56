/** One line of the table. */
export interface Row {
  readonly name: string;
  /** Numbers with their units. */
  readonly figure: string;
  /** What it waits for. */
  readonly limit?: string;
  readonly prow?: string;
  /** How many times better we are than Prow; under 1 we are worse. */
  readonly ratio?: number;
}

/** What one measurement gives: lines for people and everything for the file. */
export interface Result {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  readonly figures: unknown;
}

/** As `17.3 ms`, `1.20 s`: three digits that count. */
export function inMs(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 1_000) return `${(value / 1000).toFixed(2)} s`;
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ms`;
}

export function inMegabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

/** The largest first, as `get 3.0, post 1.2`; each divided by `by`. */
export function listCounts(counts: Readonly<Record<string, number>>, by: number, most: number): string {
  const sorted = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  const shown = sorted.slice(0, most).map(([name, count]) => `${name} ${(count / by).toFixed(1)}`);
  return shown.length === 0 ? 'none' : shown.join(', ') + (sorted.length > most ? ', …' : '');
}

export function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

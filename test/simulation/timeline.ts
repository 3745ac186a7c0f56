/** A value that changes with time, and what it was. */
export class Timeline<T> {
  private readonly moments: { readonly at: number; readonly value: T }[] = [];
  private readonly clock: () => number;

  constructor(clock: () => number, first: T) {
    this.clock = clock;
    this.moments.push({ at: 0, value: first });
  }

  set(value: T): void {
    if (this.now() !== value) this.moments.push({ at: this.clock(), value });
  }

  now(): T {
    return (this.moments.at(-1) as { value: T }).value;
  }

  /** All values that were true at some moment since `from`. */
  since(from: number): readonly T[] {
    const first = this.moments.findLastIndex(({ at }) => at <= from);
    return this.moments.slice(Math.max(0, first)).map(({ value }) => value);
  }

  /** What was true at that moment. */
  at(time: number): T {
    return (this.moments.findLast(({ at }) => at <= time) ?? (this.moments[0] as { value: T })).value;
  }

  /** When it changed since `from`. */
  changesSince(from: number): readonly number[] {
    return this.moments.flatMap(({ at }) => (at > from ? [at] : []));
  }

  /** When the present value came to be (ms). */
  setAt(): number {
    return (this.moments.at(-1) as { at: number }).at;
  }

  /** What was true from when on (ms), oldest first. */
  history(): readonly { readonly at: number; readonly value: T }[] {
    return this.moments;
  }

  all(): readonly T[] {
    return this.moments.map(({ value }) => value);
  }
}

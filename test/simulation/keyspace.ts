/** Redis' data: immutable values by key, and the way back to what was there at an earlier time. */
export interface Keyspace {
  get<T>(key: string): T | undefined;
  /** Undefined takes the key away. */
  set(key: string, value: unknown): void;
  /** All keys of a kind, which is what stands before the first colon, with it; of every kind for the empty one. */
  keys(kind: string): string[];
  /** Undoes everything written after `time`. */
  rollBack(time: number): void;
  clear(): void;
  /** When this key was last written; 0: never. */
  writtenAt(key: string): number;
  /** Forgets how to go back to times before `time`. */
  forgetBefore(time: number): void;
}

interface Change {
  readonly at: number;
  readonly key: string;
  readonly old: unknown;
  readonly oldAt: number;
}

export function createKeyspace(now: () => number): Keyspace {
  const values = new Map<string, unknown>();
  const times = new Map<string, number>();
  let journal: Change[] = [];

  /** Keys by what stands before their first colon. */
  const kinds = new Map<string, Set<string>>();

  function kindOf(key: string): Set<string> {
    const kind = key.slice(0, key.indexOf(':') + 1);
    const there = kinds.get(kind) ?? new Set();
    kinds.set(kind, there);
    return there;
  }

  function put(key: string, value: unknown, at: number): void {
    if (value === undefined) values.delete(key);
    else values.set(key, value);
    if (value === undefined) kindOf(key).delete(key);
    else kindOf(key).add(key);
    times.set(key, at);
  }

  function set(key: string, value: unknown): void {
    const old = values.get(key);
    if (old === undefined && value === undefined) return;
    journal.push({ at: now(), key, old, oldAt: times.get(key) ?? 0 });
    put(key, value, now());
  }

  return {
    get: <T>(key: string) => values.get(key) as T | undefined,
    set,
    keys: (kind) => (kind === '' ? [...values.keys()] : [...kindOf(kind)]).sort(),
    writtenAt: (key) => times.get(key) ?? 0,
    rollBack(time) {
      for (let last = journal.at(-1); last && last.at > time; last = journal.at(-1)) {
        journal.pop();
        put(last.key, last.old, last.oldAt);
      }
    },
    clear() {
      for (const key of [...values.keys()]) set(key, undefined);
    },
    forgetBefore(time) {
      if ((journal[0]?.at ?? time) < time) journal = journal.filter(({ at }) => at >= time);
    },
  };
}

/** What goes wrong; `after`: the effect has happened, only the answer is lost or wrong. */
export type FaultKind =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly when: 'before' | 'after';
      readonly retryAfter?: number;
      /** What GitHub says; default `Server Error`. */
      readonly message?: string;
    }
  | { readonly kind: 'primary-limit' }
  | { readonly kind: 'secondary-limit'; readonly status: 403 | 429; readonly retryAfter?: number }
  | { readonly kind: 'latency'; readonly ms: number }
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' }
  /**
   * It stands still before it has an effect, or before its answer, until `until`, called once it does, says how it goes on;
   * cut: the connection ends, and what has not happened never does. An answer of git can only be cut.
   */
  | { readonly kind: 'hold'; readonly when: 'before' | 'after'; readonly until: () => Promise<'go' | 'cut'> }
  /** Every ref of a push is refused for `reason`, with `says` as `remote:` lines; on a path of `git-receive-pack`. */
  | { readonly kind: 'push-refused'; readonly reason: string; readonly says?: readonly string[] };

export interface Fault {
  readonly method?: string;
  /** Against the path of the request: `/api/v3/…`, `/api/graphql` or `/OWNER/REPO.git/…`. */
  readonly path?: RegExp;
  /** Against what the request holds, as far as that is text. */
  readonly body?: RegExp;
  /** How many matching requests it hits; default 1. */
  readonly count?: number;
  /** How many matching requests go by before; default 0. */
  readonly skip?: number;
  readonly does: FaultKind;
}

/** Faults waiting to happen, in the order they were added; each request meets the first that matches. */
export interface Faults {
  readonly add: (fault: Fault) => () => void;
  readonly clear: () => void;
  readonly next: (method: string, path: string, body: Buffer) => FaultKind | null;
}

export function createFaults(): Faults {
  const waiting: { fault: Fault; skip: number; left: number }[] = [];
  return {
    add: (fault) => {
      const entry = { fault, skip: fault.skip ?? 0, left: fault.count ?? 1 };
      waiting.push(entry);
      return () => {
        entry.left = 0;
      };
    },
    clear: () => {
      waiting.length = 0;
    },
    next: (method, path, body) => {
      const matching = waiting.filter(({ fault, left }) => left > 0 && matches(fault, method, path, body));
      for (const entry of matching) {
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        entry.left -= 1;
        return entry.fault.does;
      }
      return null;
    },
  };
}

function matches(fault: Fault, method: string, path: string, body: Buffer): boolean {
  if ((fault.method ?? method) !== method || fault.path?.test(path) === false) return false;
  return fault.body === undefined || fault.body.test(body.toString('latin1'));
}

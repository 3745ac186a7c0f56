/** What one fetch brings: where from, and under which ref of ours it is kept; null: under none. */
export interface Wanted {
  readonly from: string;
  readonly keptAs: string | null;
}

export type FetchOutcome = 'fetched' | 'refused';

interface Waiting<With> {
  readonly with: With;
  readonly wanted: readonly Wanted[];
  readonly resolve: (outcome: FetchOutcome) => void;
  readonly reject: (cause: unknown) => void;
}

/** Brings what is wanted into one clone, one fetch at a time; what is asked for meanwhile comes together in the next. */
export type FetchLine<With> = (wanted: readonly Wanted[], using: With) => Promise<FetchOutcome>;

const atOnce = 100;

function refspecsOf(waiting: readonly Waiting<unknown>[]): string[] {
  const kept = new Map<string, string>();
  const specs = new Set<string>();
  for (const { from, keptAs } of waiting.flatMap((each) => each.wanted)) {
    // Two sources for one ref would be refused; the ref only tells later fetches what is here.
    if (keptAs !== null && (kept.get(keptAs) ?? from) === from) {
      kept.set(keptAs, from);
      specs.add(`+${from}:${keptAs}`);
    } else specs.add(from);
  }
  return [...specs];
}

/**
 * `fetch` says `refused` when the remote does not have one of them: then each is asked for by itself. What several want
 * together is fetched with what the first of them gave.
 */
export function createFetchLine<With>(
  fetch: (refspecs: readonly string[], using: With) => Promise<FetchOutcome>,
): FetchLine<With> {
  let line: Waiting<With>[] = [];
  let isRunning = false;

  async function alone(one: Waiting<With>): Promise<void> {
    try {
      one.resolve(await fetch(refspecsOf([one]), one.with));
    } catch (cause) {
      one.reject(cause);
    }
  }

  async function together(first: Waiting<With>, group: readonly Waiting<With>[]): Promise<boolean> {
    try {
      if ((await fetch(refspecsOf(group), first.with)) === 'refused') return false;
    } catch {
      // One of them may be at fault: each finds out for itself.
      return false;
    }
    for (const one of group) one.resolve('fetched');
    return true;
  }

  async function run(): Promise<void> {
    isRunning = true;
    while (line.length > 0) {
      const group = line.slice(0, atOnce);
      line = line.slice(atOnce);
      const [first, second] = group;
      if (first !== undefined && second !== undefined && (await together(first, group))) continue;
      for (const one of group) await alone(one);
    }
    isRunning = false;
  }

  return (wanted, using) =>
    new Promise((resolve, reject) => {
      line.push({ with: using, wanted, resolve, reject });
      if (!isRunning) void run();
    });
}

import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

/** One thing that must be there before work can be done. */
export interface ReadinessCheck {
  /** What is missing, one sentence each; empty: nothing. */
  readonly missing: () => Promise<readonly string[]>;
  /** What is said when that throws or gives no answer in time; the error itself, which is not for everybody, goes to the log. */
  readonly failure: string;
}

const limitMs = 1_500;
const freshMs = 2_000;

/** Asks everything at once; what was found stands for 2 s, so that many who ask cost no more than one. */
export function createReadiness(
  checks: readonly ReadinessCheck[],
  clock: Clock,
  log: Log,
): () => Promise<readonly string[]> {
  let asked: { readonly at: number; readonly missing: Promise<readonly string[]> } | null = null;
  return () => {
    const now = clock.now();
    if (asked === null || now - asked.at >= freshMs || now < asked.at)
      asked = {
        at: now,
        missing: Promise.all(checks.map((check) => ask(check, clock, log))).then((all) => all.flat()),
      };
    return asked.missing;
  };
}

async function ask({ missing, failure }: ReadinessCheck, clock: Clock, log: Log): Promise<readonly string[]> {
  const answered = new AbortController();
  try {
    return await Promise.race([missing(), clock.sleep(limitMs, answered.signal).then(() => [failure])]);
  } catch (cause) {
    log.warn({ failure, err: cause }, 'not ready');
    return [failure];
  } finally {
    answered.abort();
  }
}

import type { SubjectId } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';

/** Whoever dies with it keeps the others from their tags for so long. */
const leaseMs = 180_000;
/** So long a request of a registry may take: with less left, none is begun. */
const reserveMs = 120_000;

const lost = 'it took so long that another release may set its tags by now: it is judged again';

/** The right of one pass of one release to set tags of its project (versions.md §7). */
export interface TagLease {
  /** Why no tag may be set any more, as what was judged may not hold now; null: one may. */
  whyNot(): Promise<string | null>;
  release(): Promise<void>;
}

/** What is left of a time that began when it was asked for, by both clocks: one may be set back, the other stands still while a machine sleeps. */
function createCountdown({ now, elapsed }: Pick<AppContext['ports']['clock'], 'now' | 'elapsed'>) {
  const [endsNow, endsElapsed] = [now() + leaseMs, elapsed() + leaseMs];
  return { left: (): number => Math.min(endsNow - now(), endsElapsed - elapsed()) };
}

/**
 * Tags have no compare-and-set, so that releases of one project set theirs one after the other. Null: another pass does, were it of
 * the same release. Once it ran out it is none, though nobody may have taken it.
 *
 * It ends by the clock of Redis, and here never later: here it is counted from before it was asked for, and what the clocks of two
 * machines show is never compared, so that they may be hours apart. Its bound: while it lasts, a clock here must not run slower
 * than that of Redis by more than the reserve spares (a minute in three, when a request takes its two), nor a request of a registry
 * take longer than that reserve.
 */
export async function takeTagLease(
  {
    ports,
    settings,
  }: { readonly ports: Pick<AppContext['ports'], 'notes' | 'clock' | 'log'> } & Pick<AppContext, 'settings'>,
  id: SubjectId,
  repository: number,
): Promise<TagLease | null> {
  const { notes, clock, log } = ports;
  const name = `release-${repository}`;
  const holder = `${settings.worker} ${id}`;
  let lease = createCountdown(clock);
  if (!(await notes.lease(name, holder, leaseMs))) return null;
  return {
    async whyNot() {
      if (lease.left() < reserveMs) {
        const next = createCountdown(clock);
        const prolonged = await notes.lease(name, holder, leaseMs);
        // Answered later than it ran out, it may have been another's in between.
        if (!prolonged || lease.left() <= 0) return lost;
        lease = next;
      }
      return lease.left() < reserveMs ? lost : null;
    },
    async release() {
      await notes.lease(name, holder, 1).catch((err: unknown) => {
        log.debug({ subject: id, err }, 'the lease runs out by itself');
      });
    },
  };
}

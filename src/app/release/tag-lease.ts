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

/**
 * Tags have no compare-and-set, so that releases of one project set theirs one after the other. Null: another pass does, were it of
 * the same release. Once it ran out it is none, though nobody may have taken it.
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
  let until = clock.now() + leaseMs;
  if (!(await notes.lease(name, holder, leaseMs))) return null;
  return {
    async whyNot() {
      const asked = clock.now();
      if (until - asked < reserveMs) {
        const prolonged = await notes.lease(name, holder, leaseMs);
        // Answered later than it ran out, it may have been another's in between.
        if (!prolonged || clock.now() >= until) return lost;
        until = asked + leaseMs;
      }
      return until - clock.now() < reserveMs ? lost : null;
    },
    async release() {
      await notes.lease(name, holder, 1).catch((err: unknown) => {
        log.debug({ subject: id, err }, 'the lease runs out by itself');
      });
    },
  };
}

import { wishOfEntry } from '../core/line/runner-slots.ts';
import type { LineEntry } from '../model/line.ts';
import type { AppContext } from './context.ts';
import { isUntrustedOff } from './isolation/isolation-note.ts';

type Needs = Pick<AppContext, 'pods'> & { readonly ports: Pick<AppContext['ports'], 'executor'> };

/** What an entry waits for because its pool is away, in words; null: that is there, and so is all of an executor of one place. */
export async function whyAway({ pods, ports }: Needs): Promise<(entry: LineEntry) => string | null> {
  if (ports.executor.listSeen === undefined) return () => null;
  const listing = await pods.seen();
  return (entry) => {
    const wish = wishOfEntry(entry);
    return wish === null || listing === null ? null : listing.whyUnseen(wish);
  };
}

/** Which entries get no slot now: code that nobody approved while it is held (issue 8), and what its pool is away for. */
export async function whoIsOff(context: AppContext): Promise<(entry: LineEntry) => boolean> {
  const [isHeld, away] = await Promise.all([isUntrustedOff(context), whyAway(context)]);
  return (entry) => (isHeld && entry.trust === 'untrusted') || away(entry) !== null;
}

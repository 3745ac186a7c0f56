import { wishOfEntry } from '../core/line/runner-slots.ts';
import type { LineEntry } from '../model/line.ts';
import type { AppContext } from './context.ts';
import { isUntrustedOff } from './isolation/isolation-note.ts';

type Needs = Pick<AppContext, 'pods'> & { readonly ports: Pick<AppContext['ports'], 'executor'> };

const seenNowhere: Record<AppContext['ports']['executor']['kind'], string> = {
  kubernetes: 'the cluster, whose pods cannot be listed now',
  podman: 'podman, whose pods cannot be listed now',
  process: 'the pods of this machine, which cannot be listed now',
};

/** What an entry waits for because its pool is away, in words; null: that is there, or nothing is known of any pool. */
async function whyPoolAway({ pods, ports }: Needs): Promise<(entry: LineEntry) => string | null> {
  if (ports.executor.listSeen === undefined) return () => null;
  const listing = await pods.seen();
  return (entry) => {
    const wish = wishOfEntry(entry);
    return wish === null || listing === null ? null : listing.whyUnseen(wish);
  };
}

/** What an entry waits for because nothing can begin where it belongs, in words; null: its pods can be listed. */
export async function whyAway(needs: Needs): Promise<(entry: LineEntry) => string | null> {
  if ((await needs.pods.seen()) === null) return () => seenNowhere[needs.ports.executor.kind];
  return whyPoolAway(needs);
}

/** Which entries get no slot now: code that nobody approved while it is held (issue 8), and what its pool is away for. */
export async function whoIsOff(context: AppContext): Promise<(entry: LineEntry) => boolean> {
  const [isHeld, away] = await Promise.all([isUntrustedOff(context), whyPoolAway(context)]);
  return (entry) => (isHeld && entry.trust === 'untrusted') || away(entry) !== null;
}

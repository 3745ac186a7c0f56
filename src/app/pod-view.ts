import type { ObservedPod } from '../model/pod.ts';
import type { Executor, PodListing } from '../ports/executor.ts';
import type { PodView, Ports } from './context.ts';

const seesAll = (pods: readonly ObservedPod[]): PodListing => ({ pods, unseen: [], whyUnseen: () => null });

/** What an executor shows now, of one place or of several; throws when that is nothing. */
export async function listSeen(executor: Executor): Promise<PodListing> {
  return executor.listSeen === undefined ? seesAll(await executor.list()) : executor.listSeen();
}

type Listed = { readonly at: number; readonly listing: Promise<PodListing | null> };

/** Lists the pods at most once for passes that come within `maxAgeMs` of each other. */
export function createPodView(ports: Pick<Ports, 'executor' | 'clock' | 'log'>, maxAgeMs: number): PodView {
  let listed: Listed | null = null;
  let told = '';
  const tell = ({ unseen }: PodListing): void => {
    const places = unseen.map(({ place }) => place).join(' ');
    if (places !== told && unseen.length > 0) ports.log.warn({ unseen }, 'pods of some pools could not be listed');
    if (places !== told && unseen.length === 0) ports.log.info({ before: told }, 'pods of all pools are listed again');
    told = places;
  };
  const list = async (): Promise<PodListing | null> => {
    try {
      const listing = await listSeen(ports.executor);
      tell(listing);
      return listing;
    } catch (cause) {
      // No verdict from absence: a pass without a listing changes nothing that depends on it.
      ports.log.warn({ err: cause }, 'pods could not be listed');
      return null;
    }
  };
  const seen = (): Promise<PodListing | null> => {
    const now = ports.clock.now();
    if (!listed || now - listed.at >= maxAgeMs) listed = { at: now, listing: list() };
    return listed.listing;
  };
  return {
    seen,
    async snapshot() {
      const listing = await seen();
      return listing?.unseen.length === 0 ? listing.pods : null;
    },
    outdate() {
      listed = null;
    },
  };
}

import type { ObservedPod } from '../model/pod.ts';
import type { PodView, Ports } from './context.ts';

/** Lists the pods at most once for passes that come within `maxAgeMs` of each other. */
export function createPodView(ports: Pick<Ports, 'executor' | 'clock' | 'log'>, maxAgeMs: number): PodView {
  let listed: { readonly at: number; readonly pods: Promise<readonly ObservedPod[] | null> } | null = null;
  const list = async (): Promise<readonly ObservedPod[] | null> => {
    try {
      return await ports.executor.list();
    } catch (cause) {
      // No verdict from absence: a pass without a listing changes nothing that depends on it.
      ports.log.warn({ err: cause }, 'pods could not be listed');
      return null;
    }
  };
  return {
    snapshot() {
      const now = ports.clock.now();
      if (!listed || now - listed.at >= maxAgeMs) listed = { at: now, pods: list() };
      return listed.pods;
    },
    outdate() {
      listed = null;
    },
  };
}

import type { Delivery, DeliveryLog } from '../../ports/forge.ts';
import type { GitHubApp } from './app.ts';
import { statusOf } from './call-failure.ts';

/** The App's own delivery log; newest first, read back to `since` and no further. */
export function createDeliveryLog(app: GitHubApp): DeliveryLog {
  const ids = createExactIds();
  return {
    deliveries: async (since) => {
      const client = await app.asApp();
      const found: Delivery[] = [];
      // The log tells time in whole seconds.
      const from = Math.floor(since / 1_000) * 1_000;
      for await (const { data } of client.paginate.iterator(client.rest.apps.listWebhookDeliveries, {
        per_page: 100,
      })) {
        for (const { id, guid, delivered_at, status_code } of data) {
          const deliveredAt = Date.parse(delivered_at);
          if (deliveredAt < from) return found;
          found.push({ id: ids.toNumber(id), guid, deliveredAt, ok: status_code >= 200 && status_code < 300 });
        }
      }
      return found;
    },
    redeliver: async (id) => {
      const client = await app.asApp();
      try {
        // An id may be longer than a number can say, so the path takes it as text.
        await client.request(`POST /app/hook/deliveries/${ids.toText(id)}/attempts`);
        return 'accepted';
      } catch (error) {
        const status = statusOf(error);
        if (status === 404 || status === 410 || status === 422) return 'gone';
        throw error;
      }
    },
  };
}

/**
 * GitHub's delivery ids outgrew exact numbers, where Octokit gives a bigint. Such an id gets a negative number of ours,
 * good for as long as this process lives.
 */
function createExactIds() {
  const texts = new Map<number, string>();
  const numbers = new Map<string, number>();
  return {
    toNumber: (id: number | bigint): number => {
      const text = String(id);
      if (typeof id === 'number' && Number.isSafeInteger(id)) return id;
      const known = numbers.get(text) ?? -1 - numbers.size;
      numbers.set(text, known);
      texts.set(known, text);
      return known;
    },
    toText: (id: number): string => texts.get(id) ?? String(id),
  };
}

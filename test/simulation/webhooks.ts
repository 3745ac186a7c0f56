import type { EventDetail, ForgeEvent } from '../../src/model/forge-event.ts';
import type { Person } from '../../src/model/person.ts';
import type { Delivery, DeliveryLog } from '../../src/ports/forge.ts';
import type { Calls } from './calls.ts';
import { type ForgeWorld, type Repository, wholeSecond } from './forge-world.ts';
import type { Process, Sim } from './sim.ts';

/** What the forge tells us by itself, with all that may happen to it on the way. */
export interface Webhooks {
  /** Gives the delivery's GUID. */
  emit(repository: Repository, name: string, sender: Person, detail: EventDetail): string;
  /** Where they are delivered; true: it was taken with a 2xx. */
  receiver: (event: ForgeEvent) => Promise<boolean>;
  /** None at all is sent. */
  off: boolean;
  /** How late one may come, ms. */
  latestMs: number;
  /** What was answered with a 2xx. */
  readonly acknowledged: Map<string, { readonly event: ForgeEvent; readonly at: number }>;
  logOf(process: Process): DeliveryLog;
  /** Those that the forge tried in vain so far, with how often. */
  failed(): ReadonlyMap<string, number>;
  /** On their way. */
  readonly pending: () => number;
}

interface Attempt extends Delivery {
  readonly event: ForgeEvent;
}

const retentionMs = 3 * 24 * 3_600_000;
const answerMs = 10_000;

export function createWebhooks(sim: Sim, calls: Calls, forge: ForgeWorld): Webhooks {
  const { time, knobs } = sim;
  const draws = sim.chance.stream('webhooks');
  const log: Attempt[] = [];
  let guids = 0;
  let ids = 0;
  let onTheWay = 0;
  const happens = (family: 'webhookNever' | 'webhookFails' | 'webhookTwice' | 'webhookLate'): boolean => {
    const hit = draws.happens(knobs.rates[family]);
    if (hit && sim.faultsOn()) sim.note(`delivery: ${family}`);
    return hit && sim.faultsOn();
  };

  function note(event: ForgeEvent, deliveredAt: number, ok: boolean): void {
    ids += 1;
    log.push({ id: ids, guid: event.delivery, deliveredAt: wholeSecond(deliveredAt), ok, event });
    sim.tell(() => `delivery ${event.delivery} ${event.name}: ${ok ? 'taken' : 'failed'}`);
    if (ok) {
      const known = webhooks.acknowledged.get(event.delivery);
      if (!known) webhooks.acknowledged.set(event.delivery, { event, at: time.now() });
    }
  }

  function deliver(event: ForgeEvent): void {
    const at = time.now();
    let open = true;
    const end = (ok: boolean): void => {
      if (!open) return;
      open = false;
      onTheWay -= 1;
      note(event, at, ok);
    };
    time.after(answerMs, () => end(false));
    webhooks.receiver(event).then(end, () => end(false));
  }

  function send(event: ForgeEvent, milliseconds: number): void {
    onTheWay += 1;
    time.after(milliseconds, () => deliver(event));
  }

  const webhooks: Webhooks = {
    off: false,
    latestMs: 600_000,
    acknowledged: new Map(),
    receiver: async () => false,
    pending: () => onTheWay,
    failed() {
      const taken = new Set(log.filter(({ ok }) => ok).map(({ guid }) => guid));
      const open = log.filter(({ guid }) => !taken.has(guid));
      const count = (guid: string): number => open.filter((attempt) => attempt.guid === guid).length;
      return new Map(open.map(({ guid }) => [guid, count(guid)]));
    },
    emit(repository, name, sender, detail) {
      guids += 1;
      const { id, owner, name: called, installation } = repository.project;
      const event: ForgeEvent = {
        delivery: `guid-${guids}`,
        name,
        installation,
        repository: { id, owner, name: called },
        sender,
        receivedAt: 0,
        detail,
      };
      if (webhooks.off || happens('webhookNever')) return event.delivery;
      const usual = draws.between(100, 5000);
      if (happens('webhookFails')) time.after(usual, () => note(event, time.now(), false));
      else send(event, happens('webhookLate') ? draws.between(10_000, webhooks.latestMs) : usual);
      if (happens('webhookTwice')) send(event, draws.between(100, 60_000));
      return event.delivery;
    },
    logOf: (process) => ({
      deliveries: (since) =>
        calls.call(process, 'deliveries.deliveries', () => {
          forge.mustAnswer();
          const from = Math.max(wholeSecond(since), time.now() - retentionMs);
          return log.filter((attempt) => attempt.deliveredAt >= from).reverse();
        }),
      redeliver: (id) =>
        calls.call(process, 'deliveries.redeliver', () => {
          forge.mustAnswer();
          const attempt = log.find((each) => each.id === id);
          if (!attempt || attempt.deliveredAt < time.now() - retentionMs) return 'gone';
          sim.note('delivery: sent again on request');
          send(attempt.event, draws.between(100, 3000));
          return 'accepted';
        }),
    }),
  };
  return webhooks;
}

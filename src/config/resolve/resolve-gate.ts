import type { GateSettings } from '../../model/gate-settings.ts';
import type { PromotionSettings } from '../../model/promotion.ts';
import { parseDuration } from '../schema/durations.ts';
import type { WrittenGate } from '../schema/later.ts';
import { promotionDefaults } from './resolve-promotion.ts';

/** What counts where a project says nothing of its gate (gate.md §3). */
export const gateDefaults: GateSettings = {
  queue: null,
  approvals: 1,
  staleReviews: 'ignore',
  window: { start: 20, floor: 3 },
  landing: 'push',
  method: 'merge',
  failFast: false,
  reuseMs: 24 * 3_600_000,
  scheduler: { kind: 'window' },
  protect: [],
  supersedesPresubmit: false,
  promotion: promotionDefaults,
};

/** As many as the window begins with. */
const usualSlots = 20;

/** Ms. */
const usualJoin = 3_600_000;

function joinsOf({ joins }: WrittenGate): { readonly joinMs?: number } {
  if (joins === 'off') return {};
  return { joinMs: joins === undefined ? usualJoin : (parseDuration(joins) ?? 0) * 1000 };
}

function resolveScheduler(written: WrittenGate): GateSettings['scheduler'] {
  const { scheduler, slots, prefixes, lanes, batches } = written;
  if (scheduler !== 'best-first') return gateDefaults.scheduler;
  const plain = { kind: 'best-first', slots: slots ?? usualSlots, prefixes: prefixes ?? true } as const;
  const several = batches ? { ...plain, batches } : plain;
  return lanes === 'closure' ? { ...several, lanes, ...joinsOf(written) } : several;
}

/** `gate:` with what was left out filled in; a floor above the start is the start. */
export function resolveGate(written: WrittenGate, promotion: PromotionSettings): GateSettings {
  const start = written.window?.start ?? gateDefaults.window.start;
  const floor = Math.min(start, written.window?.floor ?? gateDefaults.window.floor);
  return {
    queue: written.queue ?? gateDefaults.queue,
    approvals: written.requires?.approvals ?? gateDefaults.approvals,
    staleReviews: written.requires?.staleReviews ?? gateDefaults.staleReviews,
    window: { start, floor },
    landing: written.landing ?? gateDefaults.landing,
    method: written.method ?? gateDefaults.method,
    failFast: written.failFast ?? gateDefaults.failFast,
    reuseMs: written.reuse === undefined ? gateDefaults.reuseMs : (parseDuration(written.reuse) ?? 0) * 1000,
    scheduler: resolveScheduler(written),
    protect: written.protect ?? gateDefaults.protect,
    supersedesPresubmit: written.supersedes?.includes('presubmit') ?? gateDefaults.supersedesPresubmit,
    promotion,
  };
}

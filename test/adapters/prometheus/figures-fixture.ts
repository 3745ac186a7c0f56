import type { Figures } from '../../../src/ports/metrics.ts';

/** Nothing waits and nothing ever happened. */
export const noFigures: Figures = {
  lastDeliveryAt: null,
  lastRoutedAt: null,
  lastPollAt: null,
  lastResyncAt: null,
  intake: { length: 0, pending: 0, oldestAt: null },
  quarantined: 0,
  inboxes: 0,
  lines: [],
  checkWrites: { waiting: 0, oldestAt: null },
  memory: { used: null, max: null },
};

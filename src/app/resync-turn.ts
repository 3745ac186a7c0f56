import type { AppContext } from './context.ts';

interface TurnContext {
  readonly ports: Pick<AppContext['ports'], 'notes' | 'clock'>;
  readonly settings: Pick<AppContext['settings'], 'periods' | 'worker'>;
}

/** How often it is looked whether a resync is due; nobody who begins one has it to himself for longer. */
export const resyncLookMs = 60_000;

/**
 * A resync at the start of each worker, unless one was made just now, and then once a period by whoever comes first: a worker
 * that died with the lease keeps the others from it for one look. At once where the note of the last one went back or is gone: then
 * Redis was lost, or put back to an earlier time.
 */
export function createResyncTurn({ ports, settings }: TurnContext, resync: () => Promise<void>): () => Promise<void> {
  const { notes, clock } = ports;
  let begunAt: number | null = null;
  let lastNoted = 0;
  const lastOne = async (): Promise<number> => Number((await notes.read('last-resync')) ?? 0);
  return async () => {
    const { resyncMs } = settings.periods;
    const noted = await lastOne();
    const wentBack = noted < lastNoted;
    if (!wentBack) lastNoted = noted;
    // One that could not read everything is not noted as done, and still waits for its next turn.
    const last = Math.max(noted, begunAt ?? 0);
    const isDue = clock.now() - last >= (begunAt === null ? Math.min(resyncLookMs, resyncMs) : resyncMs);
    if (!isDue && !wentBack) return;
    if (!(await notes.lease('resync', settings.worker, resyncLookMs))) return;
    begunAt = clock.now();
    await resync();
    lastNoted = await lastOne();
  };
}

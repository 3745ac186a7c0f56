import type { AppContext } from './context.ts';

interface TurnContext {
  readonly ports: Pick<AppContext['ports'], 'notes' | 'clock'>;
  readonly settings: Pick<AppContext['settings'], 'periods' | 'worker'>;
}

/** How often it is looked whether a resync is due; nobody who begins one has it to himself for longer. */
export const resyncLookMs = 60_000;

/**
 * A resync at the start of each worker, unless one was made just now, and then once a period by whoever comes first: a worker
 * that died with the lease keeps the others from it for one look. At once where the note of the last one went back or is gone, or
 * the server was started since: then Redis was lost, or put back to an earlier time, and `isAfterLoss`, until all was read once.
 * `resync` gives whether it was.
 */
export function createResyncTurn(
  { ports, settings }: TurnContext,
  resync: (isAfterLoss: boolean) => Promise<boolean>,
): () => Promise<void> {
  const { notes, clock } = ports;
  let begunAt: number | null = null;
  let begunIn: string | null = null;
  let lastNoted = 0;
  const lastOne = async (): Promise<number> => Number((await notes.read('last-resync')) ?? 0);
  return async () => {
    const { resyncMs } = settings.periods;
    const noted = await lastOne();
    const life = await notes.life();
    const isOther = (await notes.read('resynced-life')) !== life;
    const wentBack = noted < lastNoted || (isOther && begunIn !== null && begunIn !== life);
    if (noted >= lastNoted) lastNoted = noted;
    // One that could not read everything is not noted as done, and still waits for its next turn.
    const last = Math.max(noted, begunAt ?? 0);
    const isDue = clock.now() - last >= (begunAt === null ? Math.min(resyncLookMs, resyncMs) : resyncMs);
    if (!isDue && !wentBack) return;
    if (!(await notes.lease('resync', settings.worker, resyncLookMs))) return;
    begunAt = clock.now();
    begunIn = life;
    const isWhole = await resync(isOther || wentBack);
    lastNoted = await lastOne();
    if (isOther && isWhole) await notes.write('resynced-life', life);
  };
}

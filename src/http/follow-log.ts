import type { BuildId } from '../model/build.ts';
import type { Clock } from '../ports/clock.ts';
import type { LogStore } from '../ports/logs.ts';

/** A line longer than this is given in parts. */
const longestHeldBack = 65_536;

export interface Following {
  readonly logs: Pick<LogStore, 'read'>;
  readonly clock: Clock;
  /** How often to look again; null: only what is there now. */
  readonly everyMs: number | null;
  /** Ends the following, with what was read so far given. */
  readonly signal: AbortSignal;
}

/** Whether the log is complete after what was given: `open` when more may come. */
export type LogEnd = 'ended' | 'open';

/**
 * Gives a log from its start in pieces of whole lines, so that no escape sequence is cut in two, and goes on until it
 * has ended. A Build without a log gives nothing and is looked for again while following.
 */
export async function* followLog(build: BuildId, following: Following): AsyncGenerator<string, LogEnd> {
  const { logs, clock, everyMs, signal } = following;
  let offset = 0;
  let heldBack = '';
  let end: LogEnd = 'open';
  while (!signal.aborted) {
    const read = await logs.read(build, offset);
    offset = read?.next ?? offset;
    heldBack += read?.text ?? '';
    const cut = heldBack.length > longestHeldBack ? heldBack.length : heldBack.lastIndexOf('\n') + 1;
    if (cut > 0) yield heldBack.slice(0, cut);
    heldBack = heldBack.slice(cut);
    if (read !== null && read.text !== '') continue;
    end = read?.ended ? 'ended' : 'open';
    if (end === 'ended' || everyMs === null) break;
    await clock.sleep(everyMs, signal);
  }
  if (heldBack !== '') yield heldBack;
  return end;
}

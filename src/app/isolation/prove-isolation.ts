import { judgeIsolation, seenWords } from '../../core/isolation/judge-isolation.ts';
import { canaryDueAt, takeTurn } from '../../core/isolation/take-sight.ts';
import type { IsolationNote, ProvedIsolation } from '../../model/isolation.ts';
import type { AppContext } from '../context.ts';
import { readIsolation, writeIsolation } from './isolation-note.ts';
import { sendCanary } from './send-canary.ts';

/** Kept while a turn goes on: a worker that dies in it is soon followed by another. */
const leaseMs = 2 * 60_000;

/** How often it is looked whether a canary is due. */
export const isolationLookMs = 15_000;

type Needs = Pick<AppContext, 'ports' | 'settings'>;

function measure({ ports: { metrics, clock } }: Needs, settings: ProvedIsolation, note: IsolationNote | null): void {
  const verdict = judgeIsolation(settings, note, clock.now());
  metrics.isolationJudged(verdict.kind, note?.place === settings.place ? note.at : null);
}

function tell({ ports: { log, clock } }: Needs, settings: ProvedIsolation, note: IsolationNote): void {
  const verdict = judgeIsolation(settings, note, clock.now());
  const { place, trouble } = note;
  const seen = note.sight === null ? [] : [note.sight.control, ...note.sight.targets].map(seenWords);
  if (verdict.kind === 'passed') log.info({ place, seen, accepted: settings.accepted, trouble }, 'isolation proved');
  else log.error({ place, verdict, seen, trouble }, 'isolation is not proved: code that nobody approved waits');
}

/**
 * Gives the turn that proves isolation, one worker at a time: at start and daily, sooner while it is not proved
 * (intake-faults-attacks.md §4). Where nothing is to be proved it does nothing.
 */
export function createIsolationTurn(context: Needs, signal: AbortSignal): () => Promise<void> {
  const { notes, clock } = context.ports;
  const { isolation, worker } = context.settings;
  const restartedAt = clock.now();
  return async () => {
    if (isolation?.kind !== 'proved') return;
    const before = await readIsolation(context);
    measure(context, isolation, before);
    if (canaryDueAt(isolation, before, restartedAt, clock.now()) > clock.now()) return;
    const goesOn = () => notes.lease('isolation', worker, leaseMs);
    if (!(await goesOn())) return;
    try {
      const begun = clock.now();
      const turn = await sendCanary(context, isolation, { begun, signal, goesOn });
      if (signal.aborted) return;
      const note = takeTurn(isolation, await readIsolation(context), turn, begun, clock.now());
      await writeIsolation(context, note);
      measure(context, isolation, note);
      tell(context, isolation, note);
    } finally {
      await notes.lease('isolation', worker, 1);
    }
  };
}

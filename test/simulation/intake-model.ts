import type { ForgeEvent } from '../../src/model/forge-event.ts';
import type { SubjectId } from '../../src/model/subject.ts';
import type { TakenEvent } from '../../src/ports/store.ts';
import type { Keyspace } from './keyspace.ts';

/** The scripts of the intake on a keyspace, and who waits for the next event. */
export interface IntakeScripts {
  accept(event: ForgeEvent, subjects?: readonly SubjectId[]): 'stored' | 'duplicate';
  seen(guids: readonly string[]): ReadonlySet<string>;
  /** What nobody works on, and what rests too long with another taker. */
  take(count: number, taker: string): readonly TakenEvent[];
  finish(entry: string, event: ForgeEvent, subjects: readonly SubjectId[]): void;
  quarantine(entry: string, event: ForgeEvent, because: string): void;
  /** Calls back once when an event comes. Returns how to wait no more. */
  onAccepted(callback: () => void): () => void;
  quarantined(): readonly ForgeEvent[];
  length(): number;
}

interface Entry {
  readonly event: ForgeEvent;
  /** Null: nobody has it yet. */
  readonly taker: string | null;
  readonly since: number;
  readonly delivered: number;
}

const weekMs = 7 * 24 * 3_600_000;
/** How long an event rests with one taker before another gets it. */
export const idleMs = 10_000;

/** `hears`: what concerns other subjects is dropped. */
export function createIntakeScripts(
  data: Keyspace,
  now: () => number,
  hears: (subject: SubjectId) => boolean,
): IntakeScripts {
  const waiting = new Set<() => void>();
  let entries = 0;

  function end(entry: string): Entry | undefined {
    const kept = data.get<Entry>(`intake:${entry}`);
    // Only what somebody has taken is pending, and only that can be ended.
    if (!kept || kept.taker === null) return undefined;
    data.set(`intake:${entry}`, undefined);
    return kept;
  }

  function putInto(subject: SubjectId, event: ForgeEvent): void {
    const inbox = data.get<Readonly<Record<string, ForgeEvent>>>(`inbox:${subject}`) ?? {};
    data.set(`inbox:${subject}`, { ...inbox, [event.delivery]: event });
  }

  return {
    accept(event, subjects = []) {
      const key = `delivery:${event.delivery}`;
      if ((data.get<number>(key) ?? 0) > now()) return 'duplicate';
      data.set(key, now() + weekMs);
      for (const subject of subjects) putInto(subject, event);
      if (subjects.length > 0) return 'stored';
      entries += 1;
      const entry: Entry = { event, taker: null, since: now(), delivered: 0 };
      data.set(`intake:${String(entries).padStart(9, '0')}`, entry);
      const first = [...waiting][0];
      if (first) {
        waiting.delete(first);
        first();
      }
      return 'stored';
    },
    seen: (guids) => new Set(guids.filter((guid) => (data.get<number>(`delivery:${guid}`) ?? 0) > now())),
    take(count, taker) {
      const taken: TakenEvent[] = [];
      for (const key of data.keys('intake:')) {
        const entry = data.get<Entry>(key);
        if (!entry || taken.length >= count) continue;
        if (entry.taker !== null && now() - entry.since < idleMs) continue;
        data.set(key, { ...entry, taker, since: now(), delivered: entry.delivered + 1 });
        taken.push({ entry: key.slice(7), event: entry.event, attempts: entry.delivered });
      }
      return taken;
    },
    finish(entry, event, subjects) {
      if (!end(entry)) return;
      for (const subject of subjects) if (hears(subject)) putInto(subject, event);
    },
    quarantine(entry, event, because) {
      if (end(entry)) data.set(`quarantine:${event.delivery}`, { event, because });
    },
    onAccepted(callback) {
      waiting.add(callback);
      return () => waiting.delete(callback);
    },
    quarantined: () =>
      data.keys('quarantine:').flatMap((key) => data.get<{ readonly event: ForgeEvent }>(key)?.event ?? []),
    length: () => data.keys('intake:').length,
  };
}

import { pickStarts } from '../core/line/order-line.ts';
import { sharesRunners } from '../core/line/runner-slots.ts';
import type { BuildId } from '../model/build.ts';
import type { LineEntry } from '../model/line.ts';
import type { SubjectId } from '../model/subject.ts';
import type { AppContext } from './context.ts';
import { entriesIn, linesBeside } from './lines-beside.ts';
import { isLineWhole } from './restore-line.ts';
import { whoIsOff } from './why-off.ts';

const tries = 10;

/** Gives free slots to the builds whose turn it is. */
export interface Dispatcher {
  /**
   * Serves one pool's line as it is now and wakes whose builds got a slot, but for `subject`, which learns it here: gives
   * the builds that hold a slot and have not started. Calls that come while one is under way share the next.
   */
  serve(pool: string, subject: SubjectId): Promise<ReadonlySet<BuildId>>;
  /** One at a time in this process, so that what is decided on the line as it was seen does not fail for another of ours. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Serves every pool, and wakes also those whose slot was given before: whoever was to start them may have died. */
  sweep(): Promise<void>;
}

interface Served {
  readonly entries: readonly LineEntry[];
  readonly picked: ReadonlySet<BuildId>;
}

async function grantSlots(context: AppContext, pool: string): Promise<Served> {
  const { line, log } = context.ports;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    // Before its own: what comes or goes there meanwhile is noticed.
    const beside = await linesBeside(context, pool);
    const { version, entries } = await line.read(pool);
    const starts = pickStarts(entries, context.settings.limits, await whoIsOff(context), entriesIn(beside));
    const picked = new Set(starts);
    // Asked after the reading: a line that is lost meanwhile has another version.
    if (starts.length === 0 || !(await isLineWhole(context))) return { entries, picked: new Set() };
    if ((await line.grant(pool, version, starts, beside)) === 'changed') continue;
    for (const { build, subject } of entries)
      if (picked.has(build)) log.info({ build, subject, pool }, 'build granted a slot');
    return { entries, picked };
  }
  log.warn({ pool }, 'the line changed too often to be served; it is tried again');
  return { entries: [], picked: new Set() };
}

function holding({ entries, picked }: Served): readonly LineEntry[] {
  return entries.filter(({ state, build }) => state === 'granted' || picked.has(build));
}

/** One run at a time; those who come meanwhile share the next one, which starts after they came. */
function shareRuns<Member, Result>(work: (members: ReadonlySet<Member>) => Promise<Result>) {
  let before: Promise<unknown> = Promise.resolve();
  let next: { readonly members: Set<Member>; readonly result: Promise<Result> } | null = null;
  return (member: Member): Promise<Result> => {
    if (next === null) {
      const members = new Set<Member>();
      const begin = (): Promise<Result> => {
        next = null;
        return work(members);
      };
      const result = before.then(begin, begin);
      before = result;
      next = { members, result };
    }
    next.members.add(member);
    return next.result;
  };
}

export function createDispatcher(context: AppContext): Dispatcher {
  const { line, signals } = context.ports;

  async function serveLine(pool: string, askers: ReadonlySet<SubjectId>): Promise<Served> {
    const served = await grantSlots(context, pool);
    const lucky = served.entries.filter(({ build }) => served.picked.has(build)).map(({ subject }) => subject);
    for (const subject of new Set(lucky)) if (!askers.has(subject)) await signals.wake(subject);
    return served;
  }

  async function serveFor(pool: string, askers: ReadonlySet<SubjectId>): Promise<ReadonlySet<BuildId>> {
    const served = await serveLine(pool, askers);
    // A slot that came free here may be one that another line waits for.
    if (sharesRunners(context.settings.limits))
      for (const other of await line.pools()) if (other !== pool) await serveLine(other, new Set());
    return new Set(holding(served).map(({ build }) => build));
  }

  let last: Promise<unknown> = Promise.resolve();
  const runs = new Map<string, (subject: SubjectId) => Promise<ReadonlySet<BuildId>>>();
  return {
    serve(pool, subject) {
      const run = runs.get(pool) ?? shareRuns((askers: ReadonlySet<SubjectId>) => serveFor(pool, askers));
      runs.set(pool, run);
      return run(subject);
    },
    alone(work) {
      const mine = last.then(work, work);
      last = mine;
      return mine;
    },
    async sweep() {
      for (const pool of await line.pools()) {
        const concerned = holding(await grantSlots(context, pool)).map(({ subject }) => subject);
        for (const subject of new Set(concerned)) await signals.wake(subject);
      }
    },
  };
}

import { type CheckRunReport, type CheckStatus, isFinal } from '../../src/model/check-run.ts';
import type { Project } from '../../src/model/project.ts';
import type { Calls } from './calls.ts';
import { type ForgeWorld, Limited, Refused } from './forge-world.ts';
import type { RedisServer } from './redis-server.ts';
import type { Picked, ReportScripts, WriteOutcome } from './reporter-model.ts';
import type { Process } from './sim.ts';
import type { WakeQueueModel } from './wake-queue-model.ts';

function mustStay(there: CheckStatus, wanted: CheckStatus): boolean {
  if (there.status !== 'completed') return false;
  return wanted.status !== 'completed' || wanted.conclusion !== there.conclusion;
}

/** As the reporter has it: whoever was slower makes none any more, for another writer may be at it. */
const writeLimitMs = 12_000;

/** Puts one report on the forge, as `src/adapters/github/write-check-run.ts` does: looked for before it is made. */
async function writeCheckRun(
  calls: Calls,
  forge: ForgeWorld,
  process: Process,
  project: Project,
  report: CheckRunReport,
  knownId: number | null,
  decidedAt: number,
  careless: boolean,
  now: () => number,
): Promise<WriteOutcome> {
  try {
    const there = await calls.call(process, 'checks.find', () =>
      forge.findCheckRuns(project, report.commit, isFinal(report) ? null : knownId, report.externalId),
    );
    if (now() - decidedAt > writeLimitMs) throw new Error(`no answer within ${writeLimitMs} ms`);
    if (there.length === 0) {
      const create = () => forge.createCheckRun(project, report, decidedAt);
      return { kind: 'written', id: await calls.call(process, 'checks.create', create) };
    }
    for (const { id, state } of isFinal(report) ? there : there.slice(0, 1))
      if (careless || !mustStay(state, report.state))
        await calls.call(process, 'checks.update', () => forge.updateCheckRun(project, id, report, decidedAt));
    return { kind: 'written', id: Math.max(...there.map(({ id }) => id)) };
  } catch (cause) {
    if (cause instanceof Limited) return { kind: 'limited', retryAfterMs: cause.retryAfterMs };
    const because = cause instanceof Error ? cause.message : 'unknown error';
    return { kind: cause instanceof Refused ? 'refused' : 'failed', because };
  }
}

export interface CheckWriting {
  readonly calls: Calls;
  readonly redis: RedisServer;
  readonly scripts: ReportScripts;
  readonly forge: ForgeWorld;
  readonly queue: WakeQueueModel;
  readonly now: () => number;
  /** Writes whatever is wanted over whatever is there. */
  readonly careless: boolean;
}

/** Writes what waits for an installation, finals first, one after the other; as `listen` of the reporter. */
export function listenForWishes(
  process: Process,
  { calls, redis, scripts, forge, queue, now, careless }: CheckWriting,
): void {
  async function writeWaiting(installation: number): Promise<number | null> {
    for (let turn = 0; turn < 20; turn += 1) {
      let decidedAt = 0;
      const next = await calls.call(process, 'reporter.pick', () => {
        decidedAt = now();
        return redis.write(() => scripts.pick(installation));
      });
      if (next === null) return null;
      if ('waitMs' in next) return next.waitMs;
      await writeOne(next, decidedAt);
    }
    return 0;
  }

  async function writeOne(picked: Picked, decidedAt: number): Promise<void> {
    const { project, report, knownId } = picked;
    const outcome = await writeCheckRun(calls, forge, process, project, report, knownId, decidedAt, careless, now);
    await calls.call(process, 'reporter.record', () =>
      redis.write(() => {
        scripts.record(picked, outcome);
        if (outcome.kind === 'limited') forge.limitIsKnown(picked.project.installation);
      }),
    );
  }

  queue.listen(
    process,
    async (installation) => {
      const waitMs = await writeWaiting(Number(installation));
      if (waitMs === 0) await queue.wake(process, installation);
      else if (waitMs !== null) await queue.wakeLater(process, installation, waitMs);
    },
    10,
  );
}

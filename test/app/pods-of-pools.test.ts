import { describe, expect, it } from 'vitest';
import type { AppContext, Ports } from '../../src/app/context.ts';
import { observePods } from '../../src/app/observe-builds.ts';
import { createPodView } from '../../src/app/pod-view.ts';
import { type Build, type BuildPhase, buildIdFor } from '../../src/model/build.ts';
import type { JobRecord } from '../../src/model/presubmit.ts';
import type { RunnerWish } from '../../src/model/runner-pool.ts';
import type { Sha } from '../../src/model/sha.ts';
import type { SubjectId } from '../../src/model/subject.ts';
import type { TrustClass } from '../../src/model/trust.ts';
import type { PodListing } from '../../src/ports/executor.ts';

const running: BuildPhase = { phase: 'running', since: 1 };
const finished = { phase: 'finished', result: 'success' } as BuildPhase;

function job(trust: TrustClass, state: BuildPhase = running): JobRecord {
  const commit = 'a'.repeat(40) as Sha;
  const named = { entry: 'x', commit, job: 'unit', point: {}, definition: 'd', request: 1, attempt: 1 };
  const parts = { subject: 'presubmit/1/1' as SubjectId, ...named };
  const build: Build = { id: buildIdFor(parts), parts, trust, state };
  return { pool: 'default', status: { kind: 'building', builds: [build] } } as unknown as JobRecord;
}

/** Pools of which those of `away` are; one pod is there, of nobody. */
function contextWith(away: readonly TrustClass[]) {
  const asked: string[] = [];
  const told: object[] = [];
  let gone = away;
  const listSeen = async (): Promise<PodListing> => ({
    pods: [{ name: 'b-other' } as PodListing['pods'][number]],
    unseen: gone.map((place) => ({ place, because: 'ECONNREFUSED' })),
    whyUnseen: ({ trust }: RunnerWish) => (gone.includes(trust) ? `the pool ${trust}` : null),
  });
  const observe = async (build: string): Promise<null> => {
    asked.push(build);
    return null;
  };
  const executor = { listSeen, observe };
  const log = { warn: (fields: object) => told.push(fields), info: (fields: object) => told.push(fields) };
  const ports = { executor, clock: { now: () => performance.now() }, log } as unknown as Ports;
  const context = { ports, pods: createPodView(ports, 0) } as unknown as AppContext;
  const bring = (): void => {
    gone = [];
  };
  return { context, asked, told, bring };
}

describe('the pods that a pass sees', () => {
  it.each<[string, readonly TrustClass[], readonly JobRecord[], boolean]>([
    ['all pools are there', [], [job('approved')], true],
    ['all are there and it has no builds', [], [], true],
    ['the pool of its build is away', ['approved'], [job('approved')], false],
    ['the pool of one of its builds is', ['approved'], [job('untrusted'), job('approved')], false],
    ['the pool of another is', ['untrusted'], [job('approved')], true],
    ['that of one that has ended is', ['untrusted'], [job('approved'), job('untrusted', finished)], true],
    ['one is, and it has no builds of which anything is known', ['untrusted'], [], false],
    ['one is, and all of its builds have ended', ['untrusted'], [job('approved', finished)], false],
  ])('when %s (%j)', async (_, away, jobs, sees) => {
    const { context } = contextWith(away);
    const pods = await observePods(context, jobs);
    expect(pods?.map(({ name }) => name) ?? null).toEqual(sees ? ['b-other'] : null);
  });

  it('are none where what else is wished for would be unseen, as what sets tags is', async () => {
    const { context } = contextWith(['trusted']);
    const wish = { trust: 'trusted', architecture: null, pool: null } as const;
    expect(await observePods(context, [job('approved')], [wish])).toBeNull();
  });

  it('are looked for one by one where a listing lacks them', async () => {
    const { context, asked } = contextWith(['untrusted']);
    const wanted = job('approved');
    await observePods(context, [wanted]);
    expect(asked).toEqual('builds' in wanted.status ? wanted.status.builds.map(({ id }) => id) : null);
  });

  it('are all or none for whoever must know of every one; that a pool went away and came back is told once each', async () => {
    const { context, told, bring } = contextWith(['untrusted']);
    expect(await context.pods.snapshot()).toBeNull();
    expect(await context.pods.snapshot()).toBeNull();
    bring();
    expect(await context.pods.snapshot()).toHaveLength(1);
    await context.pods.snapshot();
    expect(told).toEqual([{ unseen: [{ place: 'untrusted', because: 'ECONNREFUSED' }] }, { before: 'untrusted' }]);
  });
});

import { describe, expect, it } from 'vitest';
import { countFinished, countStarted, timePass } from '../../src/app/measure.ts';
import { emptyRecord } from '../../src/core/presubmit/take-facts.ts';
import type { Build, BuildId, BuildPhase } from '../../src/model/build.ts';
import type { StartOutcome } from '../../src/model/pod.ts';
import type { JobRecord, JobStatus, PresubmitRecord } from '../../src/model/presubmit.ts';
import { uncounted } from '../../src/ports/metrics.ts';
import { aProject, sha } from '../fakes/model-data.ts';

const id = 'b-unit-0123456789abcdef01234567' as BuildId;

function build(state: BuildPhase): Build {
  const parts = { subject: 's', entry: 'main', commit: sha('a'), job: 'unit', point: {}, definition: 'd' };
  return { id, parts: { ...parts, request: 1, attempt: 1 }, trust: 'approved', state };
}

function job(status: JobStatus): JobRecord {
  const tree = { base: sha('b'), tree: sha('c') };
  const rest = { required: true, because: '', definition: 'd', request: 1, pool: 'default', readBack: false };
  return { job: 'unit', tree, status, ...rest };
}

/** A record with that one build, or with none. */
function record(state: BuildPhase | null, retired = false): PresubmitRecord {
  const empty = emptyRecord(aProject(), 1);
  if (state === null) return empty;
  const jobs = [job({ kind: 'building', builds: [build(state)] })];
  const [only] = jobs;
  if (retired && only)
    return { ...empty, retired: [{ head: sha('a'), entry: 'main', job: only, because: 'a new head' }] };
  const change = { head: sha('a'), baseRef: 'main', planned: true, jobs, revision: 1, told: '', shadow: false };
  return { ...empty, change };
}

const wanted: BuildPhase = { phase: 'wanted', since: 1_000 };
const running: BuildPhase = { phase: 'running', since: 2_000 };
function finished(startedAt: number | null): BuildPhase {
  const outcome = { image: null, tail: '', annotation: null };
  return { phase: 'finished', result: 'failure', because: '', startedAt, finishedAt: 9_500, outcome };
}

function counting(now = 4_000) {
  const counted: unknown[][] = [];
  const note = (...told: unknown[]) => void counted.push(told);
  const metrics = { ...uncounted, buildFinished: note, podStarted: note, passEnded: note };
  return { counted, ports: { metrics, clock: { now: () => now, elapsed: () => now, sleep: async () => undefined } } };
}

describe('a build that ended is counted', () => {
  it.each`
    what                          | before                           | after                            | counted
    ${'when it ends'}             | ${record(running)}               | ${record(finished(2_000))}       | ${[['failure', 7.5]]}
    ${'without a time never run'} | ${record(wanted)}                | ${record(finished(null))}        | ${[['failure', null]]}
    ${'when first seen ended'}    | ${record(null)}                  | ${record(finished(2_000))}       | ${[['failure', 7.5]]}
    ${'when ended as retired'}    | ${record(running)}               | ${record(finished(2_000), true)} | ${[['failure', 7.5]]}
    ${'not by later passes'}      | ${record(finished(2_000))}       | ${record(finished(2_000))}       | ${[]}
    ${'not when it is retired'}   | ${record(finished(2_000))}       | ${record(finished(2_000), true)} | ${[]}
    ${'not while it runs'}        | ${record(wanted)}                | ${record(running)}               | ${[]}
    ${'not when it is forgotten'} | ${record(finished(2_000), true)} | ${record(null)}                  | ${[]}
  `('$what', ({ before, after, counted }) => {
    const counts = counting();
    countFinished(counts.ports, before, after);
    expect(counts.counted).toEqual(counted);
  });
});

describe('a pod that was created is counted from when its build was wanted', () => {
  const starts = (outcome: StartOutcome) => ({
    starts: new Map([[id, outcome]]),
    sent: new Set<string>(),
    news: false,
  });
  it.each`
    what                        | before            | outcome                                 | counted
    ${'when created'}           | ${record(wanted)} | ${{ kind: 'created' }}                  | ${[[3]]}
    ${'not when there already'} | ${record(wanted)} | ${{ kind: 'exists' }}                   | ${[]}
    ${'not when refused'}       | ${record(wanted)} | ${{ kind: 'refused', because: '' }}     | ${[]}
    ${'not when unavailable'}   | ${record(wanted)} | ${{ kind: 'unavailable', because: '' }} | ${[]}
    ${'not when never wanted'}  | ${record(null)}   | ${{ kind: 'created' }}                  | ${[]}
  `('$what', ({ before, outcome, counted }) => {
    const counts = counting();
    countStarted(counts.ports, before, starts(outcome));
    expect(counts.counted).toEqual(counted);
  });

  it('and never less than nothing where clocks differ', () => {
    const counts = counting(500);
    countStarted(counts.ports, record(wanted), starts({ kind: 'created' }));
    expect(counts.counted).toEqual([[0]]);
  });
});

it('a pass is counted by how it ended, and its failure goes on to its caller', async () => {
  const counts = counting();
  await timePass(counts.ports, async () => undefined);
  await expect(timePass(counts.ports, () => Promise.reject(new Error('conflict')))).rejects.toThrow('conflict');
  expect(counts.counted).toEqual([
    ['done', 0],
    ['failed', 0],
  ]);
});

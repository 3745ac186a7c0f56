import { describe, expect, it } from 'vitest';
import { decideGateJobs, gateJobsOf, partsOf } from '../../../src/core/gate/gate-jobs.ts';
import { buildIdFor } from '../../../src/model/build.ts';
import type { Job } from '../../../src/model/job.ts';
import type { ChangedFiles } from '../../../src/model/matcher.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { aConfig, aJob, type JobOver, matchers, sha } from '../../fakes/model-data.ts';
import { aCandidate, anItem, project, theFacts, tip } from './gate-fixture.ts';

const item = anItem(1, { makes: 2 });
const pinned = { base: tip, tree: sha('7') };
const onlyDocs = { onlyIf: matchers('docs/**') };

function gateJob(name: string, over: JobOver = {}): Job {
  return aJob(name, { pipelines: ['gate'], ...over });
}

function decided(jobs: readonly Job[], changed: ChangedFiles = { known: true, paths: ['api/a.go'] }) {
  const tree = { config: { kind: 'usable', config: aConfig(jobs), notes: [] }, kinds: new Map() } as const;
  const ground = { own: project, pinned, tree };
  return decideGateJobs(theFacts(), item, aCandidate(sha('c1'), { changed }), ground, jobs) ?? [];
}

describe('a job with a matrix', () => {
  it('is one job of a build for each cell', () => {
    const cells = [{ go: '1.23' }, { go: '1.24' }];
    const job = gateJob('unit', { content: { template: 'run', image: 'a', command: 'b', env: {}, cells } });
    const [record, ...more] = decided([job]);
    expect(more).toEqual([]);
    const builds = record?.status.kind === 'building' ? record.status.builds : [];
    expect(builds.map(({ parts }) => parts.point)).toEqual(cells.map((cell) => ({ cell })));
    expect(new Set(builds.map(({ id }) => id)).size).toBe(2);
  });
});

describe('jobs of the gate', () => {
  it('are those of the pipeline that start by themselves', () => {
    const jobs = [gateJob('unit'), aJob('presubmit'), gateJob('manual', { selection: { trigger: 'manual' } })];
    expect(gateJobsOf(aConfig(jobs)).map(({ name }) => name)).toEqual(['unit']);
  });

  it.each<[string, Job, ChangedFiles, string]>([
    ['applies to what changed', gateJob('unit'), { known: true, paths: ['api/a.go'] }, 'building'],
    [
      'does not apply to what changed',
      gateJob('docs', { selection: onlyDocs }),
      { known: true, paths: ['api/a.go'] },
      'skipped',
    ],
    [
      'might apply: what changed is not known',
      gateJob('docs', { selection: onlyDocs }),
      { known: false, because: '' },
      'building',
    ],
    [
      'is for other branches',
      gateJob('old', { selection: { branches: matchers('release-*') } }),
      { known: true, paths: ['a'] },
      'skipped',
    ],
    [
      'waits for another',
      gateJob('late', { needs: [{ job: 'unit', soft: false }] }),
      { known: true, paths: ['a'] },
      'blocked',
    ],
    ['has nothing to do', gateJob('none', { content: { template: 'noop' } }), { known: true, paths: ['a'] }, 'ended'],
  ])('one that %s', (_, job, changed, expected) => {
    expect(decided([job], changed)[0]?.status.kind).toBe(expected);
  });

  it('a matcher that misses is a definite skip, with its reason', () => {
    const [record] = decided([gateJob('docs', { selection: onlyDocs })]);
    expect(record?.status).toEqual({ kind: 'skipped', definite: true });
    expect(record?.because).toContain('docs');
  });

  it('`noop` passes without a build', () => {
    const [record] = decided([gateJob('none', { content: { template: 'noop' } })]);
    expect(record?.status).toEqual({ kind: 'ended', result: 'success', builds: [] });
  });

  it.each([
    [true, false],
    [false, true],
  ])('optional %s counts %s', (optional, required) => {
    expect(decided([gateJob('unit', { selection: { optional } })])[0]?.required).toBe(required);
  });

  it('a build of another entry, another make, another commit or another definition is another build', () => {
    const candidate = aCandidate(sha('c1'));
    const job = gateJob('unit');
    const ids = [
      partsOf(theFacts(), item, candidate, job, null),
      partsOf(theFacts(), { ...item, entry: 99 }, candidate, job, null),
      partsOf(theFacts(), { ...item, makes: 3 }, candidate, job, null),
      partsOf(theFacts(), item, aCandidate(sha('c2')), job, null),
      partsOf(theFacts(), item, candidate, { ...job, definition: 'other' }, null),
      partsOf(
        theFacts({ subject: subjectIdOf({ kind: 'queue', repository: 1, branch: 'other' }) }),
        item,
        candidate,
        job,
        null,
      ),
    ].map(buildIdFor);
    expect(new Set(ids).size).toBe(ids.length);
    expect(buildIdFor(partsOf(theFacts(), item, candidate, job, null))).toBe(ids[0]);
  });
});

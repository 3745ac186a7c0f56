import { describe, expect, it } from 'vitest';
import { blameFor, redTipOf } from '../../../src/core/gate/red-tip.ts';
import type { JobRecord } from '../../../src/model/presubmit.ts';
import type { MadeCandidate, QueueRecord, RedTip } from '../../../src/model/queue.ts';
import { sha } from '../../fakes/model-data.ts';
import { aCandidate, aJobRecord, anItem, aRecord, ended, main, project, tip } from './gate-fixture.ts';

const commit = sha('c1');

function failed(over: Partial<MadeCandidate> = {}) {
  const jobs = [aJobRecord('unit', ended('failure')), aJobRecord('lint', ended('success'))];
  return anItem(1, { candidate: aCandidate(commit, { jobs, ...over }) });
}

function probed(...jobs: readonly JobRecord[]): RedTip {
  return { branch: main, number: 1, since: 5, probe: aCandidate(tip, { jobs }) };
}

function blame(item = failed(), over: Partial<QueueRecord> = {}): string {
  const found = blameFor(aRecord({ items: [item], ...over }), item);
  return 'jobs' in found ? `${found.kind} ${found.jobs.join()}` : found.kind;
}

describe('whose fault a failure on the tip is (gate.md §3 "A red tip")', () => {
  const optionalUnit = aJobRecord('unit', ended('failure'), { required: false });
  const barred = aJobRecord('test', { kind: 'skipped', definite: false });

  it.each<[string, JobRecord, string]>([
    ['passes there', aJobRecord('unit', ended('success')), 'theirs'],
    ['fails there too', aJobRecord('unit', ended('failure')), 'red unit'],
    ['times out there', aJobRecord('unit', ended('timeout')), 'red unit'],
    ['has something failing that it needs there', aJobRecord('unit', { kind: 'skipped', definite: false }), 'red unit'],
    ['still runs there', aJobRecord('unit', { kind: 'building', builds: [] }), 'asking unit'],
    ['could not be run there, which is ours', aJobRecord('unit', ended('error')), 'asking unit'],
    ['was not asked there', aJobRecord('lint', ended('failure')), 'asking unit'],
  ])('what %s', (_, job, expected) => {
    expect(blame(failed(), { probes: [probed(job)] })).toBe(expected);
  });

  it('is asked about while nothing was run on the tip', () => {
    expect(blame()).toBe('asking unit');
  });

  it("is the change's where the gate saw it pass before it landed the tip, without asking", () => {
    const place = { key: main, project, branch: 'main', tip, ledger: null, landed: [] };
    expect(blame(failed(), { branches: [{ ...place, proven: ['unit'] }] })).toBe('theirs');
    expect(blame(failed(), { branches: [{ ...place, proven: ['docs'] }] })).toBe('asking unit');
    const broken = failed({ jobs: null, broken: 'the configuration of this change is invalid' });
    expect(blame(broken, { branches: [{ ...place, proven: [] }] })).toBe('theirs');
  });

  it('was asked of another tip counts for nothing', () => {
    const old = { ...probed(), probe: aCandidate(sha('5'), { parents: { [main]: sha('5') }, jobs: [] }) };
    expect(blame(failed(), { probes: [old] })).toBe('asking unit');
  });

  it('one job that passes on the tip is enough to blame the change, whatever else is red', () => {
    const jobs = [aJobRecord('unit', ended('failure')), aJobRecord('lint', ended('failure'))];
    const probe = probed(aJobRecord('unit', ended('failure')), aJobRecord('lint', ended('success')));
    expect(blame(failed({ jobs }), { probes: [probe] })).toBe('theirs');
  });

  it('asks for an optional job only where its failure kept a required one from running', () => {
    expect(blame(failed({ jobs: [optionalUnit, barred] }))).toBe('asking unit');
    expect(blame(failed({ jobs: [optionalUnit, aJobRecord('lint', ended('failure'))] }))).toBe('asking lint');
  });

  it("an invalid file of the change is the branch's fault while its own is invalid", () => {
    const broken = failed({ jobs: null, broken: 'the configuration of this change is invalid' });
    expect(blame(broken, { probes: [{ ...probed(), probe: aCandidate(tip, { broken: 'invalid' }) }] })).toBe(
      'red the configuration',
    );
    expect(blame(broken, { probes: [probed()] })).toBe('theirs');
  });

  it('a change that repairs the file of the branch answers for its own jobs', () => {
    expect(blame(failed(), { probes: [{ ...probed(), probe: aCandidate(tip, { broken: 'invalid' }) }] })).toBe(
      'theirs',
    );
  });
});

it('the queue is red only for a failure that was seen on the tip itself', () => {
  const red = probed(aJobRecord('unit', ended('failure')));
  expect(redTipOf(aRecord({ items: [failed()], probes: [red] }))).toMatchObject({ tip, since: 5, jobs: ['unit'] });
  expect(redTipOf(aRecord({ items: [failed()] }))).toBeNull();
});

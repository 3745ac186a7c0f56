import { describe, expect, it } from 'vitest';
import { foldVerdict } from '../../../src/core/gate/fold-verdict.ts';
import type { JobRecord, JobStatus } from '../../../src/model/presubmit.ts';
import { aJobRecord, ended } from './gate-fixture.ts';

const missed: JobStatus = { kind: 'skipped', definite: true };
const barred: JobStatus = { kind: 'skipped', definite: false };
const blocked: JobStatus = { kind: 'blocked' };
const building: JobStatus = { kind: 'building', builds: [] };

function voting(...statuses: readonly JobStatus[]): readonly JobRecord[] {
  return statuses.map((status, index) => aJobRecord(`job${index + 1}`, status));
}

function optional(...statuses: readonly JobStatus[]): readonly JobRecord[] {
  return statuses.map((status, index) => aJobRecord(`other${index + 1}`, status, { required: false }));
}

describe('what a candidate comes to (gate.md §3)', () => {
  it.each<[string, readonly JobRecord[], string, RegExp]>([
    ['no job at all is never a pass', [], 'pending', /no job is configured/],
    ['only jobs that do not count are never a pass', optional(ended('success')), 'failed', /optional/],
    ['one that passed', voting(ended('success')), 'passed', /^job1 passed/],
    ['all that count passed', voting(ended('success'), ended('success')), 'passed', /^job1, job2 passed/],
    ['one builds still', voting(ended('success'), building), 'pending', /job2 not done/],
    ['one waits for another', voting(ended('success'), blocked), 'pending', /job2 not done/],
    ['one failed', voting(ended('success'), ended('failure')), 'failed', /job2 did not pass/],
    ['one timed out', voting(ended('timeout')), 'failed', /job1 did not pass/],
    ['one was stopped', voting(ended('aborted')), 'failed', /job1 did not pass/],
    ['one failed while another builds', voting(building, ended('failure')), 'failed', /job2 did not pass/],
    ['all were skipped for certain', voting(missed, missed), 'passed', /no job applies/],
    ['one passed, the other does not apply', voting(ended('success'), missed), 'passed', /^job1 passed/],
    ['one was skipped for another reason', voting(ended('success'), barred), 'failed', /job2 did not pass/],
    ['one was skipped and nobody knows why', voting({ kind: 'skipped' }), 'failed', /job1 did not pass/],
    [
      'one that does not count failed',
      [...voting(ended('success')), ...optional(ended('failure'))],
      'passed',
      /^job1 passed/,
    ],
    [
      'one that does not count builds still',
      [...voting(ended('success')), ...optional(building)],
      'passed',
      /^job1 passed/,
    ],
    [
      'one that does not count passed, the others do not apply',
      [...voting(missed), ...optional(ended('success'))],
      'passed',
      /no job applies/,
    ],
    ['one could not be run', voting(ended('success'), ended('error')), 'error', /job2 could not be run/],
    ['one could not be run while another builds', voting(building, ended('error')), 'pending', /job1 not done/],
    [
      'one could not be run and another failed',
      voting(ended('failure'), ended('error')),
      'failed',
      /job1 did not pass/,
    ],
    [
      'one could not be run, so what needs it was skipped',
      voting(ended('error'), barred),
      'error',
      /job1 could not be run/,
    ],
    [
      'one that does not count could not be run, so what needs it was skipped',
      [...voting(barred), ...optional(ended('error'))],
      'error',
      /other1 could not be run/,
    ],
    [
      'one that does not count could not be run',
      [...voting(ended('success')), ...optional(ended('error'))],
      'passed',
      /^job1 passed/,
    ],
  ])('%s', (_, jobs, verdict, because) => {
    const folded = foldVerdict(jobs);
    expect(folded.verdict).toBe(verdict);
    expect(folded.because).toMatch(because);
  });

  it('names the jobs that did not pass', () => {
    expect(foldVerdict(voting(ended('failure'), ended('success'), ended('timeout')))).toMatchObject({
      jobs: ['job1', 'job3'],
    });
  });
});

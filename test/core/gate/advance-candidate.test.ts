import { describe, expect, it } from 'vitest';
import { judgeGateNeeds } from '../../../src/core/gate/advance-candidate.ts';
import { foldVerdict } from '../../../src/core/gate/fold-verdict.ts';
import type { JobStatus } from '../../../src/model/presubmit.ts';
import { aJob } from '../../fakes/model-data.ts';
import { aJobRecord, ended } from './gate-fixture.ts';

const missed: JobStatus = { kind: 'skipped', definite: true };
const barred: JobStatus = { kind: 'skipped', definite: false };
const blocked: JobStatus = { kind: 'blocked' };
const building: JobStatus = { kind: 'building', builds: [] };

function answer(first: JobStatus | null, soft: boolean): string {
  const job = aJob('second', { needs: [{ job: 'first', soft }] });
  const needs = judgeGateNeeds(first === null ? [] : [aJobRecord('first', first)], job);
  return needs.kind === 'skip' ? `skip ${needs.definite ? 'for certain' : 'in doubt'}` : needs.kind;
}

describe('what a job of the gate needs (gate.md §3)', () => {
  it.each`
    first               | status              | hard                  | soft
    ${'passed'}         | ${ended('success')} | ${'satisfied'}        | ${'satisfied'}
    ${'builds'}         | ${building}         | ${'wait'}             | ${'wait'}
    ${'waits itself'}   | ${blocked}          | ${'wait'}             | ${'wait'}
    ${'failed'}         | ${ended('failure')} | ${'skip in doubt'}    | ${'skip in doubt'}
    ${'timed out'}      | ${ended('timeout')} | ${'skip in doubt'}    | ${'skip in doubt'}
    ${'was stopped'}    | ${ended('aborted')} | ${'skip in doubt'}    | ${'skip in doubt'}
    ${'could not run'}  | ${ended('error')}   | ${'skip in doubt'}    | ${'skip in doubt'}
    ${'does not apply'} | ${missed}           | ${'skip for certain'} | ${'satisfied'}
    ${'was skipped'}    | ${barred}           | ${'skip in doubt'}    | ${'satisfied'}
    ${'is not there'}   | ${null}             | ${'satisfied'}        | ${'satisfied'}
  `('the first $first: hard $hard, soft $soft', ({ status, hard, soft }) => {
    expect([answer(status, false), answer(status, true)]).toEqual([hard, soft]);
  });

  it('says which one it needs and how that ended', () => {
    const job = aJob('second', { needs: [{ job: 'first', soft: false }] });
    const needs = judgeGateNeeds([aJobRecord('first', ended('timeout'))], job);
    expect(needs.kind === 'skip' && needs.because).toBe('it needs first, which ended with timeout');
  });

  it('of several needs one that failed decides before one that builds is waited for, in the order of the file', () => {
    const needs = [
      { job: 'one', soft: false },
      { job: 'two', soft: false },
    ];
    const records = [aJobRecord('one', ended('failure')), aJobRecord('two', building)];
    expect(judgeGateNeeds(records, aJob('third', { needs })).kind).toBe('skip');
  });

  it('a need that does not apply lets a change land, one that failed never does', () => {
    const dependant = (first: JobStatus) => {
      const needs = judgeGateNeeds(
        [aJobRecord('first', first)],
        aJob('second', { needs: [{ job: 'first', soft: false }] }),
      );
      const definite = needs.kind === 'skip' && needs.definite;
      return foldVerdict([aJobRecord('first', first), aJobRecord('second', { kind: 'skipped', definite })]).verdict;
    };
    expect([dependant(missed), dependant(ended('failure')), dependant(ended('error'))]).toEqual([
      'passed',
      'failed',
      'error',
    ]);
  });
});

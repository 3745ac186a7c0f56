import { describe, expect, it } from 'vitest';
import { combineGateConfig } from '../../../src/core/gate/combine-gate-config.ts';
import type { ConfigState } from '../../../src/model/config.ts';
import type { Job } from '../../../src/model/job.ts';
import { aConfig, aJob, anImage, anImageJob } from '../../fakes/model-data.ts';

const sibling = { name: 'lib', url: 'https://github.test/acme/lib.git', ref: 'main' } as never;
const otherSibling = { name: 'core', url: 'https://github.test/acme/core.git', ref: 'main' } as never;

function valid(...jobs: readonly Job[]): ConfigState {
  return { kind: 'valid', config: aConfig(jobs) };
}

const invalid: ConfigState = {
  kind: 'invalid',
  problems: [{ file: '.sluice.yaml', line: 3, column: 1, path: 'jobs', message: 'no such key', hint: null }],
};
const unreadable: ConfigState = { kind: 'unreadable', because: 'the forge answered 502' };

function combined(branch: ConfigState, candidate: ConfigState) {
  const outcome = combineGateConfig(branch, candidate);
  if (outcome.kind !== 'usable') throw new Error(outcome.because);
  return outcome;
}

it.each<[string, ConfigState, boolean, boolean]>([
  ['both files say so', valid(aJob('unit', { reusable: true })), true, true],
  ["only the change's file says so", valid(aJob('unit')), true, false],
  ["only the branch's file says so", valid(aJob('unit', { reusable: true })), false, false],
  ["the branch's file is invalid", invalid, true, false],
])('a pass of a job may be reused where %s', (_, branch, wanted, is) => {
  const job = aJob('unit', wanted ? { reusable: true } : {});
  expect(combined(branch, valid(job)).config.jobs[0]?.reusable === true).toBe(is);
});

describe('power needs both files (gate.md §2)', () => {
  const wants = aJob('unit', { pool: 'large', allowPrivilegeEscalation: true });
  const grants = aJob('unit', { pool: 'large', allowPrivilegeEscalation: true });

  it.each<[string, ConfigState, Job, string, boolean]>([
    ['both grant it', valid(grants), wants, 'large', true],
    ['only the candidate has it', valid(aJob('unit')), wants, 'default', false],
    ['only the branch has it', valid(grants), aJob('unit'), 'default', false],
    [
      'another job of the branch has it: the pool is known, escalation is not',
      valid({ ...grants, name: 'other' }),
      wants,
      'large',
      false,
    ],
    ["the branch's file is invalid", invalid, wants, 'default', false],
  ])('%s', (_, branch, job, pool, allowPrivilegeEscalation) => {
    expect(combined(branch, valid(job)).config.jobs[0]).toMatchObject({ pool, allowPrivilegeEscalation });
  });

  it.each([
    ['both name it', [sibling], [sibling], 1],
    ['only the candidate names it', [], [sibling], 0],
    ['the branch names another', [otherSibling], [sibling], 0],
    ['only the branch names it', [sibling], [], 0],
  ])('a sibling is fetched where %s', (_, ofBranch, ofCandidate, expected) => {
    const branch = valid(anImageJob('images', [anImage('api', { siblings: ofBranch })]));
    const candidate = valid(anImageJob('images', [anImage('api', { siblings: ofCandidate })]));
    const [job] = combined(branch, candidate).config.jobs;
    const images = job && 'images' in job.content ? job.content.images : [];
    expect(images[0]?.siblings).toHaveLength(expected);
  });
});

it('how many of a semaphore run at once is the branch’s to say', () => {
  const own = aJob('unit', { semaphore: { name: 'db', max: 9 } });
  const known = combined(valid(aJob('lint', { semaphore: { name: 'db', max: 2 } })), valid(own));
  expect(known.config.jobs[0]?.semaphore).toEqual({ name: 'db', max: 2 });
});

describe("the candidate's own file says what is tested", () => {
  it('a job that it adds is tested, with all that it says of it', () => {
    const added = aJob('lint', { content: { template: 'run', image: 'a', command: 'make lint', env: {} } });
    const { config, notes } = combined(valid(aJob('unit')), valid(aJob('unit'), added));
    expect(config.jobs.map(({ name }) => name)).toEqual(['unit', 'lint']);
    expect(config.jobs[1]?.content).toEqual(added.content);
    expect(notes).toEqual([]);
  });

  it('a job that it removes is not, and that is said', () => {
    const { config, notes } = combined(valid(aJob('unit'), aJob('lint')), valid(aJob('unit')));
    expect(config.jobs.map(({ name }) => name)).toEqual(['unit']);
    expect(notes.join()).toContain('lint');
  });

  it('what it says of a job counts, not what the branch says', () => {
    const changed = aJob('unit', { content: { template: 'run', image: 'b', command: 'true', env: {} } });
    expect(combined(valid(aJob('unit')), valid(changed)).config.jobs[0]?.content).toEqual(changed.content);
  });

  it('a change can repair an invalid file of the branch', () => {
    expect(combined(invalid, valid(aJob('unit'))).notes.join()).toContain('invalid');
  });

  it.each<[string, ConfigState, ConfigState, 'head' | null]>([
    ['the candidate is invalid: its author is told where', valid(aJob('unit')), invalid, 'head'],
    ['the candidate could not be read: nobody is to blame', valid(aJob('unit')), unreadable, null],
    ['the branch could not be read: nobody is to blame', unreadable, valid(aJob('unit')), null],
    ['the branch could not be read and the candidate is invalid: nothing is said yet', unreadable, invalid, null],
  ])('%s', (_, branch, candidate, where) => {
    expect(combineGateConfig(branch, candidate)).toMatchObject({ kind: 'refused', where });
  });
});

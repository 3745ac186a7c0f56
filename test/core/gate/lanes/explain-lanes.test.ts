import { expect, it } from 'vitest';
import { gateDefaults } from '../../../../src/config/resolve/resolve-gate.ts';
import { explainLanes } from '../../../../src/core/gate/lanes/explain-lanes.ts';
import type { Job } from '../../../../src/model/job.ts';
import { aJob, anImage, matchers } from '../../../fakes/model-data.ts';
import { closed } from '../reuse/reuse-fixture.ts';

const lanes = { kind: 'best-first', slots: 4, prefixes: true, lanes: 'closure' } as const;
const nightly = { schedules: [{ cron: '0 3 * * *', timeZone: 'UTC', minimumSeconds: 0, unchanged: 'run' }] } as const;
const named = { selection: { onlyIf: matchers('left/**') } };

function told(...jobs: readonly Job[]): readonly string[] {
  return explainLanes({ jobs, gate: { ...gateDefaults, scheduler: lanes } });
}

function building(context: string): Job {
  const content = { template: 'upload-image', images: [anImage('api', { context })], publish: 'promote' } as const;
  return closed('stage', { content, ...nightly });
}

it('says nothing where all is well', () => {
  const noop = aJob('noop', { pipelines: ['gate'], content: { template: 'noop' } });
  expect(told(closed('left', { ...named, ...nightly }), building('api'), noop)).toEqual([]);
});

it('says nothing where whole trees are tested', () => {
  expect(explainLanes({ jobs: [closed('wide')], gate: gateDefaults })).toEqual([]);
});

it.each<[Job, string]>([
  [closed('wide', nightly), '`wide` has no `onlyIf` or `skipIf`'],
  [aJob('open', { pipelines: ['gate'], ...named, ...nightly }), '`open` is not `reusable`'],
  [building('.'), 'the builder of `api` is sent the whole repository'],
])('names what keeps changes out of lanes: %#', (job, because) => {
  expect(told(job)).toEqual([`lanes: whatever ${job.name} is run for may matter to every other: ${because}`]);
});

it('names what no whole tree is tested with where joins are off, and nothing where they are not', () => {
  const scheduler = { ...lanes, joinMs: 60_000 };
  const jobs = [closed('left', named)];
  expect(explainLanes({ jobs, gate: { ...gateDefaults, scheduler } })).toEqual([]);
  expect(told(closed('left', named), closed('right', { ...named, ...nightly }))).toEqual([
    expect.stringMatching(
      /with `joins: off` nothing tests left on the branch: leave out `joins`, or add \{ cron: … \} to `on`$/,
    ),
  ]);
});

import { expect, it } from 'vitest';
import { tellItem } from '../../../src/core/gate/report-item.ts';
import { pointsOf } from '../../../src/told-reports.ts';
import { sha } from '../../fakes/model-data.ts';
import { aCandidate, aJobRecord, anItem, ended, theFacts } from './gate-fixture.ts';

it('what is tested besides is told, and is nothing that the change waits for', () => {
  const hedges = [aCandidate(sha('b'), { ahead: [1], jobs: [aJobRecord('unit', ended('failure'))] })];
  const item = anItem(2, { candidate: aCandidate(sha('a')), hedges });
  const { summary } = tellItem(item, 2, 2, ['It is held.'], { line: '', short: '' }, theFacts());
  expect(summary).toMatch(/Tested besides, .*\n\n- Tested on top of #1, which is ahead, as `[0-9a-f]{12}`\. failed/);
  expect(pointsOf(summary)).toEqual(['It is held.']);
});

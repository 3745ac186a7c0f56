import { expect, it } from 'vitest';
import { tellItem } from '../../../src/core/gate/report-item.ts';
import { testedWith } from '../../../src/core/gate/tell-tested.ts';
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

it.each`
  excluded                                 | without
  ${[]}                                    | ${''}
  ${['#5@a/1']}                            | ${' That is without #5, which is ahead and may not land.'}
  ${['#5@a/1', '#6@b/2']}                  | ${' That is without #5, #6, which are ahead and may not land.'}
  ${[1, 2, 3, 4, 5].map((n) => `#${n}@a`)} | ${' That is without #1, #2, #3 and 2 more, which are ahead and may not land.'}
`('whom it leaves out is told: $excluded', ({ excluded, without }) => {
  const candidate = aCandidate(sha('a'), { guess: { under: [], excluded, onto: 0, make: 1 } });
  expect(testedWith(candidate)).toBe(
    `Tested on top of the branch as it is, as \`${sha('a').slice(0, 12)}\`.${without}`,
  );
});

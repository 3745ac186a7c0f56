import { expect, it } from 'vitest';
import { viewQueue } from '../../src/view-queue.ts';
import { aCandidate, anItem, aRecord, ownQueue } from '../core/gate/gate-fixture.ts';
import { sha } from '../fakes/model-data.ts';

it('what has landed since a candidate was made is the branch, and not waited for any more', async () => {
  const stands = async (...numbers: readonly number[]) => {
    const candidate = aCandidate(sha('5'), { ahead: [1, 2] });
    const items = numbers.map((number) => anItem(number, number === 3 ? { candidate } : {}));
    const known = { subject: ownQueue, record: aRecord({ items }), repository: 'acme/api', branch: 'main' };
    const view = (await viewQueue(known, async () => null)).items.at(-1);
    return [view?.testedWith, view?.stands, view?.state];
  };
  expect(await stands(1, 2, 3)).toEqual([[1, 2], 'passed, waits for #1, #2 to land', 'passed']);
  expect(await stands(2, 3)).toEqual([[2], 'passed, waits for #2 to land', 'passed']);
  expect(await stands(3)).toEqual([[], 'passed, lands next', 'passed']);
});

import { expect, it } from 'vitest';
import { firstSchedule } from '../../src/core/gate/best-first/remember.ts';
import { describeShortage } from '../../src/core/gate/best-first/tell-shortage.ts';
import { viewQueue } from '../../src/view-queue.ts';
import { aCandidate, aJobRecord, anItem, aRecord, aVerdict, ended, ownQueue } from '../core/gate/gate-fixture.ts';
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

it('what was not built again says so, and which run stands for it', async () => {
  const verdict = { ...aVerdict(sha('5')), reused: { commit: sha('c'), at: 1 } };
  const items = [anItem(1, { candidate: aCandidate(sha('5'), { verdict }) })];
  const known = { subject: ownQueue, record: aRecord({ items }), repository: 'acme/api', branch: 'main' };
  expect((await viewQueue(known, async () => null)).items[0]?.stands).toBe(
    'passed before on the same tree, as cccccccccccc: not built again, lands next',
  );
});

it('what else is tested of a change is shown with what it stands on and how it stands', async () => {
  const hedges = [
    aCandidate(sha('6'), { ahead: [1], jobs: [aJobRecord('unit', ended('failure'))] }),
    aCandidate(sha('7'), { ahead: [9], jobs: null }),
    aCandidate(sha('8'), { broken: 'its file is none' }),
  ];
  const items = [anItem(1), anItem(2, { candidate: aCandidate(sha('5'), { ahead: [1] }), hedges })];
  const known = { subject: ownQueue, record: aRecord({ items }), repository: 'acme/api', branch: 'main' };
  const view = await viewQueue(known, async () => null);
  expect(view.items.map(({ besides }) => besides)).toEqual([
    [],
    [
      { testedWith: [1], state: 'failed' },
      { testedWith: [], state: 'testing' },
      { testedWith: [], state: 'failed' },
    ],
  ]);
});

it('that more is asked for than can be tested is said once, of the queue', async () => {
  const short = { since: 60, seen: 140, isAnnounced: true };
  const [branch] = aRecord().branches;
  if (!branch) throw new Error('a record without a branch');
  const schedule = { ...firstSchedule(2, branch), short };
  const known = { subject: ownQueue, repository: 'acme/api', branch: 'main' };
  const says = describeShortage({ schedule });
  const told = async () => ({ summary: `Asked for by boss.\n\n* It waits: for its turn.\n* ${says}` }) as never;
  const view = await viewQueue({ ...known, record: aRecord({ items: [anItem(1)], schedule }) }, told);
  expect(view.short).toEqual({ since: 3_600_000, says });
  expect(view.items[0]?.missing).toEqual(['It waits: for its turn.']);
  const { short: _, ...plenty } = schedule;
  expect((await viewQueue({ ...known, record: aRecord({ schedule: plenty }) }, told)).short).toBeNull();
});

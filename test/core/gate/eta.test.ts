import { describe, expect, it } from 'vitest';
import { describeEta, estimateLandings, pacesAfter } from '../../../src/core/gate/eta.ts';
import type { QueueItem, QueueRecord } from '../../../src/model/queue.ts';
import { sha } from '../../fakes/model-data.ts';
import { view } from './entry/entry-fixture.ts';
import { aCandidate, aJobRecord, anItem, aRecord, aVerdict, ended, headOf, idOf } from './gate-fixture.ts';

const minute = 60_000;
const noon = Date.UTC(2026, 0, 2, 12, 0);

const states: Readonly<Record<string, (madeAt: number) => Partial<QueueItem>>> = {
  testing: (madeAt) => ({
    candidate: aCandidate(sha('5'), { madeAt, jobs: [aJobRecord('unit', { kind: 'blocked' })] }),
  }),
  deciding: (madeAt) => ({ candidate: aCandidate(sha('5'), { madeAt, jobs: null }) }),
  passed: (madeAt) => ({ candidate: aCandidate(sha('5'), { madeAt }) }),
  failed: (madeAt) => ({ candidate: aCandidate(sha('5'), { madeAt, jobs: [aJobRecord('unit', ended('failure'))] }) }),
  broken: (madeAt) => ({ candidate: aCandidate(sha('5'), { madeAt, broken: 'x' }) }),
  conflict: () => ({ candidate: { kind: 'conflict', parents: {}, paths: ['a'], with: null } }),
  parked: (madeAt) => ({ candidate: aCandidate(sha('5'), { madeAt }), parked: 'x' }),
  waits: () => ({}),
};

/** As `testing 5`: so many minutes before noon its candidate was made. */
function toItem(words: string, index: number): QueueItem {
  const [state = '', before = '0'] = words.split(' ');
  const number = index + 1;
  const over = (states[state] ?? states.waits)?.(noon - Number(before) * minute);
  const labels = state === 'held' ? ['sluice/hold'] : [];
  return anItem(number, { ...over, view: view({}, { number, head: headOf(number), labels }) });
}

function told(items: string, over: Partial<QueueRecord> = {}, waiting: readonly number[] = []): string {
  const paces = [10 * minute, 30 * minute, 20 * minute];
  const record = aRecord({ paces, items: items.split(', ').map(toItem), ...over });
  const etas = estimateLandings(record, new Set(waiting.map(idOf)), noon);
  return record.items
    .map((item) => {
      const eta = etas.get(idOf(item.number));
      return eta === undefined ? '–' : eta.kind === 'at' ? describeEta(eta, record, noon).short.slice(12, 17) : '?';
    })
    .join(' ');
}

describe('an item may land when its tests took what those of the last landings took, and not before those ahead', () => {
  it.each`
    items                                 | expected         | why
    ${'testing 5'}                        | ${'12:15'}       | ${'the median is 20 minutes'}
    ${'testing 3'}                        | ${'12:20'}       | ${'it is rounded up to five minutes'}
    ${'deciding 5'}                       | ${'12:15'}       | ${'what is tested is part of the time'}
    ${'testing 5, testing 10'}            | ${'12:15 12:15'} | ${'what would be done before lands behind'}
    ${'testing 10, testing 5'}            | ${'12:10 12:15'} | ${'what is done later lands later'}
    ${'passed 5, testing 5'}              | ${'– 12:15'}     | ${'what lands next needs no estimate'}
    ${'testing 5, passed 9'}              | ${'12:15 12:15'} | ${'what has passed waits for what is ahead'}
    ${'testing 20'}                       | ${'?'}           | ${'longer than the median is no estimate'}
    ${'testing 20, testing 5, passed 3'}  | ${'? ? ?'}       | ${'nor is anything behind it'}
    ${'testing 5, testing 20, testing 5'} | ${'12:15 ? ?'}   | ${'what is ahead of the slow one keeps its own'}
    ${'held, testing 5'}                  | ${'– 12:15'}     | ${'what is held is stepped over'}
    ${'parked 90, failed 90, testing 5'}  | ${'– – 12:15'}   | ${'so is what is parked or has failed'}
    ${'conflict, broken 90, testing 5'}   | ${'– – 12:15'}   | ${'so is what conflicts or cannot be configured'}
    ${'waits, testing 5'}                 | ${'– 12:15'}     | ${'there is room, and it is not tested: nothing is known'}
  `('$items: $expected, as $why', ({ items, expected }) => {
    expect(told(items)).toBe(expected);
  });
});

it.each`
  items                             | window | expected
  ${'testing 5, waits'}             | ${1}   | ${'12:15 12:35'}
  ${'testing 10, testing 5, waits'} | ${2}   | ${'12:10 12:15 12:30'}
  ${'testing 5, waits, waits'}      | ${1}   | ${'12:15 12:35 12:55'}
  ${'testing 90, waits'}            | ${1}   | ${'? ?'}
  ${'testing 5, waits'}             | ${0}   | ${'12:15 –'}
`('beyond a window of $window, $items begins when one ahead has landed: $expected', ({ items, window, expected }) => {
  expect(told(items, { window })).toBe(expected);
});

it('nothing is said while the queue is frozen, and nothing is known before anything has landed', () => {
  expect(told('testing 5, passed 1', { frozen: { by: null, because: 'x', at: 1 } })).toBe('– –');
  expect(told('passed 1, testing 5', { paces: [] })).toBe('– ?');
});

it('what lacks something has no estimate, nor has what is behind it', () => {
  expect(told('testing 10, testing 5, testing 5', {}, [2])).toBe('12:10 – ?');
});

it('the words change with the estimate only, and name the day where it is not today', () => {
  const record = { paces: [1, 2] };
  const said = (at: number, now: number): string => describeEta({ kind: 'at', at }, record, now).line;
  expect(said(noon, noon - 1)).toBe('Expected to land: about 12:00 UTC, going by the last 2 landings.');
  expect(said(noon, noon - 3_000_000)).toBe(said(noon, noon - 1));
  expect(said(noon, noon - 86_400_000)).toContain('about 2026-01-02 12:00 UTC');
  const etas = estimateLandings(aRecord({ items: [toItem('testing 5', 0)] }), new Set(), noon);
  expect(describeEta(etas.get(idOf(1)), {}, noon).line).toBe(
    'Expected to land: not known yet: nothing has landed from this queue so far.',
  );
});

it('a landing adds how long its tests took, and the last ten count', () => {
  const verdict = { ...aVerdict(sha('5')), at: noon + 7 };
  const landed = aCandidate(sha('5'), { madeAt: noon, verdict });
  expect(pacesAfter(aRecord(), landed)).toEqual([7]);
  const ten = Array.from({ length: 10 }, (_, index) => 100 + index);
  expect(pacesAfter(aRecord({ paces: ten }), landed)).toEqual([...ten.slice(1), 7]);
  expect(pacesAfter(aRecord({ paces: [3] }), aCandidate(sha('5')))).toEqual([3]);
  expect(pacesAfter(aRecord({ paces: [3] }), null)).toEqual([3]);
});

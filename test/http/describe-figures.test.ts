import { describe, expect, it } from 'vitest';
import { describeFigures, span } from '../../src/http/describe-figures.ts';
import { statusPage } from '../../src/http/status-page.ts';
import type { Figures } from '../../src/ports/metrics.ts';
import { noFigures } from '../adapters/prometheus/figures-fixture.ts';

const now = 1_800_000_000_000;
const minute = 60_000;
const rows = (figures: Partial<Figures> | null) =>
  describeFigures(figures === null ? null : { ...noFigures, ...figures }, ['default'], now);

it.each`
  ms                  | words
  ${-5}               | ${'0 s'}
  ${59_999}           | ${'59 s'}
  ${60_000}           | ${'1 min'}
  ${3_599_999}        | ${'59 min'}
  ${3_600_000}        | ${'1 h'}
  ${47.9 * 3_600_000} | ${'47 h'}
  ${48 * 3_600_000}   | ${'2 days'}
`('$ms ms are $words', ({ ms, words }) => expect(span(ms)).toBe(words));

describe('the status in words', () => {
  it('is without alarm where nothing ever happened', () => {
    expect(rows({}).filter((row) => row.alarming)).toEqual([]);
    expect(rows({})[0]).toMatchObject({ name: 'Last delivery', value: 'never' });
  });

  it.each<[string, Partial<Figures> | null, string]>([
    ['Redis is away', null, 'Redis'],
    ['polls fail for a day', { lastPollAt: now - 24 * 60 * minute - 1 }, 'Failed deliveries asked for again'],
    ['resyncs fail for an hour', { lastResyncAt: now - 60 * minute - 1 }, 'All repositories read'],
    ['an event was set aside', { quarantined: 1 }, 'Events set aside'],
    [
      'events wait',
      { intake: { length: 2, pending: 0, oldestAt: now - 5 * minute - 1 } },
      'Events that wait for a worker',
    ],
    [
      'check runs wait',
      { checkWrites: { waiting: 1, oldestAt: now - 5 * minute - 1 } },
      'Check runs waiting to be written',
    ],
    ['Redis is nearly full', { memory: { used: 95, max: 100 } }, 'Redis'],
  ])('is alarming when %s', (_when, figures, name) => {
    const alarming = rows(figures).filter((row) => row.alarming);
    expect(alarming.map((row) => row.name)).toEqual([name]);
    expect(statusPage(rows(figures))).toContain('1 to look at');
  });

  it.each<[string, Partial<Figures>]>([
    ['polls are a day old', { lastPollAt: now - 24 * 60 * minute }],
    ['resyncs are an hour old', { lastResyncAt: now - 60 * minute }],
    ['events wait for five minutes', { intake: { length: 2, pending: 0, oldestAt: now - 5 * minute } }],
    ['Redis is nine tenths full', { memory: { used: 90, max: 100 } }],
    ['builds wait', { lines: [{ pool: 'default', waiting: 9, granted: 0, active: 1, oldestAt: 0 }] }],
  ])('is not alarming when %s', (_when, figures) => {
    expect(rows(figures).filter((row) => row.alarming)).toEqual([]);
    expect(statusPage(rows(figures))).toContain('everything is as it should be');
  });

  it('tells what runs and waits in each pool of the operator, and of all others in one row', () => {
    const lines = [
      { pool: 'default', waiting: 2, granted: 1, active: 3, oldestAt: now - 3 * minute },
      { pool: 'evil-one', waiting: 1, granted: 0, active: 0, oldestAt: now - minute },
      { pool: 'evil-two', waiting: 4, granted: 1, active: 1, oldestAt: now - 2 * minute },
    ];
    const told = rows({ lines }).filter(({ name }) => name.startsWith('Builds'));
    expect(told).toEqual([
      { name: 'Builds in the pool default', value: '4 running, 2 waiting', note: 'the first in line for 3 min' },
      { name: 'Builds in other pools', value: '2 running, 5 waiting', note: 'the first in line for 2 min' },
    ]);
    expect(statusPage(rows({ lines }))).not.toContain('evil');
  });

  it('is a page of one table per part, with every text escaped', () => {
    const page = statusPage([
      { part: '<Part>', name: '<name>', value: '<value>', note: '<note>', alarming: true },
      { name: 'second', value: 2 },
      { part: 'Other', name: 'third', value: 3 },
    ]);
    expect(page.match(/<table>/g)).toHaveLength(2);
    for (const text of ['Part', 'name', 'value', 'note']) {
      expect(page).toContain(`&#60;${text}&#62;`);
      expect(page).not.toContain(`<${text}>`);
    }
  });
});

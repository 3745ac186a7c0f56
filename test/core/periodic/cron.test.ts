import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastTime, nextTime } from '../../../src/core/periodic/cron-times.ts';
import { type FixedCron, fixCron, plainCron } from '../../../src/core/periodic/fix-cron.ts';
import { parseCron } from '../../../src/core/periodic/parse-cron.ts';
import { isTimeZone } from '../../../src/core/periodic/zone-time.ts';

function fixed(text: string, seed = 'a seed'): FixedCron {
  const parsed = parseCron(text);
  if (parsed.kind === 'faulty') throw new Error(`${text} ${parsed.message}`);
  return fixCron(parsed.line, seed);
}

function next(text: string, zone: string, after: string, times = 1): string[] {
  const found: string[] = [];
  for (let at: number | null = Date.parse(after); found.length < times && at !== null; ) {
    at = nextTime(fixed(text), zone, at);
    if (at !== null) found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
}

describe('a line', () => {
  it.each`
    text                         | plain
    ${'17 2 * * *'}              | ${'17 2 * * *'}
    ${'*/15 8-18/2 * * MON-FRI'} | ${'0,15,30,45 8,10,12,14,16,18 * * 1,2,3,4,5'}
    ${'0,30 0 1 jan,JUL *'}      | ${'0,30 0 1 1,7 *'}
    ${'0 0 * * 5-7'}             | ${'0 0 * * 0,5,6'}
    ${'5/20 0 13 * FRI'}         | ${'5,25,45 0 13 * 5'}
    ${'0 0 1-31 * 0'}            | ${`0 0 ${Array.from({ length: 31 }, (_, day) => day + 1).join(',')} * 0`}
  `('$text takes $plain', ({ text, plain }) => {
    expect(plainCron(fixed(text))).toBe(plain);
  });

  it.each`
    text                              | says
    ${'* * * *'}                      | ${'is not five fields as "H 2 * * *"'}
    ${'* * * * * *'}                  | ${'is not five fields as "H 2 * * *"'}
    ${'*  * * * *'}                   | ${'is not five fields as "H 2 * * *"'}
    ${'@daily'}                       | ${'is not five fields as "H 2 * * *"'}
    ${'60 * * * *'}                   | ${'has no minute 60'}
    ${'0 24 * * *'}                   | ${'has no hour 24'}
    ${'0 0 0 * *'}                    | ${'has no day of the month 0'}
    ${'0 0 * MAI *'}                  | ${'has no month MAI'}
    ${'0 0 * * 8'}                    | ${'has no weekday 8'}
    ${'0 0 * * FRI-MON'}              | ${'has a weekday that ends before it begins: FRI-MON'}
    ${'*/0 * * * *'}                  | ${'has no step 0'}
    ${'*/5/5 * * * *'}                | ${'has two steps in */5/5'}
    ${'H(50-70) * * * *'}             | ${'has no minute 70'}
    ${'0 0 30 2 *'}                   | ${'never comes: that month has no such day'}
    ${'0 0 31 4,6 *'}                 | ${'never comes: that month has no such day'}
    ${'0 0 * * $(reboot)'}            | ${'has no weekday $(reboot)'}
    ${'1-2-3 * * * *'}                | ${'has no minute 1-2-3'}
    ${`${'0,'.repeat(200)}0 0 * * *`} | ${'is longer than 200 characters'}
  `('$text $says', ({ text, says }) => {
    expect(parseCron(text)).toMatchObject({ kind: 'faulty', message: says, hint: expect.stringMatching(/\w/) });
  });

  it('is a line or faulty, whatever is written, and never takes long', () => {
    const words = fc.stringMatching(/^[\dHLW*/,()A-Z -]{0,60}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), words), (text) => {
        expect(['line', 'faulty']).toContain(parseCron(text).kind);
      }),
    );
  });
});

describe('H', () => {
  it('is one number, the same for the same seed, and spread between seeds', () => {
    const minutes = Array.from({ length: 200 }, (_, seed) => fixed('H 2 * * *', `repository ${seed}`).minutes);
    expect(minutes.every((each) => each.length === 1)).toBe(true);
    expect(fixed('H 2 * * *', 'repository 7')).toEqual(fixed('H 2 * * *', 'repository 7'));
    expect(new Set(minutes.flat()).size).toBeGreaterThan(50);
  });

  it.each(Array.from({ length: 40 }, (_, seed) => `seed ${seed}`))('stays in its range for %s', (seed) => {
    const { minutes, hours, days } = fixed('H/15 H(22-23) H * *', seed);
    expect(minutes).toHaveLength(4);
    expect(minutes[0]).toBeLessThan(15);
    expect([22, 23]).toContain(hours[0]);
    expect(days[0]).toBeLessThanOrEqual(28);
  });

  it('of two fields is not one choice', () => {
    const both = Array.from({ length: 60 }, (_, seed) => fixed('H(0-23) H * * *', `${seed}`));
    expect(both.some(({ minutes, hours }) => minutes[0] !== hours[0])).toBe(true);
  });
});

describe('the next time', () => {
  it.each`
    text              | zone               | after                     | times
    ${'17 2 * * *'}   | ${'UTC'}           | ${'2026-11-29T02:16:59Z'} | ${['2026-11-29T02:17Z', '2026-11-30T02:17Z']}
    ${'17 2 * * *'}   | ${'UTC'}           | ${'2026-11-29T02:17:00Z'} | ${['2026-11-30T02:17Z']}
    ${'0 4 * * *'}    | ${'Europe/Berlin'} | ${'2026-12-31T22:00:00Z'} | ${['2027-01-01T03:00Z']}
    ${'0 0 * * 1'}    | ${'Asia/Kolkata'}  | ${'2026-11-29T00:00:00Z'} | ${['2026-11-29T18:30Z', '2026-12-06T18:30Z']}
    ${'0 0 29 2 *'}   | ${'UTC'}           | ${'2026-11-29T00:00:00Z'} | ${['2028-02-29T00:00Z', '2032-02-29T00:00Z']}
    ${'0 0 13 * FRI'} | ${'UTC'}           | ${'2026-11-29T00:00:00Z'} | ${['2026-12-04T00:00Z', '2026-12-11T00:00Z', '2026-12-13T00:00Z']}
    ${'0 0 31 * *'}   | ${'UTC'}           | ${'2026-11-29T00:00:00Z'} | ${['2026-12-31T00:00Z', '2027-01-31T00:00Z', '2027-03-31T00:00Z']}
  `('of $text in $zone after $after is $times', ({ text, zone, after, times }) => {
    expect(next(text, zone, after, times.length)).toEqual(times);
  });

  it('where clocks go forward comes as soon as they did, once', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2027-03-26T12:00:00Z', 3)).toEqual([
      '2027-03-27T01:30Z',
      '2027-03-28T01:00Z',
      '2027-03-29T00:30Z',
    ]);
    expect(next('0,30 2 * * *', 'Europe/Berlin', '2027-03-28T00:00:00Z', 2)).toEqual([
      '2027-03-28T01:00Z',
      '2027-03-29T00:00Z',
    ]);
  });

  it('where clocks go back comes once, the first time that the wall shows it', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2027-10-30T12:00:00Z', 2)).toEqual([
      '2027-10-31T00:30Z',
      '2027-11-01T01:30Z',
    ]);
  });

  it('of every half hour leaves nothing out and makes nothing up when clocks change', () => {
    const halves = (from: string) => next('*/30 * * * *', 'Europe/Berlin', from, 6);
    expect(halves('2027-10-30T23:45:00Z')).toEqual(
      ['00:00', '00:30', '01:00', '01:30', '02:00', '02:30'].map((time) => `2027-10-31T${time}Z`),
    );
    expect(halves('2027-03-28T00:15:00Z')).toEqual(
      ['00:30', '01:00', '01:30', '02:00', '02:30', '03:00'].map((time) => `2027-03-28T${time}Z`),
    );
  });

  it('is found where clocks change by half an hour, and at midnight', () => {
    expect(next('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', 2)).toEqual([
      '2026-10-03T15:30Z',
      '2026-10-04T15:15Z',
    ]);
    expect(next('30 0 * * *', 'Africa/Cairo', '2026-04-23T12:00:00Z', 2)).toEqual([
      '2026-04-23T22:00Z',
      '2026-04-24T21:30Z',
    ]);
  });

  it('never comes for a line without a day', () => {
    expect(nextTime({ ...fixed('0 0 31 * *'), months: [4] }, 'UTC', 0)).toBeNull();
  });

  it('after the last one is the one that was asked for', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu');
    const lines = fc.constantFrom('H 2 * * *', '*/20 * * * *', '0 0 * * MON', '30 1-3 * * *', 'H H 1,15 * *');
    const instants = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2028-01-01') });
    fc.assert(
      fc.property(zones, lines, instants, (zone, text, at) => {
        const after = nextTime(fixed(text), zone, at) ?? 0;
        const before = lastTime(fixed(text), zone, at) ?? 0;
        expect(before).toBeLessThanOrEqual(at);
        expect(after).toBeGreaterThan(at);
        expect(lastTime(fixed(text), zone, after)).toBe(after);
        expect(nextTime(fixed(text), zone, before)).toBe(after);
      }),
      { numRuns: 60 },
    );
  });
});

it.each`
  name                         | known
  ${'UTC'}                     | ${true}
  ${'Europe/Berlin'}           | ${true}
  ${'America/Argentina/Salta'} | ${true}
  ${'Etc/GMT+3'}               | ${true}
  ${'Europe/Berlln'}           | ${false}
  ${'+01:00'}                  | ${false}
  ${''}                        | ${false}
  ${'../etc/passwd'}           | ${false}
`('$name is a time zone: $known', ({ name, known }) => {
  expect(isTimeZone(name)).toBe(known);
});

import { describe, expect, it } from 'vitest';
import { readArrivals } from '../../../src/core/simulate/read-arrivals.ts';
import { recordArrivals } from '../../../src/core/simulate/record-arrivals.ts';

const at = (minutes: number, ...reasons: readonly string[]) => ({ at: 1_000_000 + minutes * 60_000, reasons });

describe('arrivals from the history of a queue', () => {
  const history = [
    at(0, '#1: boss asked for 2b42ba58823f', '#1: entered the queue', '#1: candidate 27df5931f374 on the tip'),
    at(4, '#2: entered the queue', '#2: candidate 0123456789ab on #1', 'unit: starting after 1 s in line'),
    at(10, '#1: passed as 27df5931f374, unit passed'),
    at(12, '#1: landing 27df5931f374 on ec5b4e32a2c7', '#3: entered the queue'),
    at(15, '#2: candidate 99993456789a on the tip'),
    at(19, '#2: rejected, unit did not pass'),
    at(20, '#2: entered the queue', '#3: withdrawn, boss took it out', '#4: entered the queue'),
    at(25, '#4: rejected, it conflicts with `main` in `a.txt`'),
  ];

  it('say when each entered, how long its newest candidate took, and whether it was rejected', () => {
    const { arrivals, leftOut } = recordArrivals(history);
    expect(
      arrivals.map(({ id, atMinute, buildMinutes, failsAlone }) => [id, atMinute, buildMinutes, failsAlone]),
    ).toEqual([
      ['#1', 0, 10, false],
      ['#2', 4, 4, true],
      // Nothing of it was built: as long as most take.
      ['#4', 20, 10, true],
    ]);
    // #3 was taken out, and #2 is asked for anew and not decided.
    expect(leftOut).toBe(2);
  });

  it('can be replayed as they are', () => {
    const { arrivals } = recordArrivals(history);
    const file = arrivals.map((arrival) => JSON.stringify(arrival)).join('\n');
    expect(readArrivals(file)).toEqual({ kind: 'read', arrivals });
  });

  it('are none where nothing was decided', () => {
    expect(recordArrivals([])).toEqual({ arrivals: [], leftOut: 0 });
    expect(recordArrivals([at(0, '#1: passed as 27df5931f374, unit passed')])).toEqual({ arrivals: [], leftOut: 0 });
  });
});

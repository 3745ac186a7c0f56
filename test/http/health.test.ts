import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchEventLoop } from '../../src/http/event-loop.ts';
import { createReadiness } from '../../src/http/readiness.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { keepingLog } from '../harness/redis.ts';
import { startWeb } from './web-fixture.ts';

/** A clock that stands still until it is moved; who sleeps is woken when their time has come. */
function handClock() {
  let at = 1_000_000;
  const sleeping = new Set<{ readonly until: number; readonly wake: () => void }>();
  const clock: Clock = {
    now: () => at,
    elapsed: () => at,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const sleeper = { until: at + milliseconds, wake: () => resolve() };
        sleeping.add(sleeper);
        signal?.addEventListener('abort', () => resolve(), { once: true });
      }),
  };
  return {
    ...clock,
    async move(milliseconds: number) {
      at += milliseconds;
      for (const sleeper of [...sleeping]) {
        if (sleeper.until > at) continue;
        sleeping.delete(sleeper);
        sleeper.wake();
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('readiness', () => {
  it('is all that is missing, in the order of the checks; why a check failed is for the log', async () => {
    const log = keepingLog();
    const ready = createReadiness(
      [
        { failure: 'a', missing: async () => ['Redis is too old.', 'It keeps no file.'] },
        { failure: 'b', missing: async () => [] },
        { failure: 'GitHub does not answer.', missing: () => Promise.reject(new Error('token=hidden')) },
      ],
      handClock(),
      log,
    );
    expect(await ready()).toEqual(['Redis is too old.', 'It keeps no file.', 'GitHub does not answer.']);
    expect(log.lines).toMatchObject([{ message: 'not ready', fields: { failure: 'GitHub does not answer.' } }]);
  });

  it('does not wait for a check that hangs, and tells what the others found', async () => {
    const clock = handClock();
    const ready = createReadiness(
      [
        { failure: 'Redis does not answer.', missing: () => new Promise(() => undefined) },
        { failure: 'x', missing: async () => ['No pods can be listed.'] },
      ],
      clock,
      keepingLog(),
    );
    const asked = ready();
    await clock.move(1_500);
    expect(await asked).toEqual(['Redis does not answer.', 'No pods can be listed.']);
  });

  it('asks once for all who ask within 2 s, and then anew', async () => {
    const clock = handClock();
    let asked = 0;
    const missing = async () => {
      asked += 1;
      return asked === 1 ? ['Not yet.'] : [];
    };
    const ready = createReadiness([{ failure: 'x', missing }], clock, keepingLog());
    expect(await Promise.all([ready(), ready()])).toEqual([['Not yet.'], ['Not yet.']]);
    await clock.move(1_999);
    expect(await ready()).toEqual(['Not yet.']);
    await clock.move(1);
    expect(await ready()).toEqual([]);
    expect(asked).toBe(2);
  });

  it('asks anew after the clock went back', async () => {
    const clock = handClock();
    let asked = 0;
    const ready = createReadiness(
      [
        {
          failure: 'x',
          missing: async () => {
            asked += 1;
            return [];
          },
        },
      ],
      clock,
      keepingLog(),
    );
    await ready();
    await clock.move(-3_600_000);
    await ready();
    expect(asked).toBe(2);
  });
});

describe('the event loop', () => {
  let ending: AbortController;
  beforeEach(() => {
    ending = new AbortController();
  });
  afterEach(() => ending.abort());

  it.each`
    lateness                     | stalled
    ${[0, 0, 0]}                 | ${false}
    ${[60_000]}                  | ${false}
    ${[6_000, 6_000]}            | ${false}
    ${[6_000, 6_000, 6_000]}     | ${true}
    ${[6_000, 6_000, 0]}         | ${false}
    ${[5_000, 5_000, 5_000]}     | ${false}
    ${[6_000, 6_000, 6_000, 10]} | ${false}
  `('after turns that came $lateness ms late is stalled: $stalled', async ({ lateness, stalled }) => {
    const clock = handClock();
    const watch = watchEventLoop(clock, clock.now, ending.signal);
    for (const late of lateness as number[]) await clock.move(1_000 + late);
    expect(watch.isStalled()).toBe(stalled);
  });

  it('a process that comes to its work too late is not healthy', async () => {
    // Sleeping is always overdue for this clock, as on a machine that gives the process no time.
    const clock = {
      now: Date.now,
      elapsed: Date.now,
      sleep: async () => new Promise<void>((resolve) => setTimeout(resolve, 5)),
    };
    const real = performance.now.bind(performance);
    let ahead = 0;
    performance.now = () => {
      ahead += 10_000;
      return real() + ahead;
    };
    const { url, server } = await startWeb({ clock });
    try {
      await expect.poll(async () => (await fetch(`${url}/healthz`)).status).toBe(503);
      expect(await (await fetch(`${url}/healthz`)).json()).toEqual({
        healthy: false,
        because: 'The process comes to its work over 5 s late.',
      });
    } finally {
      performance.now = real;
      await server.close();
    }
  });
});

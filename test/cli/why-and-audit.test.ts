import { describe, expect, it } from 'vitest';
import { toTime } from '../../src/cli/arguments.ts';
import type { Audit, AuditWish, ChangeView } from '../../src/cli/queue-view.ts';
import { sluice } from './cli-fixture.ts';
import { change, job, now } from './queue-fixture.ts';

const dogwood = change(4, 'Dogwood', { place: null, missing: ['One approval is missing.'] });

describe('why', () => {
  const view: ChangeView = {
    repository: 'acme/api',
    number: 4,
    pull: { title: 'Dogwood', author: 'ada', state: 'open', draft: true, head: '4'.repeat(40), branch: 'main' },
    told: '1 job to build, 1 skipped',
    jobs: [
      job('unit', 'running'),
      job('docs', 'skipped', { required: false, since: null, because: 'no file matches' }),
    ],
    queue: {
      branch: 'main',
      says: 'boss asked for its landing.',
      frozen: 'release day',
      change: dogwood,
    },
    history: [
      {
        at: Date.UTC(2026, 10, 28, 13, 5, 9),
        of: 'presubmit',
        reasons: ['head 444444444444 on main'],
        effects: ['start unit'],
      },
      { at: Date.UTC(2026, 10, 28, 13, 6, 9), of: 'queue', reasons: ['#4: boss asked for 444444444444'], effects: [] },
    ],
  };

  it('tells the jobs, the queue and the history, newest last', async () => {
    const { out } = await sluice(['why', '4'], { why: async () => view });
    expect(out.split('\n')).toEqual([
      'acme/api#4 "Dogwood" by ada: draft, open, 444444444444 to main',
      'sluice says: 1 job to build, 1 skipped',
      '',
      expect.stringMatching(/^JOB +STATE +SINCE +WHY$/),
      expect.stringMatching(/^unit +running +5 s ago +it always runs$/),
      expect.stringMatching(/^docs \(optional\) +skipped +– +no file matches$/),
      '',
      'Queue of main: boss asked for its landing.',
      '  The queue is frozen and lands nothing: release day',
      '  · One approval is missing.',
      '',
      expect.stringMatching(/^WHEN +OF +WHAT AND WHY$/),
      '2026-11-28 13:05:09Z  presubmit  head 444444444444 on main',
      '                                 → start unit',
      '2026-11-28 13:06:09Z  queue      #4: boss asked for 444444444444',
      '',
    ]);
  });

  it('hands over number and repository, and prints data with --json', async () => {
    const asked: unknown[] = [];
    const why = async (...words: readonly [number, string | null]) => {
      asked.push(words);
      return view;
    };
    expect(JSON.parse((await sluice(['why', '4', '--repository', 'a/b', '--json'], { why })).out)).toEqual({
      change: view,
    });
    expect(asked).toEqual([[4, 'a/b']]);
  });

  it('says so where nothing is known yet', async () => {
    const why = async () => ({ ...view, pull: null, told: null, jobs: [], history: [] });
    const { out } = await sluice(['why', '4'], { why });
    for (const says of ['was not read yet, or is gone', 'No job was decided', 'Nothing was decided about it yet.'])
      expect(out).toContain(says);
  });
});

describe('audit', () => {
  const place = { repository: 'acme/api', branch: 'main' };
  const whole: Audit = {
    lines: [
      { at: 0, ...place, what: 'owned', who: null, number: null, commit: null, detail: 'App 7', from: 'ledger' },
      {
        at: 61_000,
        ...place,
        what: 'landed',
        who: 'boss',
        number: 5,
        commit: 'd'.repeat(40),
        detail: 'merge',
        from: 'ledger',
      },
    ],
    unread: [],
  };

  it('prints who did what, when and where', async () => {
    const { code, out, err } = await sluice(['audit'], { audit: async () => whole });
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n').slice(1)).toEqual([
      expect.stringMatching(/^1970-01-01 00:00:00Z +acme\/api +main +Sluice +owned +– +– +App 7$/),
      expect.stringMatching(/^1970-01-01 00:01:01Z +acme\/api +main +boss +landed +#5 +d{12} +merge$/),
      '',
    ]);
    expect(JSON.parse((await sluice(['audit', '--json'], { audit: async () => whole })).out)).toEqual(whole);
  });

  it('one that is not whole says what is missing, and ends with 1', async () => {
    const audit = async () => ({ lines: [], unread: [{ ...place, because: 'it cannot be trusted' }] });
    expect(await sluice(['audit'], { audit })).toEqual({
      code: 1,
      out: 'Nothing is known of that time.\n',
      err: 'The ledger of acme/api main was not read, what landed there is missing: it cannot be trusted\n',
    });
  });

  it('hands over branch, repository and time', async () => {
    const asked: AuditWish[] = [];
    const audit = async (wish: AuditWish) => {
      asked.push(wish);
      return whole;
    };
    await sluice(['audit'], { audit });
    await sluice(['audit', '--branch', 'v1', '--repository', 'a/b', '--since', '2h'], { audit });
    expect(asked).toEqual([
      { repository: null, branch: null, since: null },
      { repository: 'a/b', branch: 'v1', since: now - 7_200_000 },
    ]);
  });
});

it.each`
  text                   | time
  ${'30m'}               | ${now - 1_800_000}
  ${'7d'}                | ${now - 7 * 86_400_000}
  ${'2026-11-28'}        | ${Date.UTC(2026, 10, 28)}
  ${'2026-11-28T13:00Z'} | ${Date.UTC(2026, 10, 28, 13)}
`('$text is a time', ({ text, time }) => {
  expect(toTime(text, now)).toBe(time);
});

it.each(['', '7', 'd7', '-7d', '7w', 'monday', '28.11.2026', '2026-02-30T99:00Z', '12'])('%j is no time', (text) => {
  expect(() => toTime(text, now)).toThrow('A time is 2026-11-28');
});

describe('flakes', () => {
  const evidence = [
    { job: 'unit', failures: 1, builds: ['b-unit-1'], number: 7, commit: '7'.repeat(40), at: Date.UTC(2026, 10, 28) },
  ];
  const unit = { repository: 'acme/api', branch: 'main', job: 'unit', passed: 19, flaked: 1, rate: 0.05, evidence };

  it('lists the worst jobs with their evidence', async () => {
    const asked: unknown[] = [];
    const flakes = async (wish: AuditWish) => {
      asked.push(wish);
      return { jobs: [unit], unread: [] };
    };
    const { out, code } = await sluice(['flakes', '--branch', 'main', '--since', '7d'], { flakes });
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^JOB +REPOSITORY +BRANCH +FLAKED +RATE +LAST +EVIDENCE$/),
      expect.stringMatching(/^unit +acme\/api +main +1 of 20 runs +5\.0 % +2026-11-28 00:00:00Z +#7 \(777777777777\)$/),
      '',
    ]);
    expect(code).toBe(0);
    expect(asked).toEqual([{ repository: null, branch: 'main', since: now - 7 * 86_400_000 }]);
  });

  it('says so where there are none, prints data with --json, and fails where a ledger could not be read', async () => {
    const none = async () => ({ jobs: [], unread: [] });
    expect((await sluice(['flakes'], { flakes: none })).out).toBe('No job is known to have flaked in that time.\n');
    const flakes = async () => ({
      jobs: [unit],
      unread: [{ repository: 'acme/web', branch: 'main', because: 'it is gone' }],
    });
    const { out, err, code } = await sluice(['flakes', '--json'], { flakes });
    expect(JSON.parse(out)).toEqual(await flakes());
    expect(err).toContain('The ledger of acme/web main was not read');
    expect(code).toBe(1);
  });
});

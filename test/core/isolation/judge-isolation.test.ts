import { describe, expect, it } from 'vitest';
import { judgeStart } from '../../../src/core/isolation/isolation-standing.ts';
import { judgeIsolation, judgeSight, proofAgeMs } from '../../../src/core/isolation/judge-isolation.ts';
import { canaryDueAt, takeTurn } from '../../../src/core/isolation/take-sight.ts';
import type { IsolationNote, IsolationOutcome, ProvedIsolation } from '../../../src/model/isolation.ts';

const minute = 60_000;
const hour = 60 * minute;
const now = Date.UTC(2026, 10, 29, 12);

const settings: ProvedIsolation = {
  kind: 'proved',
  place: 'namespace builds',
  targets: [
    { name: 'pod', kind: 'pod' },
    { name: 'api', kind: 'connect', host: '10.0.0.1', port: 443 },
  ],
  accepted: [],
  control: { name: 'control', kind: 'connect', host: 'github.com', port: 443 },
};
const accepting = (...accepted: string[]): ProvedIsolation => ({ ...settings, accepted });

const seen = (name: string, outcome: IsolationOutcome) => ({ name, outcome, detail: 'ETEST' });

function sightOf(pod: IsolationOutcome | null, api: IsolationOutcome, control: IsolationOutcome = 'reached') {
  return {
    control: seen('control', control),
    targets: [...(pod === null ? [] : [seen('pod', pod)]), seen('api', api)],
  };
}

const noteOf = (changes: Partial<IsolationNote> = {}): IsolationNote => ({
  place: settings.place,
  at: now - hour,
  sight: sightOf('refused', 'no-answer'),
  since: now - 2 * hour,
  triedAt: now - hour,
  trouble: null,
  ...changes,
});

describe('one look of a canary', () => {
  it.each`
    pod            | api            | control        | expected
    ${'refused'}   | ${'no-answer'} | ${'reached'}   | ${'passed'}
    ${'no-answer'} | ${'no-answer'} | ${'reached'}   | ${'passed'}
    ${'reached'}   | ${'no-answer'} | ${'reached'}   | ${'failed'}
    ${'no-answer'} | ${'reached'}   | ${'reached'}   | ${'failed'}
    ${'reached'}   | ${'not-tried'} | ${'reached'}   | ${'failed'}
    ${'reached'}   | ${'no-answer'} | ${'no-answer'} | ${'failed'}
    ${'not-tried'} | ${'no-answer'} | ${'reached'}   | ${'unknown'}
    ${null}        | ${'no-answer'} | ${'reached'}   | ${'unknown'}
    ${'no-answer'} | ${'no-answer'} | ${'no-answer'} | ${'unknown'}
    ${'no-answer'} | ${'no-answer'} | ${'refused'}   | ${'unknown'}
    ${'no-answer'} | ${'no-answer'} | ${'not-tried'} | ${'unknown'}
  `('pod $pod, API server $api, what it must reach $control: $expected', ({ pod, api, control, expected }) => {
    expect(judgeSight(settings, sightOf(pod, api, control)).kind).toBe(expected);
  });

  it('names every target that was reached, and not what is accepted', () => {
    const sight = sightOf('reached', 'reached');
    expect(judgeSight(settings, sight)).toMatchObject({ reached: [{ name: 'pod' }, { name: 'api' }] });
    expect(judgeSight(accepting('pod'), sight)).toMatchObject({ reached: [{ name: 'api' }] });
    expect(judgeSight(accepting('pod', 'api'), sight)).toEqual({ kind: 'passed' });
  });

  it('says which target could not be tried', () => {
    expect(judgeSight(settings, sightOf('not-tried', 'no-answer'))).toEqual({
      kind: 'unknown',
      because: 'pod could not be tried (ETEST)',
    });
    expect(judgeSight(settings, sightOf(null, 'no-answer'))).toMatchObject({ because: 'pod was not tried yet' });
  });
});

describe('what is known of a place', () => {
  it.each`
    what                                | note                                                       | expected
    ${'no note'}                        | ${null}                                                    | ${'unknown'}
    ${'a proof of an hour ago'}         | ${noteOf()}                                                | ${'passed'}
    ${'a proof and a trouble since'}    | ${noteOf({ trouble: 'quota' })}                            | ${'passed'}
    ${'a proof of another place'}       | ${noteOf({ place: 'namespace other' })}                    | ${'unknown'}
    ${'a proof at the end of its days'} | ${noteOf({ at: now - proofAgeMs })}                        | ${'passed'}
    ${'a proof that is older'}          | ${noteOf({ at: now - proofAgeMs - 1 })}                    | ${'unknown'}
    ${'trouble, and nothing seen'}      | ${noteOf({ at: null, sight: null, trouble: 'x' })}         | ${'unknown'}
    ${'something reached, however old'} | ${noteOf({ at: 0, sight: sightOf('reached', 'refused') })} | ${'failed'}
  `('$what: $expected', ({ note, expected }) => {
    expect(judgeIsolation(settings, note, now).kind).toBe(expected);
  });
});

describe('a turn', () => {
  const turn = (sight: ReturnType<typeof sightOf>) => ({ kind: 'seen', sight }) as const;

  it('that proves nothing leaves the proof and says what was in the way', () => {
    const after = takeTurn(settings, noteOf(), turn(sightOf('no-answer', 'no-answer', 'no-answer')), now, now);
    expect(after).toMatchObject({
      at: now - hour,
      triedAt: now,
      trouble: expect.stringContaining('did not even reach'),
    });
    expect(judgeIsolation(settings, after, now).kind).toBe('passed');
    expect(takeTurn(settings, null, { kind: 'trouble', because: 'quota' }, now, now)).toMatchObject({
      at: null,
      trouble: 'quota',
    });
  });

  it('that reaches something ends a proof at once, and one that is repaired proves again', () => {
    const failed = takeTurn(settings, noteOf(), turn(sightOf('reached', 'refused')), now - 1000, now);
    expect(failed).toMatchObject({ at: now - 1000, since: now });
    const again = takeTurn(settings, failed, turn(sightOf('reached', 'reached')), now, now + minute);
    expect(again.since).toBe(now);
    const repaired = takeTurn(settings, again, turn(sightOf('refused', 'refused')), now, now + hour);
    expect(judgeIsolation(settings, repaired, now + hour).kind).toBe('passed');
    expect(repaired.since).toBe(now + hour);
  });

  it('counts nothing that was seen of another place', () => {
    const other = noteOf({ place: 'namespace other' });
    expect(takeTurn(settings, other, { kind: 'trouble', because: 'quota' }, now, now).sight).toBeNull();
  });

  it.each`
    what                                      | note                                                                       | restarted         | inMs
    ${'nothing known'}                        | ${null}                                                                    | ${now}            | ${0}
    ${'another place'}                        | ${noteOf({ place: 'x' })}                                                  | ${now}            | ${0}
    ${'passed before this start'}             | ${noteOf()}                                                                | ${now}            | ${0}
    ${'passed since this start'}              | ${noteOf()}                                                                | ${now - 2 * hour} | ${23 * hour}
    ${'tried by another process just before'} | ${noteOf({ triedAt: now - minute })}                                       | ${now}            | ${24 * hour - minute}
    ${'failed'}                               | ${noteOf({ sight: sightOf('reached', 'refused'), triedAt: now - minute })} | ${now - hour}     | ${4 * minute}
    ${'passed, and could not start'}          | ${noteOf({ trouble: 'quota', triedAt: now })}                              | ${now - hour}     | ${minute}
    ${'a target that was not tried yet'}      | ${noteOf({ sight: sightOf(null, 'refused'), triedAt: now })}               | ${now - hour}     | ${0}
  `('is due where $what: in $inMs ms', ({ note, restarted, inMs }) => {
    expect(canaryDueAt(settings, note, restarted, now) - now).toBe(inMs);
  });
});

describe('builds of code that nobody approved', () => {
  it('wait until something is proved, and say why, since when and what the operator can do', () => {
    const none = judgeStart(settings, null, now);
    expect(none).toMatchObject({ kind: 'held', because: expect.stringContaining('no canary has ended here yet') });
    const failed = judgeStart(settings, noteOf({ sight: sightOf('reached', 'reached') }), now);
    expect(failed).toMatchObject({ kind: 'held' });
    const { because } = failed as { because: string };
    expect(because).toContain('since 2026-11-29 10:00 UTC');
    expect(because).toContain('`pod` (`ETEST`), `api` (`ETEST`)');
    expect(because).toContain('`SLUICE_ISOLATION_ACCEPTED=pod,api`');
    expect(because).toContain('/ok-to-test');
  });

  it('start with a proof, with nothing said but what is accepted', () => {
    expect(judgeStart(settings, noteOf(), now)).toEqual({ kind: 'open', said: null });
    expect(judgeStart(accepting('pod', 'api'), noteOf(), now)).toMatchObject({
      kind: 'open',
      said: expect.stringContaining('`pod`, `api`'),
    });
  });

  it('start where nothing is to be proved, which is said', () => {
    expect(judgeStart({ kind: 'unproved', said: 'Nobody tries it.' }, null, now)).toEqual({
      kind: 'open',
      said: 'Nobody tries it.',
    });
  });
});

import { describe, expect, it } from 'vitest';
import type { PeriodicFacts } from '../../../src/core/periodic/facts.ts';
import { forgottenIssues } from '../../../src/core/periodic/forgotten-issues.ts';
import { markOf, readMark, writeMark } from '../../../src/core/periodic/issue-mark.ts';
import { redWords } from '../../../src/core/periodic/issue-words.ts';
import { judgeDue } from '../../../src/core/periodic/judge-due.ts';
import { nightliesOf } from '../../../src/core/periodic/nightlies-of.ts';
import { planPeriodic } from '../../../src/core/periodic/plan-periodic.ts';
import { treeKey } from '../../../src/core/presubmit/facts.ts';
import { type Build, externalIdFor } from '../../../src/model/build.ts';
import type { ObservedCheckRun } from '../../../src/model/check-run.ts';
import type { ObservedIssue } from '../../../src/model/issue.ts';
import type { Nightly, PeriodicRecord } from '../../../src/model/periodic.ts';
import type { PushRun } from '../../../src/model/push.ts';
import type { Schedule } from '../../../src/model/schedule.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { aConfig, aJob, aProject, people, sha } from '../../fakes/model-data.ts';

const project = aProject();
const subject = subjectIdOf({ kind: 'periodic', repository: project.id, branch: 'main' });
const now = Date.parse('2027-01-11T12:00:00Z');
const hour = 3_600_000;
const schedule: Schedule = { cron: '17 2 * * *', timeZone: 'UTC', minimumSeconds: 0, unchanged: 'run' };
const night = aJob('night', { pipelines: ['periodic'], schedules: [schedule] });
const [wanted] = nightliesOf(project, 'main', [night]);
if (wanted === undefined) throw new Error('no nightly');
const { key } = wanted;
const tip = { commit: sha('b'), tree: sha('7') };

function nightly(over: Partial<Nightly> = {}): Nightly {
  const plain = { dueAt: now + hour, startedAt: null, run: null, green: null, red: null, issue: null };
  return { ...wanted, key, schedule, jobs: ['night'], ...plain, ...over };
}

function recordOf(...nightlies: readonly Nightly[]): PeriodicRecord {
  return { schema: 1, project, branch: 'main', nightlies };
}

function facts(over: Partial<PeriodicFacts> = {}): PeriodicFacts {
  const config = { config: { kind: 'usable', config: aConfig([night]), notes: [] }, kinds: new Map() } as const;
  const planned = [
    { pipeline: 'periodic', job: 'night', decision: 'run', reason: 'its time came', images: [] },
  ] as const;
  return {
    now,
    subject,
    app: 7,
    isDefault: true,
    tip,
    wanted: { kind: 'known', nightlies: wanted === undefined ? [] : [wanted], shadow: false },
    reading: null,
    begun: new Map([[key, { kind: 'planned', planned, request: 3, said: new Map(), beneath: [] }]]),
    issues: new Map(),
    written: new Map(),
    lost: new Map([[key, []]]),
    below: new Map(),
    trees: new Map([[treeKey({ base: tip.commit, tree: tip.tree }), config]]),
    indexes: new Map(),
    told: new Set(),
    presses: [],
    pods: [],
    line: new Map(),
    logs: new Map(),
    starts: new Map(),
    forge: {},
    logUrl: () => null,
    ...over,
  };
}

function startOf({ begun }: PeriodicFacts) {
  const start = begun.get(key);
  if (start?.kind !== 'planned') throw new Error('nothing starts');
  return start;
}

function soleNightly({ record }: { readonly record: PeriodicRecord | null }): Nightly {
  const [only, ...others] = record?.nightlies ?? [];
  if (only === undefined || others.length > 0) throw new Error('not one nightly');
  return only;
}

/** A run whose one Build came to an end so. */
function endedRun(result: 'success' | 'failure'): PushRun {
  const started = soleNightly(planPeriodic(recordOf(nightly({ dueAt: now - 1 })), facts()));
  if (started.run === null) throw new Error('nothing was started');
  const outcome = { image: null, tail: '', annotation: null };
  const state = { phase: 'finished', result, because: 'it ended', startedAt: now, finishedAt: now, outcome } as const;
  const jobs = started.run.jobs.map((job) => {
    const builds = 'builds' in job.status ? job.status.builds.map((build): Build => ({ ...build, state })) : [];
    return { ...job, status: { kind: 'ended', result, builds } as const };
  });
  return { ...started.run, jobs };
}

const green = { commit: sha('a'), tree: sha('6'), at: now - 24 * hour };
const place = { commit: sha('b'), at: now - 10 * hour };
const red = { first: place, last: { ...place, failed: [] }, count: 1, before: sha('a') };
/** A check run that a state of before began. */
const lostRun: ObservedCheckRun = {
  id: 1,
  name: 'night',
  commit: sha('a'),
  externalId: 'y/1',
  state: { status: 'queued' },
  title: 'Waiting in line',
  summary: '',
  text: '',
  startedAt: 1,
  completedAt: null,
};
const issue = { number: 9, told: 'x', isOpen: true, dismissed: false };

describe('a time', () => {
  it.each`
    what                                                | over                                                                                                      | expected
    ${'to come'}                                        | ${{ dueAt: now + 1 }}                                                                                     | ${'wait'}
    ${'that never comes'}                               | ${{ dueAt: null }}                                                                                        | ${'wait'}
    ${'that has come'}                                  | ${{ dueAt: now }}                                                                                         | ${'start'}
    ${'while the run before goes on'}                   | ${{ dueAt: now, run: { commit: sha('a'), endedAt: null } }}                                               | ${'skip'}
    ${'within the minimum interval'}                    | ${{ dueAt: now, startedAt: now - hour, schedule: { ...schedule, minimumSeconds: 7200 } }}                 | ${'skip'}
    ${'after the minimum interval'}                     | ${{ dueAt: now, startedAt: now - 2 * hour, schedule: { ...schedule, minimumSeconds: 7200 } }}             | ${'start'}
    ${'with the tree that is green'}                    | ${{ dueAt: now, green: { ...green, tree: tip.tree }, schedule: { ...schedule, unchanged: 'skip' } }}      | ${'skip'}
    ${'with another tree than was green'}               | ${{ dueAt: now, green, schedule: { ...schedule, unchanged: 'skip' } }}                                    | ${'start'}
    ${'with the tree that was green, and failed since'} | ${{ dueAt: now, red, green: { ...green, tree: tip.tree }, schedule: { ...schedule, unchanged: 'skip' } }} | ${'start'}
    ${'with the green tree, always run'}                | ${{ dueAt: now, green: { ...green, tree: tip.tree } }}                                                    | ${'start'}
  `('$what is met with $expected', ({ over, expected }) => {
    expect(judgeDue(nightly(over), tip.tree, now).kind).toBe(expected);
  });

  it('goes on with a request that an earlier state began at the tip, and leaves what is concluded of it', () => {
    const plain = { id: 1, name: 'night', title: '', summary: '', text: '', startedAt: 1, completedAt: null };
    const said = (state: ObservedCheckRun['state']) => {
      const found = new Map([['night', { ...plain, commit: tip.commit, externalId: 'x/3', state }]]);
      const start = {
        kind: 'planned',
        planned: startOf(facts()).planned,
        request: 3,
        said: found,
        beneath: [],
      } as const;
      return soleNightly(planPeriodic(recordOf(nightly({ dueAt: now })), facts({ begun: new Map([[key, start]]) })));
    };
    const going = { request: 3, jobs: [{ request: 3, status: { kind: 'building' } }] };
    expect(said({ status: 'queued' })).toMatchObject({ red: null, run: going });
    expect(said({ status: 'completed', conclusion: 'failure' }).red).toMatchObject({ last: { commit: tip.commit } });
  });

  it('starts its jobs at the tip, asks for a slot, and is followed by the next one', () => {
    const plan = planPeriodic(recordOf(nightly({ dueAt: now - 30 * hour })), facts());
    const { run, dueAt, startedAt } = soleNightly(plan);
    expect(run).toMatchObject({ commit: tip.commit, request: 3, endedAt: null });
    expect([startedAt, dueAt]).toEqual([now, Date.parse('2027-01-12T02:17:00Z')]);
    expect(plan.line).toHaveLength(1);
    const [said] = plan.effects;
    expect(said).toMatchObject({
      kind: 'report',
      report: { name: 'night', commit: tip.commit, externalId: /\/3$/ },
    } as object);
  });

  it('looks once more for its issue where it knows of none that is open, as an old backup may have forgotten it', () => {
    const wantedWith = (known: Nightly['issue']): readonly string[] =>
      planPeriodic(recordOf(nightly({ dueAt: now, issue: known })), facts()).wants.issues;
    const closed = { number: 9, told: 'x', isOpen: false, dismissed: false };
    expect([wantedWith(null), wantedWith(closed)]).toEqual([[key], [key]]);
    expect([wantedWith({ ...closed, isOpen: true }), wantedWith({ ...closed, dismissed: true })]).toEqual([[], []]);
    const waiting = planPeriodic(recordOf(nightly({ dueAt: now + hour, issue: null })), facts());
    expect(waiting.wants.issues).toEqual([]);
  });

  it('ends what stands open of it on a commit before, as only a lost state can have begun that', () => {
    const start = { ...startOf(facts()), beneath: [lostRun] };
    const begins = facts({ begun: new Map([[key, start]]) });
    const cancelled = { commit: sha('a'), externalId: 'y/1', state: { status: 'completed', conclusion: 'cancelled' } };
    const due = planPeriodic(recordOf(nightly({ dueAt: now })), begins);
    expect(due.effects).toContainEqual({ kind: 'report', report: expect.objectContaining(cancelled) });
    const waiting = planPeriodic(recordOf(nightly({ dueAt: now + hour })), begins);
    expect(waiting.effects).toEqual([]);
  });

  it('that is asked of a file that is not valid is a failure that is told', () => {
    const because = '.sluice.yaml is not valid (line 1: x)';
    const plan = planPeriodic(
      recordOf(nightly({ dueAt: now - 1 })),
      facts({ wanted: { kind: 'invalid', because }, issues: new Map([[key, null]]) }),
    );
    expect(soleNightly(plan)).toMatchObject({ run: null, red: { count: 1, last: { failed: [{ because }] } } });
    expect(plan.issues).toMatchObject([{ number: null, isOpen: true, body: expect.stringContaining('is not valid') }]);
    expect(plan.effects).toEqual([]);
  });

  it('and ends what stands open of it, which nothing will go on with', () => {
    const wanted = { kind: 'invalid', because: '.sluice.yaml is not valid (line 1: x)' } as const;
    const due = recordOf(nightly({ dueAt: now - 1, issue }));
    expect(planPeriodic(due, facts({ wanted, lost: new Map() })).wants.lost).toEqual([key]);
    const { effects } = planPeriodic(due, facts({ wanted, lost: new Map([[key, [lostRun]]]) }));
    const summary = expect.stringContaining('is not valid (line 1: x)');
    const ended = { externalId: 'y/1', summary, state: { status: 'completed', conclusion: 'cancelled' } };
    expect(effects).toEqual([{ kind: 'report', report: expect.objectContaining(ended) }]);
    const unread = planPeriodic(due, facts({ wanted, lost: new Map([[key, null]]) }));
    expect([unread.effects, soleNightly(unread).red?.count]).toEqual([[], 1]);
  });

  it('of a branch that is not the default one starts nothing, and what ran there ends', () => {
    const run = soleNightly(planPeriodic(recordOf(nightly({ dueAt: now - 1 })), facts())).run;
    const plan = planPeriodic(recordOf(nightly({ dueAt: now - 1, run })), facts({ isDefault: false }));
    expect(soleNightly(plan)).toMatchObject({ dueAt: null, run: { jobs: [{ status: { result: 'aborted' } }] } });
    const rest = planPeriodic(recordOf(nightly({ dueAt: now - 1 })), facts({ isDefault: false }));
    expect([rest.record, rest.wakeAt === null]).toEqual([null, false]);
  });
});

describe('a run that ended', () => {
  it.each`
    result       | before            | after
    ${'success'} | ${{}}             | ${{ green: { commit: tip.commit, tree: tip.tree, at: now }, red: null }}
    ${'success'} | ${{ red, issue }} | ${{ green: { commit: tip.commit }, red: null, recovered: red }}
    ${'failure'} | ${{ green }}      | ${{ green, red: { count: 1, before: green.commit, first: { commit: tip.commit } } }}
    ${'failure'} | ${{ green, red }} | ${{ red: { count: 2, before: green.commit, first: place, last: { commit: tip.commit } } }}
  `('with $result after $before leaves $after', ({ result, before, after }) => {
    const plan = planPeriodic(
      recordOf(nightly({ run: endedRun(result), ...before })),
      facts({ issues: new Map([[key, null]]) }),
    );
    expect(soleNightly(plan)).toMatchObject(after);
  });

  it('is forgotten once the forge has its end', () => {
    const run = { ...endedRun('success'), endedAt: now - 1 };
    const [report] = planPeriodic(recordOf(nightly({ run })), facts()).effects;
    const id = report?.kind === 'report' ? report.report.externalId : '';
    expect(soleNightly(planPeriodic(recordOf(nightly({ run })), facts({ told: new Set([id]) }))).run).toBeNull();
  });
});

describe('Re-run on a job of a nightly', () => {
  const failed = { ...endedRun('failure'), endedAt: now - 1 };
  const [record] = failed.jobs;
  if (record === undefined) throw new Error('no job');
  const passed = { ...record, job: 'before', status: { kind: 'ended', result: 'success', builds: [] } } as const;
  const last = { ...failed, jobs: [passed, ...failed.jobs] };
  const { commit } = failed;
  const idOf = (request: number): string => {
    const { definition } = record;
    return externalIdFor({ subject, entry: `cron ${key}`, commit, job: 'night', definition, request });
  };
  const state = { status: 'completed', conclusion: 'failure' } as const;
  const text = { title: 'Failed', summary: 'It failed.', text: '', startedAt: 1, completedAt: 2 };
  const said = { id: 1, name: 'night', commit, externalId: idOf(3), state, ...text };
  const press = { by: people.ada, whyNot: null, said };

  it('has what did not pass of the last run built again at its commit, wherever the branch is; the rest stays', () => {
    const moved = { commit: sha('c'), tree: sha('8') };
    const plan = planPeriodic(recordOf(nightly({ last, red })), facts({ presses: [press, press], tip: moved }));
    const { run, last: left } = soleNightly(plan);
    expect(run).toMatchObject({ commit, request: 4, endedAt: null });
    expect(run?.jobs.map(({ job, status, request }) => [job, status.kind, request])).toEqual([
      ['before', 'ended', 4],
      ['night', 'building', 4],
    ]);
    expect([left, plan.line.length]).toEqual([undefined, 1]);
  });

  it.each`
    what                           | over                                                                   | facts                                                          | given                                         | because
    ${'by a stranger'}             | ${{ last }}                                                            | ${{}}                                                          | ${{ whyNot: 'it takes write permission' }}    | ${'it takes write permission'}
    ${'while it has not ended'}    | ${{ run: { ...last, endedAt: null } }}                                 | ${{}}                                                          | ${{}}                                         | ${'has not ended yet'}
    ${'of a request before'}       | ${{ last }}                                                            | ${{}}                                                          | ${{ said: { ...said, externalId: idOf(2) } }} | ${'it ran again since'}
    ${'of a commit before'}        | ${{ last }}                                                            | ${{}}                                                          | ${{ said: { ...said, commit: sha('9') } }}    | ${'only the last run of a nightly is run again'}
    ${'of which nothing is known'} | ${{}}                                                                  | ${{}}                                                          | ${{}}                                         | ${'not known any more'}
    ${'that is not in the file'}   | ${{ last, issue }}                                                     | ${{ wanted: { kind: 'known', nightlies: [], shadow: false } }} | ${{}}                                         | ${'not in the file of main any more'}
    ${'that passed'}               | ${{ last: { ...last, jobs: [{ ...record, status: passed.status }] } }} | ${{}}                                                          | ${{}}                                         | ${'it passed, and nothing is built twice'}
  `('$what is answered there: $because', ({ over, facts: around, given, because }) => {
    const plan = planPeriodic(recordOf(nightly(over)), facts({ ...around, presses: [{ ...press, ...given }] }));
    const said = plan.effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report.summary] : []));
    expect(said).toContainEqual(expect.stringContaining('* @ada pressed Re-run: '));
    expect(said).toContainEqual(expect.stringContaining(because));
    expect(plan.line).toEqual([]);
  });

  it('finds the last run kept once people were told all of it, and left when the next one begins', () => {
    const [report] = planPeriodic(recordOf(nightly({ run: failed, red })), facts()).effects;
    const told = new Set([report?.kind === 'report' ? report.report.externalId : '']);
    const kept = soleNightly(planPeriodic(recordOf(nightly({ run: failed, red })), facts({ told })));
    expect(kept).toMatchObject({ run: null, last: failed });
    const next = soleNightly(planPeriodic(recordOf({ ...kept, dueAt: now - 1 }), facts()));
    expect([next.run?.request, next.last]).toEqual([3, undefined]);
  });
});

describe('the issue of a nightly', () => {
  const open: ObservedIssue = { number: 9, isOpen: true, body: '' };
  const closed: ObservedIssue = { ...open, isOpen: false };

  it.each`
    what                                                 | over                                                            | found     | wishes
    ${'opened by the first failure'}                     | ${{ red }}                                                      | ${null}   | ${[{ number: null, isOpen: true }]}
    ${'edited by a further one'}                         | ${{ red, issue }}                                               | ${open}   | ${[{ number: 9, isOpen: true }]}
    ${'opened anew where somebody deleted it'}           | ${{ red, issue }}                                               | ${null}   | ${[{ number: null, isOpen: true }]}
    ${'left alone where a person closed it'}             | ${{ red, issue }}                                               | ${closed} | ${[]}
    ${'left alone by further failures after that'}       | ${{ red, issue: { ...issue, isOpen: false, dismissed: true } }} | ${closed} | ${[]}
    ${'closed by the next success'}                      | ${{ green, recovered: red, issue }}                             | ${open}   | ${[{ number: 9, isOpen: false }]}
    ${'left alone where a person closed it before that'} | ${{ green, recovered: red, issue }}                             | ${closed} | ${[]}
    ${'opened again by a failure after a success'}       | ${{ red, issue: { ...issue, isOpen: false } }}                  | ${closed} | ${[{ number: 9, isOpen: true }]}
    ${'nothing while all is well'}                       | ${{ green, issue: { ...issue, isOpen: false } }}                | ${closed} | ${[]}
  `('is $what', ({ over, found, wishes }) => {
    const plan = planPeriodic(recordOf(nightly(over)), facts({ issues: new Map([[key, found]]) }));
    expect(plan.issues).toHaveLength(wishes.length);
    expect(plan.issues).toMatchObject(wishes);
  });

  it('is looked for before anything is written, and not written twice', () => {
    const first = planPeriodic(recordOf(nightly({ red })), facts());
    expect([first.wants.issues, first.issues]).toEqual([[key], []]);
    const written = facts({ issues: new Map([[key, null]]) });
    const [wish] = planPeriodic(recordOf(nightly({ red })), written).issues;
    if (wish === undefined) throw new Error('nothing is wished');
    const after = planPeriodic(
      recordOf(nightly({ red })),
      facts({ written: new Map([[key, { number: 9, told: 'told' }]]) }),
    );
    expect(soleNightly(after).issue).toMatchObject({ number: 9, isOpen: true });
    expect(after.wants.issues).toEqual([key]);
  });

  it('of a nightly that the file does not name any more is closed, and then all of it is forgotten', () => {
    const none = { kind: 'known', nightlies: [], shadow: false } as const;
    const closing = planPeriodic(
      recordOf(nightly({ red, issue })),
      facts({ wanted: none, issues: new Map([[key, open]]) }),
    );
    expect(closing.issues).toMatchObject([{ number: 9, isOpen: false }]);
    const gone = recordOf(nightly({ red, issue: { ...issue, isOpen: false } }));
    expect(planPeriodic(gone, facts({ wanted: none })).record).toBeNull();
  });

  it('that we closed ourselves without noting it is opened again where the nightly comes back as it was, and has times again', () => {
    const none = { kind: 'known', nightlies: [], shadow: false } as const;
    const found = new Map([[key, open]]);
    const gone = planPeriodic(recordOf(nightly({ red, issue })), facts({ wanted: none, issues: found }));
    const { body } = gone.issues[0] ?? { body: '' };
    const left = soleNightly(gone);
    expect([left.dueAt, left.issue]).toMatchObject([null, { isOpen: true }]);
    const back = planPeriodic(recordOf(left), facts({ issues: new Map([[key, { ...closed, body }]]) }));
    expect(soleNightly(back).dueAt).toBe(Date.parse('2027-01-12T02:17:00Z'));
    expect(back.issues).toMatchObject([{ number: 9, isOpen: true }]);
    const passed = recordOf(nightly({ green, recovered: red, issue }));
    const [green9] = planPeriodic(passed, facts({ issues: found })).issues;
    const again = new Map([[key, { ...closed, body: green9?.body ?? '' }]]);
    const failing = planPeriodic(recordOf(nightly({ red, issue })), facts({ issues: again }));
    expect(failing.issues).toMatchObject([{ number: 9, isOpen: true }]);
  });

  it('of a nightly that is gone stays known until what was begun of it and lost has its end on the forge', () => {
    const none = { kind: 'known', nightlies: [], shadow: false } as const;
    const gone = recordOf(nightly());
    const unasked = planPeriodic(gone, facts({ wanted: none, lost: new Map() }));
    expect(unasked.wants.lost).toEqual([key]);
    const unread = planPeriodic(gone, facts({ wanted: none, lost: new Map([[key, null]]) }));
    expect(unread).toMatchObject({ effects: [], record: { nightlies: [{ key }] }, wakeAt: now + 60_000 });
    const ending = planPeriodic(gone, facts({ wanted: none, lost: new Map([[key, [lostRun]]]) }));
    const { externalId } = lostRun;
    const report = { externalId, state: { conclusion: 'cancelled' }, summary: expect.stringContaining('`main`') };
    expect(ending).toMatchObject({ effects: [{ kind: 'report', report }], record: { nightlies: [{ key }] } });
    expect(planPeriodic(gone, facts({ wanted: none })).record).toBeNull();
  });

  it('of which nothing is known is closed where the file does not name its nightly, and says what it said', () => {
    const body = redWords({ project, branch: 'main' }, nightly({ red }), red).body;
    const open = { number: 9, title: 'The nightly of main fails: night', body };
    expect(forgottenIssues('main', [{ key }], [open])).toEqual([]);
    expect(forgottenIssues('main', [], [{ ...open, body: 'of somebody else' }])).toEqual([]);
    const [wish, ...others] = forgottenIssues('main', [{ key: 'another' }], [open]);
    expect([others, wish]).toMatchObject([[], { number: 9, title: open.title, isOpen: false, mark: markOf(key) }]);
    expect(wish?.body).toContain('failed once');
    expect(wish?.body).toContain('It is not in the file of `main` any more');
    // What was red is forgotten: a nightly that comes back is none that a person closed.
    expect(readMark(wish?.body ?? '', key)).toBeNull();
  });

  it('is not written where the project only tries us out', () => {
    const shadow = { kind: 'known', nightlies: [wanted], shadow: true } as const;
    const plan = planPeriodic(recordOf(nightly({ red })), facts({ wanted: shadow as PeriodicFacts['wanted'] }));
    expect([plan.issues, plan.wants.issues]).toEqual([[], []]);
  });

  it.each([
    '',
    'null',
    '{"red":{}}',
    '{"red":{"first":{"commit":"x","at":1}}}',
    '{"red":{"first":{"commit":"x","at":1},"last":{"commit":"](https://evil)","at":1},"count":1}}',
    '{"green":{"commit":1}}',
    '[1',
    '{"__proto__":{"red":1}}',
  ])('keeps nothing where somebody wrote %s into it', (text) => {
    expect(readMark(`${markOf(key)}${text} -->`, key)).toBeNull();
  });

  it('keeps what was red or green for whoever has lost everything else', () => {
    expect(readMark(`Hello\n${writeMark(nightly({ red }))}`, key)).toEqual({ kind: 'red', streak: red });
    expect(readMark(writeMark(nightly({ green })), key)).toEqual({ kind: 'green', run: green });
    expect(readMark(writeMark(nightly({ green })), 'another')).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import type { PlannedJob } from '../../../src/core/postsubmit/planned-job.ts';
import { treeKey } from '../../../src/core/presubmit/facts.ts';
import { buildsOf } from '../../../src/core/push/advance-run.ts';
import { type JudgedPush, type PushedFacts, pushKey } from '../../../src/core/push/facts.ts';
import { planPushes } from '../../../src/core/push/plan-pushes.ts';
import { versionCheckId } from '../../../src/core/push/report-run.ts';
import { type Build, externalIdFor } from '../../../src/model/build.ts';
import type { ObservedCheckRun } from '../../../src/model/check-run.ts';
import type { Job } from '../../../src/model/job.ts';
import type { LedgerDetail, LedgerEntry } from '../../../src/model/ledger.ts';
import type { PromoteEffect } from '../../../src/model/promote-effect.ts';
import type { PushRecord, PushRun } from '../../../src/model/push.ts';
import type { ReleaseWish } from '../../../src/model/release.ts';
import type { ReleaseRun } from '../../../src/model/release-run.ts';
import { type Sha, toDigest } from '../../../src/model/sha.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { aConfig, aJob, anImage, anImageJob, aProject, people, sha } from '../../fakes/model-data.ts';

const project = aProject();
const subject = subjectIdOf({ kind: 'push', repository: project.id, branch: 'main' });
const app = 7;
const tree = sha('7');
const before = sha('a');

const publish = anImageJob('publish', [], {
  content: {
    template: 'upload-image',
    images: [anImage('api', { repository: 'quay.io/acme/api' })],
    publish: 'direct',
  },
  pipelines: ['postsubmit'],
});

const runs: PlannedJob = {
  pipeline: 'postsubmit',
  job: 'publish',
  decision: 'run',
  reason: 'V7: dev images of what changed',
  images: [{ name: 'api', tags: ['latest'] }],
};

/** Our check run of the job `publish` on the commit that is pushed. */
function aCheck(request: number, state: ObservedCheckRun['state'], job: Pick<Job, 'name' | 'definition'> = publish) {
  const { name, definition } = job;
  const parts = { subject, entry: 'push', commit: sha('b'), job: name, definition, request };
  const plain = { id: request, name, title: '', summary: '', text: '', startedAt: 1, completedAt: null };
  return { ...plain, commit: sha('b'), externalId: externalIdFor(parts), state };
}

function judged(over: Partial<Extract<JudgedPush, { kind: 'judged' }>> = {}): JudgedPush {
  return {
    kind: 'judged',
    tree,
    planned: [runs],
    version: null,
    shadow: false,
    at: 5_000,
    own: [],
    beneath: [],
    ...over,
  };
}

function entriesOf(...details: readonly LedgerDetail[]): readonly LedgerEntry[] {
  return details.map((detail, index) => {
    return { schema: 1, sequence: index + 1, repository: project.id, branch: 'main', at: 1, detail };
  });
}

function landed(from: Sha, commit: Sha): LedgerDetail {
  const verdict = { commit, tree, checks: [], configuration: '', git: '', at: 1 };
  return { kind: 'landed', number: 1, head: sha('e'), from, commit, method: 'merge', by: people.ada, verdict };
}

const owner: LedgerDetail = { kind: 'owner', app };

function factsAt(tip: Sha | null, over: Partial<PushedFacts> & { readonly entries?: readonly LedgerEntry[] } = {}) {
  const { entries = [], ...rest } = over;
  const kinds = new Map([['Dockerfile', { kind: 'file' }] as const]);
  const config = { config: { kind: 'usable', config: aConfig([publish]), notes: [] }, kinds } as const;
  const commits = [sha('b'), sha('c'), sha('d')];
  const facts: PushedFacts = {
    now: 10_000,
    subject,
    app,
    reading: { tip, ledger: { kind: 'whole', head: null, entries } },
    by: people.ada,
    pushers: [],
    backs: [],
    brought: new Map(),
    releases: new Map(),
    judged: new Map(),
    below: new Map(),
    trees: new Map(commits.map((base) => [treeKey({ base, tree }), config])),
    indexes: new Map(),
    told: new Set(),
    presses: [],
    branches: null,
    uncut: new Map(),
    proposed: new Map(),
    closed: new Map(),
    pods: [],
    line: new Map(),
    logs: new Map(),
    starts: new Map(),
    forge: {},
    logUrl: () => null,
    ...rest,
  };
  return facts;
}

const record: PushRecord = { schema: 1, project, branch: 'main', seen: before, runs: [] };

function pushed(seen: Sha, after: Sha, push: JudgedPush = judged()): Pick<PushedFacts, 'judged'> {
  return { judged: new Map([[pushKey({ before: seen, after }), push]]) };
}

describe('a push', () => {
  it('is judged first, and then its jobs wait for a slot at its own commit', () => {
    const first = planPushes(record, factsAt(sha('b')));
    expect(first.wants.pushes).toEqual([{ before, after: sha('b') }]);
    const plan = planPushes(record, factsAt(sha('b'), pushed(before, sha('b'))));
    expect(plan.record).toMatchObject({ seen: sha('b'), runs: [{ commit: sha('b'), by: people.ada, endedAt: null }] });
    expect(plan.line).toHaveLength(1);
    const [said] = plan.effects;
    expect(said).toMatchObject({
      kind: 'report',
      report: { name: 'publish', commit: sha('b'), state: { status: 'queued' } },
    });
  });

  it('beneath our own landings is found, and what landed is not built', () => {
    const entries = entriesOf(owner, landed(before, sha('c')));
    const landing = { before, after: sha('c'), landedBy: people.ada };
    expect(planPushes(record, factsAt(sha('c'), { entries })).wants.pushes).toEqual([landing]);
    const nothing = { kind: 'nothing', own: [] } as const;
    expect(planPushes(record, factsAt(sha('c'), { entries, ...pushed(before, sha('c'), nothing) }))).toMatchObject({
      record: { seen: sha('c'), runs: [] },
      wants: { pushes: [] },
    });
    // Not even where its own file would have it built: the gate's digests are promoted.
    const asIf = factsAt(sha('c'), { entries, ...pushed(before, sha('c')) });
    expect(planPushes(record, asIf).record).toMatchObject({ seen: sha('c'), runs: [] });
    const onPush = entriesOf(owner, landed(sha('b'), sha('c')));
    expect(planPushes(record, factsAt(sha('c'), { entries: onPush })).wants.pushes).toEqual([
      { before, after: sha('b') },
    ]);
  });

  it('that was taken for one while its ledger could not be trusted is none once that says that it landed', () => {
    const reading = { tip: sha('c'), ledger: { kind: 'broken', because: 'a commit is not signed' } } as const;
    const taken = planPushes(record, factsAt(sha('c'), { reading, ...pushed(before, sha('c')) }));
    expect(taken.record).toMatchObject({ seen: sha('c'), runs: [{ commit: sha('c'), isUnread: true }] });
    const entries = entriesOf(owner, landed(sha('b'), sha('c')));
    const after = planPushes(taken.record ?? record, factsAt(sha('c'), { entries }));
    expect(after.wants.pushes).toEqual([{ before, after: sha('b') }]);
    // Where it was a push, it stays one.
    const plain = planPushes(taken.record ?? record, factsAt(sha('c'), { entries: entriesOf(owner) }));
    expect([plain.wants.pushes, plain.record?.seen]).toEqual([[], sha('c')]);
    expect(plain.record?.runs[0]).not.toHaveProperty('isUnread');
  });

  it('whose predecessor only waits is judged from where that one began, and that one is told', () => {
    const waiting = planPushes(record, factsAt(sha('b'), pushed(before, sha('b')))).record;
    if (waiting === null) throw new Error('it was forgotten');
    const plan = planPushes(waiting, factsAt(sha('c'), pushed(before, sha('c'))));
    expect(plan.record?.runs.map(({ commit }) => commit)).toEqual([sha('b'), sha('c')]);
    const ended = plan.effects.find((effect) => effect.kind === 'report' && effect.report.commit === sha('b'));
    expect(ended).toMatchObject({ report: { state: { status: 'completed', conclusion: 'cancelled' } } });
  });

  it('takes the place of what waits, but for jobs that queue and what they need: those are built as well', () => {
    const config = (jobs: readonly Job[]) =>
      ({
        config: { kind: 'usable', config: aConfig(jobs), notes: [] },
        kinds: new Map([['Dockerfile', { kind: 'file' } as const]]),
      }) as const;
    const all = [
      aJob('unit', { pipelines: ['postsubmit'] }),
      { ...publish, onNew: 'queue', needs: [{ job: 'unit', soft: false }] } as const,
      aJob('lint', { pipelines: ['postsubmit'] }),
    ];
    const plain = { pipeline: 'postsubmit', decision: 'run', reason: 'it says so', images: [] } as const;
    const planned = [{ ...plain, job: 'unit' }, runs, { ...plain, job: 'lint' }];
    const push = (from: Sha, to: Sha, jobs: readonly Job[]) => {
      const trees = new Map([sha('b'), sha('c')].map((base) => [treeKey({ base, tree }), config(jobs)] as const));
      return factsAt(to, { ...pushed(from, to, judged({ planned })), trees });
    };
    const states = ({ jobs }: PushRun) =>
      jobs.map(({ job, status }) => `${job} ${'result' in status ? status.result : status.kind}`);
    const waiting = planPushes(record, push(before, sha('b'), all)).record;
    if (waiting === null) throw new Error('it was forgotten');
    const mixed = planPushes(waiting, push(before, sha('c'), all));
    expect(mixed.record?.runs.map(states)).toEqual([
      ['unit building', 'publish blocked', 'lint aborted'],
      ['unit building', 'publish blocked', 'lint building'],
    ]);
    expect(mixed.record?.runs[0]?.tags).toEqual({ unit: {}, publish: { api: ['latest'] } });
    const queuing = all.map((job): Job => ({ ...job, onNew: 'queue' }));
    const first = planPushes(record, push(before, sha('b'), queuing)).record;
    if (first === null) throw new Error('it was forgotten');
    // Nothing of the first is replaced, so that the second is what was pushed since.
    expect(planPushes(first, push(before, sha('c'), queuing)).wants.pushes).toEqual([
      { before: sha('b'), after: sha('c') },
    ]);
    const second = planPushes(first, push(sha('b'), sha('c'), queuing));
    expect(second.record?.runs.map(states)).toEqual([
      ['unit building', 'publish blocked', 'lint building'],
      ['unit building', 'publish blocked', 'lint building'],
    ]);
  });

  it('back to a commit whose push was dropped has check runs of its own, and the end of the dropped one is told', () => {
    const first = planPushes(record, factsAt(sha('b'), pushed(before, sha('b')))).record as PushRecord;
    const second = planPushes(first, factsAt(sha('c'), pushed(before, sha('c')))).record as PushRecord;
    const plan = planPushes(second, factsAt(sha('b'), pushed(before, sha('b'))));
    const said = plan.effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report] : []));
    const ofBack = said.filter(({ commit }) => commit === sha('b'));
    expect(ofBack.map(({ state, externalId }) => [externalId.slice(-2), state.status])).toEqual([
      ['/1', 'completed'],
      ['/2', 'queued'],
    ]);
    expect(plan.record?.runs.map(({ commit, request = 1 }) => [commit, request])).toEqual([
      [sha('b'), 1],
      [sha('c'), 1],
      [sha('b'), 2],
    ]);
  });

  it('back to a commit of which something runs goes on with that', () => {
    const first = planPushes(record, factsAt(sha('b'), pushed(before, sha('b')))).record as PushRecord;
    const away = { ...first, seen: sha('c') };
    const plan = planPushes(away, factsAt(sha('b'), pushed(before, sha('b'))));
    expect(plan.record?.runs).toEqual(first.runs);
  });

  it('to a commit that was answered before is the next request of it', () => {
    const own = [1, 2].map((request) => aCheck(request, { status: 'completed', conclusion: 'failure' }));
    const again = judged({ own });
    const plan = planPushes(record, factsAt(sha('b'), pushed(before, sha('b'), again)));
    expect(plan.effects).toMatchObject([{ report: { externalId: expect.stringMatching(/\/3$/) } }]);
  });

  it('that was lost half-way goes on with what is open, builds nothing twice, and leaves what is concluded', () => {
    const [unit, lint] = ['unit', 'lint'].map((name) => aJob(name, { pipelines: ['postsubmit'] })) as [Job, Job];
    const kinds = new Map([['Dockerfile', { kind: 'file' } as const]]);
    const config = { config: { kind: 'usable', config: aConfig([unit, lint, publish]), notes: [] }, kinds } as const;
    const trees = new Map([[treeKey({ base: sha('b'), tree }), config] as const]);
    const plain = { pipeline: 'postsubmit', decision: 'run', reason: 'it says so', images: [] } as const;
    const planned = [{ ...plain, job: 'unit' }, { ...plain, job: 'lint' }, runs];
    const done = { status: 'completed', conclusion: 'success' } as const;
    const own = [aCheck(1, done, unit), aCheck(2, { status: 'queued' }, lint), aCheck(1, done)];
    const plan = planPushes(record, {
      ...factsAt(sha('b'), pushed(before, sha('b'), judged({ planned, own }))),
      trees,
    });
    expect(plan.record?.runs[0]?.jobs.map(({ job, request, status }) => [job, request, status.kind])).toEqual([
      ['unit', 1, 'ended'],
      ['lint', 2, 'building'],
      ['publish', 2, 'building'],
    ]);
    const said = plan.effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report] : []));
    expect(said.map(({ name, externalId }) => [name, externalId.slice(-2)])).toEqual([
      ['lint', '/2'],
      ['publish', '/2'],
    ]);
  });

  it('that was lost leaves what was skipped when it was pushed, as it was judged when more was known', () => {
    const unit = aJob('unit', { pipelines: ['postsubmit'] });
    const kinds = new Map([['Dockerfile', { kind: 'file' } as const]]);
    const config = { config: { kind: 'usable', config: aConfig([unit, publish]), notes: [] }, kinds } as const;
    const trees = new Map([[treeKey({ base: sha('b'), tree }), config] as const]);
    const planned = [{ ...runs, job: 'unit', images: [] }, runs];
    const own = [aCheck(1, { status: 'in_progress' }, unit), aCheck(1, { status: 'completed', conclusion: 'skipped' })];
    const facts = { ...factsAt(sha('b'), pushed(before, sha('b'), judged({ planned, own }))), trees };
    const plan = planPushes(record, facts);
    expect(plan.record?.runs[0]?.jobs.map(({ job, request, status }) => [job, request, status.kind])).toEqual([
      ['unit', 1, 'building'],
      ['publish', 1, 'skipped'],
    ]);
    const said = plan.effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report.name] : []));
    expect(said).toEqual(['unit']);
  });

  it('that was lost with two runs of one commit goes on with the newer, and the older has an end', () => {
    const version = (request: number): ObservedCheckRun => {
      const externalId = versionCheckId(subject, sha('b'), request);
      return { ...aCheck(request, { status: 'in_progress' }), name: 'sluice/version', externalId };
    };
    const own = [version(1), version(2), aCheck(2, { status: 'queued' })];
    const words = { state: 'building', title: 'V7: dev images', summary: '' } as const;
    const plan = planPushes(record, factsAt(sha('b'), pushed(before, sha('b'), judged({ own, version: words }))));
    expect(plan.record?.runs).toMatchObject([{ request: 2, jobs: [{ request: 2 }] }]);
    const ended = { externalId: own[0]?.externalId, state: { status: 'completed', conclusion: 'cancelled' } };
    expect(plan.record?.orphans).toMatchObject([{ ...ended, summary: expect.stringContaining('pushed again since') }]);
    const said = plan.effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report] : []));
    expect(said.map(({ name, externalId }) => [name, externalId.slice(-2)])).toEqual([
      ['sluice/version', '/1'],
      ['sluice/version', '/2'],
      ['publish', '/2'],
    ]);
  });

  it('that was lost goes on with what is open, whatever of a release ends on its commit', () => {
    const state = { status: 'completed', conclusion: 'cancelled' } as const;
    const plain = { name: 'sluice/release/1.2.0', title: '', summary: 'lost', text: '', annotations: [], actions: [] };
    const ending = { ...plain, commit: sha('b'), detailsUrl: null, startedAt: 1, completedAt: 2, state };
    const lost: PushRecord = { ...record, orphans: [{ ...ending, externalId: 'sluice-release-ab/1' }] };
    const own = [aCheck(1, { status: 'queued' })];
    const requestOn = (orphaned: PushRecord): number | undefined => {
      const plan = planPushes(orphaned, factsAt(sha('b'), pushed(before, sha('b'), judged({ own }))));
      return plan.record?.runs[0]?.jobs[0]?.request;
    };
    expect(requestOn(lost)).toBe(1);
    const itself = { ...ending, name: 'publish', externalId: aCheck(1, state).externalId };
    expect(requestOn({ ...record, orphans: [itself] })).toBe(2);
  });

  it('that was lost and overtaken is told until the forge has the end of it', () => {
    const externalId = 'lost/1';
    const state = { status: 'completed', conclusion: 'cancelled' } as const;
    const plain = { name: 'publish', title: '', summary: 'lost', text: '', annotations: [], actions: [] };
    const report = { ...plain, commit: sha('e'), externalId, state, detailsUrl: null, startedAt: 1, completedAt: 2 };
    const lost: PushRecord = { ...record, orphans: [report] };
    const plan = planPushes(lost, factsAt(before));
    expect(plan.effects).toEqual([{ kind: 'report', report }]);
    expect(plan).toMatchObject({ record: { orphans: [report] }, wakeAt: expect.any(Number) });
    const done = planPushes(lost, factsAt(before, { told: new Set([externalId]) }));
    expect(done).toMatchObject({ effects: [], record: expect.not.objectContaining({ orphans: expect.anything() }) });
  });

  it('on others that were lost ends what stands open there, but not what is under way', () => {
    const begun = planPushes(record, factsAt(sha('b'), pushed(before, sha('b'))));
    const first = begun.record as PushRecord;
    const [said] = begun.effects;
    const own = said?.kind === 'report' ? said.report.externalId : '';
    const plain = { id: 9, name: 'publish', title: '', summary: '', text: '', startedAt: 1, completedAt: null };
    const open = { ...plain, state: { status: 'queued' } } as const;
    const beneath = [
      { ...open, commit: sha('b'), externalId: own },
      { ...open, commit: sha('e'), externalId: 'eeee/1' },
    ];
    const running = { ...first, seen: sha('b') };
    const plan = planPushes(running, factsAt(sha('c'), pushed(before, sha('c'), judged({ beneath }))));
    expect(plan.record?.orphans).toMatchObject([
      { commit: sha('e'), externalId: 'eeee/1', state: { status: 'completed', conclusion: 'cancelled' } },
    ]);
    expect(plan.record?.orphans?.[0]?.summary).toContain(`${sha('c').slice(0, 12)} was pushed since`);
    expect(plan.effects).toContainEqual({ kind: 'report', report: plan.record?.orphans?.[0] });
  });

  it('that only went back to what is recorded ends what a lost state left open there, and leaves what has ended', () => {
    const own = [aCheck(1, { status: 'completed', conclusion: 'success' }), aCheck(2, { status: 'in_progress' })];
    const back = pushed(before, sha('b'), { kind: 'nothing', own });
    const plan = planPushes(record, factsAt(sha('b'), back));
    const cancelled = { state: { status: 'completed', conclusion: 'cancelled' }, externalId: own[1]?.externalId };
    expect(plan.record).toMatchObject({ seen: sha('b'), runs: [], orphans: [cancelled] });
    expect(plan.effects).toMatchObject([{ kind: 'report', report: cancelled }]);
  });

  it('is known to be judged from the first one that was, where nothing was told of the one before', () => {
    const untold: PushRecord = { ...record, isUntold: true };
    expect(planPushes(untold, factsAt(before)).record).toMatchObject({ isUntold: true });
    const plan = planPushes(untold, factsAt(sha('b'), pushed(before, sha('b'))));
    expect(plan.record).not.toHaveProperty('isUntold');
    const entries = entriesOf(owner, landed(before, sha('c')));
    const nothing = factsAt(sha('c'), { entries, ...pushed(before, sha('c'), { kind: 'nothing', own: [] }) });
    expect(planPushes(untold, nothing).record).toMatchObject({ seen: sha('c'), isUntold: true });
  });

  it('that cannot be begun yet, as what its images name is not to be had, is as little known as before', () => {
    const config = { kind: 'refused', because: 'the forge is away', where: null, problems: [] } as const;
    const trees = new Map([[treeKey({ base: sha('b'), tree }), { config, kinds: new Map() }]]);
    const given: PushRecord = { ...record, isUntold: true, isUnsure: true };
    const push = { before, after: sha('b'), isUnsure: true } as const;
    const plan = planPushes(given, factsAt(sha('b'), { judged: new Map([[pushKey(push), judged()]]), trees }));
    expect(plan).toMatchObject({ isJudged: false, record: { seen: before, isUntold: true, isUnsure: true, runs: [] } });
  });

  it('beneath which something may be missing is judged so, and what takes its place too, until it was built', () => {
    const first = planPushes({ ...record, isUnsure: true }, factsAt(sha('b')));
    expect(first.wants.pushes).toEqual([{ before, after: sha('b'), isUnsure: true }]);
    expect(first.record).toMatchObject({ isUnsure: true });
    const { record: waiting } = planPushes({ ...record, isUnsure: true }, factsAt(sha('b'), pushed(before, sha('b'))));
    expect(waiting).not.toHaveProperty('isUnsure');
    expect(waiting?.runs).toMatchObject([{ isUnsure: true }]);
    const newer = { before, after: sha('c'), isUnsure: true };
    expect(planPushes(waiting ?? record, factsAt(sha('c'))).wants.pushes).toEqual([newer]);
  });

  it('of a branch that no job is for leaves nothing behind', () => {
    const plan = planPushes(record, factsAt(sha('b'), pushed(before, sha('b'), { kind: 'unwatched' })));
    expect(plan).toMatchObject({ record: null, effects: [], wakeAt: null });
  });

  it('that cannot be read is looked at again, the branch is not taken as seen, and who pushed it is still needed', () => {
    const plan = planPushes(record, factsAt(sha('b'), pushed(before, sha('b'), { kind: 'unread' })));
    expect(plan.record?.seen).toBe(before);
    expect(plan.wakeAt).toBeGreaterThan(10_000);
    expect(plan.isJudged).toBe(false);
    expect(planPushes(record, { ...factsAt(sha('b'), {}), reading: null }).isJudged).toBe(false);
    expect(planPushes(record, factsAt(sha('b'), pushed(before, sha('b'), { kind: 'nothing', own: [] }))).isJudged).toBe(
      true,
    );
  });

  it('with a file that is refused says so on its commit', () => {
    const refused = {
      kind: 'refused',
      tree,
      because: '.sluice.yaml is not valid',
      at: 1,
      own: [],
      beneath: [],
    } as const;
    const plan = planPushes(record, factsAt(sha('b'), pushed(before, sha('b'), refused)));
    const [said] = plan.effects;
    expect(said).toMatchObject({
      report: {
        name: 'sluice/version',
        title: 'Nothing was built: .sluice.yaml is not valid',
        state: { conclusion: 'failure' },
      },
    });
  });

  it('is cancelled while it waits when its branch is deleted', () => {
    const waiting = planPushes(record, factsAt(sha('b'), pushed(before, sha('b')))).record;
    if (waiting === null) throw new Error('it was forgotten');
    const plan = planPushes(waiting, factsAt(null));
    const [said] = plan.effects;
    expect(said).toMatchObject({ report: { state: { conclusion: 'cancelled' } } });
    expect(plan.line).toEqual([]);
  });
});

describe('what a push has built', () => {
  const digest = toDigest(`sha256:${'d'.repeat(64)}`);
  const name = 'quay.io/acme/api';
  const uploaded = { repository: name, tag: 'change_0_b', mediaType: 'application/x', manifestBytes: 9 };

  /** The run of it, all of which has passed. */
  function built(): PushRecord {
    const begun = planPushes(record, factsAt(sha('b'), pushed(before, sha('b')))).record;
    const passed = (build: Build): Build => ({
      ...build,
      state: {
        phase: 'finished',
        startedAt: 6_000,
        finishedAt: 9_000,
        result: 'success',
        because: '',
        outcome: { image: { digest, bytes: 10, layers: 1, uploaded }, tail: '', annotation: null },
      },
    });
    const runs = (begun?.runs ?? []).map((run) => ({
      ...run,
      jobs: run.jobs.map((job) => ({
        ...job,
        status: { kind: 'ended' as const, result: 'success' as const, builds: buildsOf(job).map(passed) },
      })),
    }));
    return { ...record, ...begun, runs };
  }
  const told = ({ effects }: ReturnType<typeof planPushes>) =>
    effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report] : []));

  it('stays open on its commit until the ledger has it, so that it is found after a loss', () => {
    const below = new Map([[sha('b'), { below: 0 }]]);
    const first = planPushes(built(), factsAt(sha('b'), { entries: entriesOf(owner), below }));
    expect(first.effects).toContainEqual(expect.objectContaining({ kind: 'append' }));
    expect(told(first)).toMatchObject([
      { name: 'publish', state: { status: 'in_progress' }, title: 'Passed in 3.0 s; not published yet' },
    ]);
    const [append] = first.effects.filter(({ kind }) => kind === 'append');
    const detail = append?.kind === 'append' ? append.entry.detail : owner;
    const second = planPushes(built(), factsAt(sha('b'), { entries: entriesOf(owner, detail), below }));
    expect(told(second)).toMatchObject([{ state: { status: 'completed', conclusion: 'success' } }]);
    expect(second.record?.runs[0]?.endedAt).toBe(10_000);
  });

  it('is not said to be done while the ledger cannot be trusted, and why', () => {
    const reading = { tip: sha('b'), ledger: { kind: 'broken', because: 'a commit is not signed' } } as const;
    expect(told(planPushes(built(), factsAt(sha('b'), { reading })))).toMatchObject([
      { state: { status: 'in_progress' }, summary: expect.stringContaining('a commit is not signed') },
    ]);
  });
});

describe('what a push releases', () => {
  const wishOf = (version: string, commit: Sha, by: ReleaseWish['by'] = people.ada): ReleaseWish => ({
    branch: 'main',
    component: null,
    version,
    tag: null,
    commit,
    by,
    ground: before,
    held: null,
    isVersion: true,
  });
  const words = { state: 'building', title: 'V11: release v1.2.3', summary: '' } as const;
  const two = judged({
    planned: [],
    version: words,
    releases: [wishOf('v1.2.3', sha('c')), wishOf('v1.2.4', sha('d'))],
  });
  const asked = (plan: { readonly effects: readonly PromoteEffect[] }) =>
    plan.effects.flatMap((effect) =>
      effect.kind === 'on' && effect.effect.kind === 'tell' ? [effect.effect.queue.split('/').at(-1)] : [],
    );
  const standing = (version: string, commit: Sha, stage: ReleaseRun['stage'], endedAt: number | null, row = 'V11') =>
    [version.slice(1), { wish: wishOf(version, commit), stage, endedAt, row }] as const;
  const begun = (): PushRecord => {
    const { record: next } = planPushes(record, factsAt(sha('b'), pushed(before, sha('b'), two)));
    if (next === null) throw new Error('it was forgotten');
    return next;
  };

  it.each([
    ['just now', 10_000, {}, 15_000],
    ['for a quarter of an hour', 905_000, {}, 150_000],
    ['for a day', 86_405_000, {}, 300_000],
    ['for a day, and another job of it still builds', 86_405_000, { planned: [runs] }, 15_000],
  ])('is looked for the seldomer the longer it is held: %s', (_, now, more, waitMs) => {
    const one = judged({ planned: [], version: words, releases: [wishOf('v1.2.3', sha('c'))], ...more });
    const first = planPushes(record, factsAt(sha('b'), pushed(before, sha('b'), one)));
    const stage = { kind: 'held', because: 'v1.2.4 is there', hasButton: false } as const;
    const releases = new Map([standing('v1.2.3', sha('c'), stage, null)]);
    const { wakeAt } = planPushes(first.record ?? record, factsAt(sha('b'), { releases, now }));
    expect(wakeAt).toBe(now + waitMs);
  });

  it('is asked for one after the other, and the check of the push stays open until the last has ended', () => {
    const first = planPushes(record, factsAt(sha('b'), pushed(before, sha('b'), two)));
    expect(asked(first)).toEqual(['1.2.3']);
    const failed = { kind: 'failed', because: 'it did not build' } as const;
    const one = new Map([standing('v1.2.3', sha('c'), { kind: 'building' }, null)]);
    expect(asked(planPushes(begun(), factsAt(sha('b'), { releases: one })))).toEqual([]);
    const ended = new Map([standing('v1.2.3', sha('c'), failed, 9_000)]);
    const second = planPushes(begun(), factsAt(sha('b'), { releases: ended }));
    expect(asked(second)).toEqual(['1.2.4']);
    const open = second.effects.find((effect) => effect.kind === 'report');
    expect(open).toMatchObject({ report: { name: 'sluice/version', state: { status: 'in_progress' } } });
    const both = new Map([...ended, standing('v1.2.4', sha('d'), { kind: 'published', images: [] }, 9_500)]);
    const over = planPushes(second.record ?? record, factsAt(sha('b'), { releases: both }));
    const said = over.effects.find((effect) => effect.kind === 'report');
    expect(said).toMatchObject({
      report: { title: 'v1.2.3: it did not build', state: { status: 'completed', conclusion: 'failure' } },
    });
  });

  it('waits a moment for the forge to tell who pushed it, and is asked for again with them when that comes late', () => {
    const unknown = judged({ planned: [], version: words, releases: [wishOf('v1.2.3', sha('b'), null)], at: 10_000 });
    const facts = pushed(before, sha('b'), unknown);
    const first = planPushes(record, factsAt(sha('b'), facts));
    expect(asked(first)).toEqual([]);
    const later = planPushes(first.record ?? record, factsAt(sha('b'), { now: 40_000 }));
    expect(asked(later)).toEqual(['1.2.3']);
    const held = { kind: 'held', because: 'nobody told', hasButton: true } as const;
    const releases = new Map([standing('v1.2.3', sha('b'), held, 41_000)]);
    const waits = planPushes(later.record ?? record, factsAt(sha('b'), { now: 45_000, releases }));
    expect(asked(waits)).toEqual([]);
    const brought = new Map([[sha('b'), people.boss]]);
    const told = planPushes(waits.record ?? record, factsAt(sha('b'), { now: 50_000, releases, brought }));
    expect(asked(told)).toEqual(['1.2.3']);
    expect(told.record?.runs[0]?.releases?.[0]).toMatchObject({ wish: { by: people.boss }, ended: null });
  });

  it('that is held as nobody told who pushed it waits for a week for somebody to, whatever lands meanwhile', () => {
    const unknown = judged({ planned: [], version: words, releases: [wishOf('v1.2.3', sha('b'), null)], at: 10_000 });
    const held = { kind: 'held', because: 'nobody told', hasButton: true } as const;
    const releases = new Map([standing('v1.2.3', sha('b'), held, 41_000)]);
    const told = new Set([versionCheckId(subject, sha('b'))]);
    const landing = { entries: entriesOf(owner, landed(sha('b'), sha('c'))), releases, told };
    const onTop = { ...landing, ...pushed(sha('b'), sha('c'), { kind: 'nothing', own: [] }) };
    let at: PushRecord = record;
    for (const facts of [factsAt(sha('b'), pushed(before, sha('b'), unknown)), factsAt(sha('b'), { now: 40_000 })])
      at = planPushes(at, facts).record ?? record;
    const waits = planPushes(at, factsAt(sha('c'), { ...onTop, now: 45_000 }));
    expect(waits).toMatchObject({ record: { seen: sha('c'), runs: [{ commit: sha('b') }] }, wakeAt: null });
    const brought = new Map([[sha('b'), people.boss]]);
    const late = planPushes(waits.record ?? record, factsAt(sha('c'), { ...landing, now: 500_000, brought }));
    expect(asked(late)).toEqual(['1.2.3']);
    const week = 7 * 24 * 3_600_000;
    const never = planPushes(waits.record ?? record, factsAt(sha('c'), { ...landing, now: week + 10_000 }));
    expect(never.record?.runs).toEqual([]);
  });

  it('that is contradicted by what no ledger knows keeps no later one waiting, and one that waits for its tests does', () => {
    const waits = { kind: 'held', because: 'a tag contradicts', hasButton: false } as const;
    const askedWith = (row: string): readonly unknown[] => {
      const releases = new Map([standing('v1.2.3', sha('c'), waits, null, row)]);
      return asked(planPushes(begun(), factsAt(sha('b'), { releases })));
    };
    expect(askedWith('V14')).toEqual(['1.2.4']);
    expect(askedWith('V11')).toEqual([]);
  });

  it('ends where another commit took its place and keeps it, and says so', () => {
    const waits = { kind: 'held', because: 'a tag contradicts', hasButton: false } as const;
    const other = { wish: wishOf('v1.2.3', sha('e')), stage: waits, endedAt: null, row: 'V14' };
    const releases = new Map([['1.2.3', other]]);
    const asking = planPushes(begun(), factsAt(sha('b'), { now: 20_000, releases }));
    const soon = planPushes(asking.record ?? record, factsAt(sha('b'), { now: 30_000, releases }));
    expect(asked(soon)).toEqual(['1.2.3']);
    const late = planPushes(soon.record ?? record, factsAt(sha('b'), { now: 1_000_000, releases }));
    expect(late.record?.runs[0]?.releases?.[0]?.ended).toEqual({
      kind: 'failed',
      because: `v1.2.3 is asked for from ${sha('e').slice(0, 12)} since`,
    });
  });

  it('is asked for when the forge tells late of a push before those that were judged, and nothing else of it is done', () => {
    const from = sha('b');
    const late: PushRecord = { ...record, seen: sha('c'), from };
    const pushers = [{ before, after: from, by: people.ada }];
    const releasing = judged({ planned: [], version: words, releases: [wishOf('v1.2.3', from)] });
    const word = { pushers, ...pushed(before, from, releasing) };
    const plan = planPushes(late, factsAt(sha('c'), word));
    expect(asked(plan)).toEqual(['1.2.3']);
    expect(plan.record).toMatchObject({ seen: sha('c'), from: before, runs: [{ commit: from, jobs: [] }] });
    const nothing = planPushes(late, factsAt(sha('c'), { pushers, ...pushed(before, from, judged({ planned: [] })) }));
    expect(nothing.record).toMatchObject({ seen: sha('c'), from: before, runs: [] });
    const known = planPushes({ ...record, seen: sha('c') }, factsAt(sha('c'), word));
    expect(known.record).toMatchObject({ runs: [] });
    expect(known.record).not.toHaveProperty('from');
    const unread = planPushes(late, factsAt(sha('c'), { pushers, ...pushed(before, from, { kind: 'unread' }) }));
    expect(unread).toMatchObject({ isJudged: false, record: { seen: sha('c'), from, runs: [] } });
  });

  it('is asked for in whatever order the forge tells late of several pushes before those that were judged', () => {
    const [from, mid] = [sha('b'), sha('e')];
    const late: PushRecord = { ...record, seen: sha('c'), from };
    const older = { before, after: mid, by: people.ada };
    const first = planPushes(late, factsAt(sha('c'), { pushers: [older] })).record;
    expect(first).toMatchObject({ from, told: [older] });
    const newer = { before: mid, after: from, by: people.boss };
    const releasing = judged({ planned: [], version: words, releases: [wishOf('v1.2.3', from)] });
    const read = new Map([
      ...pushed(mid, from, releasing).judged,
      ...pushed(before, mid, judged({ planned: [] })).judged,
    ]);
    const both = factsAt(sha('c'), { pushers: [...(first?.told ?? []), newer], judged: read });
    expect(planPushes(first ?? record, both).record).toMatchObject({ from: before, runs: [{ commit: from }] });
  });

  it('keeps what leads nowhere yet once, and that it came back to where it was first seen, as how it left may be told last', () => {
    const at = sha('c');
    const late: PushRecord = { ...record, seen: at, from: at };
    const left = { before: at, after: sha('e'), by: people.ada };
    const back = { before: sha('e'), after: at, by: people.ada, isBack: true } as const;
    expect(planPushes(late, factsAt(at, { pushers: [left, left], backs: [back] })).record?.told).toEqual([back, left]);
    const other = planPushes({ ...late, from: sha('d') }, factsAt(at, { pushers: [left], backs: [back] })).record;
    expect(other?.told).toEqual([left]);
  });

  it('is not asked for by a later push again, whoever made that one', () => {
    const later = judged({ planned: [], version: words, releases: [wishOf('v1.2.3', sha('c'), people.boss)] });
    const plan = planPushes(begun(), factsAt(sha('c'), pushed(sha('b'), sha('c'), later)));
    expect(plan.record?.runs.map(({ releases = [] }) => releases.length)).toEqual([2, 0]);
  });
});

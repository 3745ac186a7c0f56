import { describe, expect, it } from 'vitest';
import { lookKey } from '../../../../src/core/promote/facts.ts';
import { branchKeyOf } from '../../../../src/model/queue.ts';
import { matchers, sha } from '../../../fakes/model-data.ts';
import { headOf, main, now, tip } from '../gate-fixture.ts';
import {
  after,
  begin,
  candidateIn,
  closed,
  digest,
  end,
  outcomeOf,
  place,
  stage,
  type Tried,
} from './reuse-fixture.ts';

const hour = 3_600_000;
const there = new Map([[lookKey(place, digest), { kind: 'found', digest } as const]]);

describe('a candidate whose tree passed before', () => {
  it('is not built again, and says which run stands for it', () => {
    const draft = after();
    const taken = begin(draft, 2, { at: now + hour });
    expect(outcomeOf(taken)).toBe('taken');
    expect(taken.jobs).toMatchObject([
      {
        job: 'unit',
        because: expect.stringMatching(
          /^passed before on the same tree, as 0001000100\d\d of #1 \(.* UTC\): not built again$/,
        ),
        status: { kind: 'ended', result: 'success', builds: [] },
        before: expect.stringMatching(/^b-unit-/),
      },
    ]);
    expect(taken.verdict).toMatchObject({ commit: headOf(2), at: now + hour, reused: { commit: headOf(1), at: now } });
    expect(taken.verdict?.checks).toEqual([{ name: 'unit', conclusion: 'success' }]);
  });

  const variations: readonly [string, Tried][] = [
    ['its tree is another', { tree: sha('8') }],
    ['a job does something else', { jobs: [closed('unit', { content: { ...closed('lint').content } })] }],
    ['a job has more time', { jobs: [closed('unit', { timeoutSeconds: 7200 })] }],
    ['a job runs elsewhere', { jobs: [closed('unit', { pool: 'arm' })] }],
    ['it has one more job', { jobs: [closed('unit'), closed('lint')] }],
    ['the server builds with something else', { environment: 'f' }],
    ["it is not fixed what the server's pods are", { environment: null }],
    ['that is too old', { at: now + 24 * hour }],
    ['the project wants it tested', { settings: { reuseMs: 0 } }],
    [
      'images go elsewhere',
      { settings: { promotion: { mode: 'intermediate', staging: 'r.io/s', executor: 'worker' } } },
    ],
    ['a job does not say that it reads only its tree', { jobs: [withoutWord()] }],
    ['it stands on another commit of another project', { over: { parents: { [main]: tip, [other]: sha('5') } } }],
    ['it failed before and is run again', { over: { failures: [{ job: 'unit', failures: 1, builds: [] }] } }],
    ['it goes on with what is left of an earlier try', { over: { kept: [] } }],
  ];

  it.each(variations)('is built where %s', (_, tried) => {
    expect(outcomeOf(begin(after(), 2, tried))).toBe('built');
  });

  it('is built where the first was tested with less, or with more', () => {
    const two = { jobs: [closed('unit'), closed('lint')] };
    expect(outcomeOf(begin(after(two), 2))).toBe('built');
    expect(outcomeOf(begin(after(two), 2, two))).toBe('taken');
  });

  it('is built where another set of jobs applies to what changed', () => {
    const jobs = [closed('unit'), closed('lint', { selection: { onlyIf: matchers('docs/**') } })];
    const changed = (path: string): Tried => ({ jobs, over: { changed: { known: true, paths: [path] } } });
    expect(outcomeOf(begin(after(changed('a.go')), 2, changed('docs/a.md')))).toBe('built');
    expect(outcomeOf(begin(after(changed('docs/a.md')), 2, changed('a.go')))).toBe('built');
    const taken = begin(after(changed('a.go')), 2, changed('b.go'));
    expect(taken.jobs?.map(({ status }) => status.kind)).toEqual(['ended', 'skipped']);
    expect(outcomeOf(taken)).toBe('taken');
  });

  it('counts the age from the run, not from when it was taken', () => {
    const draft = after();
    expect(outcomeOf(begin(draft, 2, { at: now + 23 * hour }))).toBe('taken');
    expect(outcomeOf(begin(draft, 3, { at: now + 25 * hour }))).toBe('built');
  });
});

const other = branchKeyOf(99, 'main');

function withoutWord(name = 'unit') {
  const { reusable: _, ...job } = closed(name);
  return job;
}

describe('what is never taken', () => {
  const secret = closed('unit', {
    content: { template: 'run', image: `a@${digest}`, command: 'b', env: {}, secrets: { TOKEN: 'token' } },
  });
  const byTag = closed('unit', { content: { template: 'run', image: 'golang:1.24', command: 'b', env: {} } });
  const landed = closed('e2e', {
    content: { template: 'run', image: '{{ images.api.staged }}', command: 'b', env: {} },
  });
  const naming = { ...stage, content: { ...stage.content, images: imagesNaming('{{ sha }}') } };

  it.each([
    ['a job that gets secrets', secret],
    ['a job in an image that is named by its tag', byTag],
    ['a job in an image that its candidate does not build', landed],
    ['an image that holds the id of its commit', naming],
  ])('%s', (_, job) => {
    const draft = after({ jobs: [job] });
    expect(draft.record.passed).toBeUndefined();
    expect(candidateIn(draft).key).toBeUndefined();
  });

  it('a failure, and what it failed with', () => {
    const draft = after({}, { unit: 'failure' });
    expect(draft.record.passed).toBeUndefined();
    expect(outcomeOf(begin(draft, 2))).toBe('built');
    expect(candidateIn(draft).jobs).toMatchObject([{ status: { kind: 'building' } }]);
  });

  it.each([
    ['its server', { environment: null }, "the images of the server's own steps and builder are not named by digest"],
    ['a job beside it', { jobs: [closed('unit'), withoutWord('lint')] }, '`lint` is not `reusable`'],
  ])('what %s keeps it from, as its reason says', (_, tried, because) => {
    expect(after(tried).reasons).toContain(`#1: no other may take its verdict: ${because}`);
    expect(after({ jobs: [withoutWord()] }).reasons.join()).not.toContain('no other may take');
  });

  it.each<[string, Tried]>([
    ['where it is not fixed what it ran in', { environment: null }],
    ['where nothing is to be taken', { settings: { reuseMs: 0 } }],
  ])('a pass %s', (_, tried) => {
    const draft = after(tried);
    expect(candidateIn(draft).verdict).not.toBeNull();
    expect([candidateIn(draft).key, draft.record.passed]).toEqual([undefined, undefined]);
  });

  it('a pass in which an optional job failed', () => {
    const jobs = [closed('unit'), closed('bench', { selection: { optional: true } })];
    const draft = after({ jobs }, { bench: 'failure' });
    expect(candidateIn(draft).verdict).not.toBeNull();
    expect(draft.record.passed).toBeUndefined();
  });

  it('a pass after a failure on the same tree', () => {
    const over = { failures: [{ job: 'unit', failures: 1, builds: [] }] };
    const draft = after({ over });
    expect(candidateIn(draft).verdict?.flakes).toHaveLength(1);
    expect(draft.record.passed).toBeUndefined();
  });

  it('a pass that a failure on the same tree speaks against', () => {
    const draft = after();
    const [pass] = draft.record.passed ?? [];
    // Both ran at once.
    begin(draft, 2, { settings: { reuseMs: 0 } });
    draft.record = {
      ...draft.record,
      passed: pass ? [pass] : [],
      items: draft.record.items.map((item) => ({
        ...item,
        candidate: { ...candidateIn(draft), key: pass?.key ?? '' },
      })),
    };
    end(draft, {}, { unit: 'failure' });
    expect(draft.record.passed).toBeUndefined();
    expect(outcomeOf(begin(draft, 3))).toBe('built');
  });

  it('a pass of builds of another class of trust', () => {
    const draft = after();
    expect(draft.record.passed).toHaveLength(1);
    const untrusted = aDraftOf('untrusted');
    expect(untrusted.verdict).not.toBeNull();
    expect(untrusted.passed).toBeUndefined();
  });

  it('a pass during which the server came to build with something else', () => {
    const draft = after({ over: {} });
    begin(draft, 2, { tree: sha('8') });
    end(draft, { tree: sha('8'), environment: 'f' });
    expect(draft.record.passed?.map(({ number }) => number)).toEqual([1]);
  });
});

function imagesNaming(text: string) {
  const { content } = stage;
  if (!('images' in content)) throw new Error('no images');
  return content.images.map((image) => ({ ...image, labels: { revision: text } }));
}

function aDraftOf(trust: 'untrusted') {
  const draft = after();
  const { passed: _, ...rest } = draft.record;
  draft.record = rest;
  begin(draft, 2);
  const candidate = candidateIn(draft);
  const jobs = (candidate.jobs ?? []).map((record) => {
    if (record.status.kind !== 'building') return record;
    return {
      ...record,
      status: { ...record.status, builds: record.status.builds.map((build) => ({ ...build, trust })) },
    };
  });
  draft.record = {
    ...draft.record,
    items: draft.record.items.map((item) => ({ ...item, candidate: { ...candidate, jobs } })),
  };
  const { verdict } = end(draft);
  return { verdict, passed: draft.record.passed };
}

describe('what it uploaded', () => {
  const jobs = [stage];

  it('is asked for in its registry first, and is what lands', () => {
    const draft = after({ jobs });
    expect(outcomeOf(begin(draft, 2, { jobs }))).toBe('undecided');
    expect(draft.wants.looks).toEqual([{ branch: main, repository: place, reference: digest }]);
    const taken = begin(draft, 2, { jobs, looks: there });
    expect(outcomeOf(taken)).toBe('taken');
    expect(taken.verdict?.images).toMatchObject([{ name: 'api', digest, staged: { repository: place } }]);
  });

  it.each([
    ['is not there any more: it is built, and nobody else looks for it', { kind: 'absent' }, 0],
    ['cannot be asked for: it is built', { kind: 'trouble', trouble: 'away', because: '502' }, 1],
  ] as const)('%s', (_, look, left) => {
    const draft = after({ jobs });
    expect(outcomeOf(begin(draft, 2, { jobs, looks: new Map([[lookKey(place, digest), look]]) }))).toBe('built');
    expect(draft.record.passed ?? []).toHaveLength(left);
    expect(draft.reasons.at(-1)).toMatch(/^#2: built, though the same tree passed as 000100010001: .*api/);
  });

  it('is the image in which a job of the same candidate ran', () => {
    const content = { template: 'run', image: '{{ images.api.staged }}', command: 'b', env: {} } as const;
    const both = [stage, closed('e2e', { content, needs: [{ job: 'stage', soft: false }] })];
    const draft = after({ jobs: both });
    end(draft, { jobs: both });
    expect(candidateIn(draft).verdict?.checks.map(({ name }) => name)).toEqual(['stage', 'e2e']);
    const taken = begin(draft, 2, { jobs: both, looks: there });
    expect(outcomeOf(taken)).toBe('taken');
    expect(taken.jobs?.map(({ status }) => status.kind)).toEqual(['ended', 'ended']);
  });
});

import { describe, expect, it } from 'vitest';
import { combineConfig } from '../../src/core/combine-config.ts';
import { selectJob } from '../../src/core/select-jobs.ts';
import type { ConfigState, ProjectConfig } from '../../src/model/config.ts';
import type { Job } from '../../src/model/job.ts';
import { aConfig, aJob, anImage, anImageJob, type JobOver, matchers } from '../fakes/model-data.ts';

function valid(config: ProjectConfig): ConfigState {
  return { kind: 'valid', config };
}

const invalid: ConfigState = {
  kind: 'invalid',
  problems: [{ file: '.sluice.yaml', line: 3, column: 5, path: 'jobs.unit', message: 'unknown key "x"', hint: null }],
};
const unreadable: ConfigState = { kind: 'unreadable', because: 'git gave no answer' };

function usable(base: ConfigState, head: ConfigState): ProjectConfig {
  const result = combineConfig(base, head);
  if (result.kind !== 'usable') throw new Error(result.because);
  return result.config;
}

function job(config: ProjectConfig, name: string): Job {
  const found = config.jobs.find((each) => each.name === name);
  if (!found) throw new Error(`no job ${name}`);
  return found;
}

describe('a file that is invalid or unreadable fails closed (intake A7)', () => {
  const good = valid(aConfig([aJob('unit')]));
  it.each`
    base          | head          | where
    ${unreadable} | ${good}       | ${null}
    ${good}       | ${unreadable} | ${null}
    ${unreadable} | ${invalid}    | ${null}
    ${invalid}    | ${unreadable} | ${null}
    ${good}       | ${invalid}    | ${'head'}
    ${invalid}    | ${invalid}    | ${'head'}
  `('base $base.kind, head $head.kind: refused, the fault lies with $where', ({ base, head, where }) => {
    expect(combineConfig(base, head)).toMatchObject({ kind: 'refused', where });
  });

  it('hands on every mistake of the head’s file', () => {
    expect(combineConfig(good, invalid)).toMatchObject({
      problems: invalid.kind === 'invalid' ? invalid.problems : [],
    });
  });

  it('lets a pull request repair the base branch’s file, with nothing required and only collaborators trusted', () => {
    const head = aConfig([aJob('unit', { pool: 'big', allowPrivilegeEscalation: true })], {
      mode: 'shadow',
      trust: { trust: 'members', trustedApps: [22] },
    });
    const result = combineConfig(invalid, valid(head));
    expect(result).toMatchObject({
      kind: 'usable',
      config: { mode: 'active', trust: { trust: 'collaborators', trustedApps: [] } },
    });
    expect(job(usable(invalid, valid(head)), 'unit')).toMatchObject({
      selection: { optional: true },
      pool: 'default',
      allowPrivilegeEscalation: false,
    });
  });
});

describe('from the head comes content, from the base everything that decides (config.md, "Where it lives" 2)', () => {
  const content: Job['content'] = { template: 'run', image: 'golang:1.25', command: 'make all', env: { A: 'b' } };
  const head = aJob('unit', { content });

  it('takes commands, images and environment of a known job from the head, and counts results for that content', () => {
    const merged = job(usable(valid(aConfig([aJob('unit')])), valid(aConfig([head]))), 'unit');
    expect(merged.content).toEqual(content);
    expect(merged.definition).toBe(head.definition);
  });

  it.each`
    power                  | over
    ${'being manual'}      | ${{ selection: { trigger: 'manual' } }}
    ${'being optional'}    | ${{ selection: { optional: true } }}
    ${'its branches'}      | ${{ selection: { branches: matchers('never') } }}
    ${'skipped branches'}  | ${{ selection: { skipBranches: matchers('**') } }}
    ${'onlyIf'}            | ${{ selection: { onlyIf: matchers('never') } }}
    ${'skipIf'}            | ${{ selection: { skipIf: matchers('**') } }}
    ${'its pool'}          | ${{ pool: 'with-secrets' }}
    ${'its resources'}     | ${{ resources: { cpu: '99', memory: '99Gi', ephemeralStorage: '99Gi' } }}
    ${'its timeout'}       | ${{ timeoutSeconds: 999_999 }}
    ${'more privileges'}   | ${{ allowPrivilegeEscalation: true }}
    ${'its pipelines'}     | ${{ pipelines: ['gate'] }}
    ${'whom it waits for'} | ${{ needs: [{ job: 'lint', soft: false }] }}
  `('leaves $power to the base branch', ({ over }: { over: JobOver }) => {
    const base = aJob('unit');
    const merged = job(usable(valid(aConfig([base])), valid(aConfig([aJob('unit', over)]))), 'unit');
    const { content: _content, definition: _definition, ...decided } = merged;
    const { content: _base, definition: _other, ...expected } = base;
    expect(decided).toEqual(expected);
  });

  it.each`
    what                | over
    ${'whom it trusts'} | ${{ trust: { trust: 'members', trustedApps: [13] } }}
    ${'trying it out'}  | ${{ mode: 'shadow' }}
  `('leaves $what to the base branch', ({ over }) => {
    const base = aConfig([aJob('unit')], { trust: { trust: 'collaborators', trustedApps: [] } });
    const merged = usable(valid(base), valid(aConfig([aJob('unit')], over)));
    expect({ mode: merged.mode, trust: merged.trust }).toEqual({ mode: base.mode, trust: base.trust });
  });

  it('keeps a job’s content when the head makes something else of it: no required test becomes a noop', () => {
    const noop = aJob('unit', { content: { template: 'noop' } });
    const base = aJob('unit');
    expect(job(usable(valid(aConfig([base])), valid(aConfig([noop]))), 'unit')).toEqual(base);
  });

  it.each<[string, Job['pipelines'], boolean]>([
    ['where a landed job runs in presubmits, which keep nothing', ['presubmit', 'gate'], false],
    ['where the gate alone runs it', ['gate'], true],
  ])('takes the artifacts that a head names only %s', (_title, pipelines, keeps) => {
    const artifacts = { paths: ['bin'], repository: 'quay.io/acme/artifacts', maxBytes: 1 };
    const theirs = aJob('unit', { pipelines: ['gate'], content: { ...content, artifacts } });
    const merged = job(usable(valid(aConfig([aJob('unit', { pipelines })])), valid(aConfig([theirs]))), 'unit');
    expect(merged.content).toEqual(keeps ? { ...content, artifacts } : content);
  });

  it('still tests a job that the head removes, and says so', () => {
    const result = combineConfig(valid(aConfig([aJob('unit'), aJob('lint')])), valid(aConfig([aJob('lint')])));
    expect(result).toMatchObject({
      kind: 'usable',
      config: { jobs: [{ name: 'unit' }, { name: 'lint' }] },
      notes: ['`unit` is removed by this pull request and still tested until that has landed'],
    });
  });

  it('shows a job that only the head knows, not required and with no more power than the least job', () => {
    const mine = aJob('mine', { pool: 'with-secrets', allowPrivilegeEscalation: true });
    const result = combineConfig(valid(aConfig([aJob('unit')])), valid(aConfig([aJob('unit'), mine])));
    expect(result).toMatchObject({
      kind: 'usable',
      notes: ['`mine` is only known to this pull request: it is shown and not required'],
    });
    expect(job(usable(valid(aConfig([])), valid(aConfig([mine]))), 'mine')).toMatchObject({
      selection: { optional: true },
      pool: 'default',
      allowPrivilegeEscalation: false,
    });
  });
});

describe('the head’s list of images is content, its matchers and siblings are not (intake A6)', () => {
  const never = matchers('never/**');
  const changed = { known: true, paths: ['src/main.go'] } as const;
  const facts = { baseRef: 'main', changed, last: 'none' } as const;

  function decide(base: ProjectConfig, head: ProjectConfig) {
    return selectJob(job(usable(valid(base), valid(head)), 'build-image'), { kind: 'automatic' }, facts).decision;
  }

  const base = aConfig([anImageJob('build-image', [anImage('api')])]);

  it.each`
    trick                                 | images
    ${'a matcher that never hits'}        | ${[anImage('api', { onlyIf: never })]}
    ${'a matcher that skips everything'}  | ${[anImage('api', { skipIf: matchers('**') })]}
    ${'another name with such a matcher'} | ${[anImage('api2', { onlyIf: never })]}
  `('a required build is not skipped by $trick', ({ images }) => {
    expect(decide(base, aConfig([anImageJob('build-image', images)]))).toBe('run');
  });

  it('keeps the base branch’s matchers of an image that it knows', () => {
    const guarded = aConfig([anImageJob('build-image', [anImage('api', { onlyIf: never })])]);
    expect(decide(guarded, base)).toBe('skip');
  });

  it.each`
    whose                  | name
    ${'a job of the base'} | ${'build-image'}
    ${'a job of its own'}  | ${'mine'}
  `('fetches no other project that the base branch does not name, for $whose', ({ name }) => {
    const greedy = anImage('api', { siblings: ['acme/secret'] });
    const merged = job(usable(valid(base), valid(aConfig([anImageJob(name, [greedy])]))), name);
    expect('images' in merged.content && merged.content.images.map((image) => image.siblings)).toEqual([[]]);
  });

  it('takes files, arguments and targets of an image from the head', () => {
    const image = anImage('api', { containerFilename: ['Dockerfile.new'], buildArgs: { A: '1' }, targets: ['x'] });
    const merged = job(usable(valid(base), valid(aConfig([anImageJob('build-image', [image])]))), 'build-image');
    expect('images' in merged.content && merged.content.images).toEqual([image]);
  });
});

describe('how many may hold a semaphore', () => {
  const many = { name: 'db', max: 100 };
  const base = aConfig([aJob('e2e', { semaphore: { name: 'db', max: 1 } }), aJob('unit')]);
  const head = aConfig([
    aJob('e2e', { semaphore: many }),
    aJob('unit', { semaphore: many }),
    aJob('new', { semaphore: many }),
    aJob('own', { semaphore: { name: 'mine', max: 3 } }),
  ]);
  it.each`
    name      | expected                    | why
    ${'e2e'}  | ${{ name: 'db', max: 1 }}   | ${'its own entry stands on the base branch'}
    ${'unit'} | ${undefined}                | ${'it has none there'}
    ${'new'}  | ${{ name: 'db', max: 1 }}   | ${'the semaphore is known there'}
    ${'own'}  | ${{ name: 'mine', max: 3 }} | ${'nobody there knows that semaphore'}
  `('of $name is $expected: $why', ({ name, expected }) => {
    expect(job(usable(valid(base), valid(head)), name).semaphore).toEqual(expected);
  });
});

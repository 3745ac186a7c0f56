import { expect, it } from 'vitest';
import { resolveVersion } from '../../../src/config/resolve/resolve-version.ts';
import { type PushedRef, planPush } from '../../../src/core/postsubmit/plan-push.ts';
import { roleOf, rulesOf } from '../../../src/core/version/branch-role.ts';
import { decidePush } from '../../../src/core/version/decide-push.ts';
import type { PushFacts } from '../../../src/core/version/push-facts.ts';
import { parseVersion } from '../../../src/core/version/read-version.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { anImage, anImageJob, sha } from '../../fakes/model-data.ts';

const images = ['api', 'web'].map((name) => anImage(name, { repository: `quay.io/acme/${name}` }));
const uploads = anImageJob('publish', images, {
  content: { template: 'upload-image', images, publish: 'direct' },
  pipelines: ['postsubmit'],
});
const builds = anImageJob('build', images, { pipelines: ['postsubmit'] });

function pushed(published: PushedRef['published']): PushedRef {
  const changed = { known: true, paths: ['src/main.go'] } as const;
  const plain = { branch: 'main', isWatched: true, changed, change: 'pushed', at: 1, saysSkip: false } as const;
  return { ...plain, after: sha('b'), published, jobs: [uploads, builds], jobsAt: new Map(), versions: null };
}

function from(commit: Sha) {
  return { from: commit, changed: { known: true, paths: [] } } as const;
}

it('does not upload again what was published from the very commit (versions.md §6.5), but builds what is only built', () => {
  const planned = planPush(pushed(new Map([['api', from(sha('b'))]])));
  expect(planned.map(({ job, decision, images: built }) => [job, decision, built.map(({ name }) => name)])).toEqual([
    ['publish', 'run', ['web']],
    ['build', 'run', ['api', 'web']],
  ]);
  const both = new Map(['api', 'web'].map((name) => [name, from(sha('b'))] as const));
  expect(planPush(pushed(both))[0]).toMatchObject({
    decision: 'skip',
    reason:
      '`api` was built of this commit and published already; `web` was built of this commit and published already',
  });
  expect(planPush(pushed(new Map([['api', from(sha('a'))]])))[0]?.images.map(({ name }) => name)).toEqual([
    'api',
    'web',
  ]);
});

it('builds nothing of what came with the push and is published already, where only VERSION changed since (V6)', () => {
  const settings = resolveVersion({});
  const version = parseVersion('1.2.3-dev', 'semver');
  if (typeof version === 'string') throw new Error(version);
  const [component] = settings.components;
  if (component === undefined) throw new Error('there is one component');
  const changed = { known: true, paths: ['VERSION', 'src/main.go'] } as const;
  const facts: PushFacts = {
    branch: 'main',
    role: roleOf(settings, 'main', 'main'),
    change: 'pushed',
    after: sha('b'),
    file: 'VERSION',
    version: { kind: 'version', version },
    delta: changed,
    transitions: { known: true, list: [] },
    records: [],
    released: [],
    initiator: { whyNot: null },
    settings: rulesOf(settings),
  };
  const versions = { settings, components: [{ component, facts, decision: decidePush(facts) }] };
  const since = (paths: readonly string[]) => ({ from: sha('a'), changed: { known: true, paths } }) as const;
  const plan = (published: PushedRef['published']) => planPush({ ...pushed(published), changed, versions });
  const bumped = { ...since(['VERSION']), isIn: true } as const;
  expect(plan(new Map([['api', bumped]])).map((job) => job.images.map(({ name }) => name))).toEqual([['web'], ['web']]);
  expect(
    plan(
      new Map([
        ['api', bumped],
        ['web', bumped],
      ]),
    )[0],
  ).toMatchObject({
    decision: 'skip',
    reason: 'V8: nothing that dev images are made for changed in api since aaaaaaaaaaaa, web since aaaaaaaaaaaa',
  });
  // Published before the push began it says nothing of what the push undid, and what else changed is built.
  for (const other of [since(['VERSION']), { ...bumped, ...since(['src/main.go']) }])
    expect(plan(new Map([['api', other]]))[0]?.images.map(({ name }) => name)).toEqual(['api', 'web']);
});

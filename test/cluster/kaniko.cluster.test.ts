import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterWorld, startClusterWorld } from './cluster-world.ts';
import { createApi, dockerfile, repo } from './repository.ts';
import type { WholePod } from './witness.ts';

/** As builders.md §5 writes it. */
const builderSecurity = {
  runAsUser: 0,
  runAsGroup: 0,
  runAsNonRoot: false,
  allowPrivilegeEscalation: false,
  seccompProfile: { type: 'RuntimeDefault' },
  capabilities: { drop: ['ALL'], add: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID', 'SETFCAP', 'KILL'] },
};

describe('a change in a cluster, built by kaniko in pods', { timeout: 300_000 }, () => {
  let world: ClusterWorld;

  beforeAll(async () => {
    world = await startClusterWorld();
    const script =
      'test -e flaky && test ! -e /.sluice/src/never; [ ! -e slow ] || { trap "exit 143" TERM; sleep 120 & wait; }; cat verdict && grep -q good verdict';
    await createApi(world, { jobs: ['build-image', 'unit'], script, isPrivate: true });
    const sluice = world.serve('all');
    world.front.turnTo(await sluice.url());
    await sluice.ready();
  }, 180_000);

  afterAll(async () => {
    await world?.stop();
  }, 120_000);

  it('is built green, with its digest, in a pod that holds no secret where the code of the repository runs', async () => {
    const files = { 'hello.txt': 'good morning\n', flaky: 'x\n', verdict: 'good\n' };
    const pull = await world.github.openPullRequest({ repo, by: 'ada', title: 'Say good morning', files });
    const pods = await world.until('both pods to be there', async () => {
      const there = await world.pods();
      return there.length === 2 && there;
    });
    for (const pod of pods) expectNoSecret(pod);
    const builder = pods.flatMap(({ spec }) => [...spec.initContainers, ...spec.containers]).find(isBuilder);
    expect(builder?.securityContext).toEqual(builderSecurity);
    const built = await world.concluded(repo, pull.headSha, 'build-image');
    expect(built).toMatchObject({ conclusion: 'success' });
    expect(built.summary).toMatch(/sha256:[0-9a-f]{64}/);
    expect(await world.concluded(repo, pull.headSha, 'unit')).toMatchObject({ conclusion: 'success' });
    await world.until('nothing to be left', async () => (await world.pods()).length === 0);
  });

  it('shows where a Dockerfile fails, and tries what failed once more on /retest', async () => {
    const files = { Dockerfile: dockerfile(world.baseImage, 'shout /src/hello.txt'), flaky: 'x\n', verdict: 'bad\n' };
    const pull = await world.github.openPullRequest({ repo, by: 'ada', title: 'Shout', files });
    const built = await world.concluded(repo, pull.headSha, 'build-image');
    expect(built).toMatchObject({ conclusion: 'failure' });
    expect(built.annotations).toMatchObject([{ path: 'Dockerfile', start_line: 3 }]);
    const unit = await world.concluded(repo, pull.headSha, 'unit');
    expect(unit).toMatchObject({ conclusion: 'failure', text: expect.stringContaining('bad') });
    const before = world.everSeen().size;
    await world.github.comment(repo, pull.number, 'ada', '/retest');
    await world.until('two more pods', async () => world.everSeen().size === before + 2);
    await world.until('both to be over', async () => (await world.pods()).length === 0);
    expect(await world.concluded(repo, pull.headSha, 'unit')).toMatchObject({ conclusion: 'failure' });
  });

  it('stops the build of a head that was replaced, and says so', async () => {
    const files = { slow: 'x\n', flaky: 'x\n', verdict: 'good\n' };
    const pull = await world.github.openPullRequest({ repo, by: 'ada', title: 'Slow', files });
    await world.until(
      'the test to run',
      async () => (await world.check(repo, pull.headSha, 'unit'))?.status === 'in_progress',
    );
    const next = await world.github.push({ repo, by: 'ada', branch: pull.branch, files: { slow: null } });
    const stopped = await world.concluded(repo, pull.headSha, 'unit');
    expect(stopped).toMatchObject({ conclusion: 'cancelled', summary: expect.stringContaining('superseded') });
    expect(await world.concluded(repo, next, 'unit')).toMatchObject({ conclusion: 'success' });
    expect(await world.concluded(repo, next, 'build-image')).toMatchObject({ conclusion: 'success' });
    await world.until('nothing to be left', async () => (await world.pods()).length === 0);
  });
});

function isBuilder({ image }: { readonly image: string }): boolean {
  return image.includes('kaniko');
}

/** Only our checkout may mount what is secret; nothing else of the pod gives a way to any. */
function expectNoSecret({ spec }: WholePod): void {
  expect(spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
  const secrets = new Set(spec.volumes.filter((volume) => volume.secret !== undefined).map(({ name }) => name));
  expect([...secrets]).toEqual(['git-token']);
  expect(spec.volumes.every((volume) => volume.secret !== undefined || volume.emptyDir !== undefined)).toBe(true);
  for (const container of [...spec.initContainers, ...spec.containers]) {
    const mounted = container.volumeMounts.filter(({ name }) => secrets.has(name));
    expect([container.name, mounted.length]).toEqual([container.name, container.name === 'checkout' ? 1 : 0]);
    expect(JSON.stringify([container.env, container.args ?? []])).not.toMatch(/ghs_|secretKeyRef|PRIVATE KEY/);
  }
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterWorld, startClusterWorld } from './cluster-world.ts';
import { createApi, modernDockerfile, repo } from './repository.ts';
import type { WholePod } from './witness.ts';

describe.each([
  { where: 'in the user namespace of its pod', form: 'user-namespace', image: 'localhost/buildkit:v0.26.3', user: 0 },
  { where: 'as a plain user', form: 'rootless', image: 'localhost/buildkit:v0.26.3-rootless', user: 1000 },
])('a change in a cluster, built by BuildKit $where', { timeout: 300_000 }, ({ form, image, user }) => {
  let world: ClusterWorld;

  beforeAll(async () => {
    // More than baseline admits: the daemon's rights hold in the pod's own user namespace.
    world = await startClusterWorld('privileged');
    await createApi(world, { jobs: ['build-image'], isPrivate: true });
    const sluice = world.serve('all', {
      SLUICE_BUILDER: 'buildkit',
      SLUICE_BUILDKIT_IMAGE: image,
      SLUICE_BUILDKIT_FORM: form,
      SLUICE_KANIKO_IMAGE: '',
    });
    world.front.turnTo(await sluice.url());
    await sluice.ready();
  }, 180_000);

  afterAll(async () => {
    await world?.stop();
  }, 120_000);

  it('is built green, with its digest, by a daemon that has nothing of the repository', async () => {
    const files = { Dockerfile: modernDockerfile(world.baseImage), 'hello.txt': 'good morning\n' };
    const pull = await world.github.openPullRequest({ repo, by: 'ada', title: 'Say good morning', files });
    const pod = await world.until('its pod to be there', async () => (await world.pods())[0]);
    expect(pod.spec.hostUsers ?? true).toBe(form === 'rootless');
    expect(containerOf(pod, 'buildkitd')?.securityContext).toMatchObject({ runAsUser: user, runAsGroup: user });
    expect(mountsOf(pod, 'buildkitd')).toEqual(['buildkit', 'buildkit-state']);
    expect(mountsOf(pod, 'checkout')).toContain('git-token');
    for (const name of ['buildkitd', 'stages', 'build', 'measure'])
      expect(mountsOf(pod, name)).not.toContain('git-token');
    const built = await world.concluded(repo, pull.headSha, 'build-image');
    expect(built).toMatchObject({ conclusion: 'success' });
    expect(built.summary).toMatch(/sha256:[0-9a-f]{64}/);
    await world.until('nothing to be left', async () => (await world.pods()).length === 0);
  });
});

function containerOf({ spec }: WholePod, container: string) {
  return [...spec.initContainers, ...spec.containers].find(({ name }) => name === container);
}

function mountsOf(pod: WholePod, container: string): readonly string[] {
  return (containerOf(pod, container)?.volumeMounts ?? []).map(({ name }) => name).sort();
}

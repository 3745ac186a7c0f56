import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterWorld, startClusterWorld } from './cluster-world.ts';
import { createApi, modernDockerfile, repo } from './repository.ts';
import type { WholePod } from './witness.ts';

describe('a change in a cluster, built by BuildKit in the user namespace of its pod', { timeout: 300_000 }, () => {
  let world: ClusterWorld;

  beforeAll(async () => {
    // More than baseline admits: the daemon's rights hold in the pod's own user namespace.
    world = await startClusterWorld('privileged');
    await createApi(world, { jobs: ['build-image'], isPrivate: true });
    const sluice = world.serve('all', {
      SLUICE_BUILDER: 'buildkit',
      SLUICE_BUILDKIT_IMAGE: 'localhost/buildkit:v0.26.3',
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
    expect(pod.spec.hostUsers).toBe(false);
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

function mountsOf({ spec }: WholePod, container: string): readonly string[] {
  const found = [...spec.initContainers, ...spec.containers].find(({ name }) => name === container);
  return (found?.volumeMounts ?? []).map(({ name }) => name).sort();
}

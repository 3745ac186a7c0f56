import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dockerfile, startWorld, type World } from '../harness/world.ts';

const config = [
  'apiVersion: sluice/v1',
  'images:',
  '  - { name: api, repository: registry.example.com/acme/api, siblings: [acme/lib] }',
  '  - { name: ops, repository: registry.example.com/acme/ops, siblings: [acme/secret] }',
  'jobs:',
  '  image-api: { template: build-image, on: presubmit, images: [api] }',
  '  image-ops: { template: build-image, on: presubmit, images: [ops] }',
  '',
].join('\n');

const repo = 'acme/api';
let world: World;

beforeAll(async () => {
  world = await startWorld({ files: { Dockerfile: dockerfile, 'README.md': 'hello\n', '.sluice.yaml': config } });
  await world.github.createRepository('acme/lib', { files: { 'l.txt': 'l\n' } });
  await world.github.createRepository('acme/secret', { files: { 's.txt': 's\n' }, private: true });
  world.executor.always('image-api', { exitCode: 0, log: 'Built\n' });
});
afterAll(async () => {
  expect(world.github.violations).toEqual([]);
  await world.stop();
});

function podsOf(job: string) {
  return world.executor.manifests.filter(({ metadata }) => metadata.annotations['sluice.dev/job'] === job);
}

describe('an image with a sibling', () => {
  it('is built with the tip of its branch, which the check run names; a private one waits for an approval', async () => {
    const pull = await world.github.openPullRequest({ repo, by: 'ada', files: { 'README.md': 'changed\n' } });
    const built = await world.concluded(repo, pull.headSha, 'image-api');
    const tip = (await world.github.branchSha('acme/lib', 'main')) ?? '';
    expect(built).toMatchObject({ conclusion: 'success' });
    expect(built.summary).toContain(`\`acme/lib\` at \`${tip}\``);
    expect(podsOf('image-api').at(-1)?.metadata.annotations['sluice.dev/siblings']).toBe(`acme/lib@${tip}`);

    const refused = await world.concluded(repo, pull.headSha, 'image-ops');
    expect(refused).toMatchObject({ conclusion: 'failure' });
    expect(refused.summary).toContain('/ok-to-test');
    expect(podsOf('image-ops')).toEqual([]);

    await world.github.comment(repo, pull.number, 'ada', `/ok-to-test ${pull.headSha}`);
    await world.github.comment(repo, pull.number, 'ada', '/test image-ops');
    await world.until('image-ops runs', () => world.executor.running('image-ops').length > 0);
    const [pod] = podsOf('image-ops');
    const secrets = world.executor.secretsOf(pod?.metadata.name ?? '');
    expect(Object.keys(secrets?.['git-token'] ?? {})).toEqual([expect.stringMatching(/^sibling-\d+$/)]);
    const holders = pod?.spec.initContainers.filter(({ volumeMounts }) =>
      volumeMounts.some(({ name }) => name === 'git-token'),
    );
    expect(holders?.map(({ name }) => name)).toEqual(['checkout']);
    world.executor.finish(pod?.metadata.name ?? '', { exitCode: 0 });
    await world.until('image-ops is green', async () => {
      return (await world.check(repo, pull.headSha, 'image-ops'))?.conclusion === 'success';
    });
  });
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from '../../harness/world.ts';

const repo = 'acme/api';
const config = [
  'apiVersion: sluice/v1',
  'images: [{ name: api }]',
  'jobs:',
  '  build-image: { template: build-image, on: presubmit }',
  '',
].join('\n');

let world: World;

beforeAll(async () => {
  world = await startWorld({ files: { Dockerfile: 'FROM scratch\nCOPY . /\n', '.sluice.yaml': config } });
  world.executor.always('build-image', { exitCode: 0, log: 'Built\n' });
});
afterAll(() => world.stop());

async function reported(Dockerfile: string) {
  const pull = await world.github.openPullRequest({ repo, by: 'ada', files: { Dockerfile } });
  return world.concluded(repo, pull.headSha, 'build-image');
}

it('what kaniko would build wrong is red on the check run before anything is built, with the line and what to write', async () => {
  const pods = world.executor.manifests.length;
  const run = await reported('FROM busybox\nRUN <<EOF\nmake\nEOF\nRUN --mount=target=/src make -C /src\n');
  expect(run).toMatchObject({ conclusion: 'failure' });
  expect(run.summary).toContain(
    'mage `api`: line 2 of `Dockerfile`: kaniko runs nothing of `RUN <<EOF` and goes on: write its commands after `RUN`, joined with `&& \\`, or copy them as a script, or let the operator have images built with BuildKit (`SLUICE_BUILDER=buildkit`); the same kind of thing in line 5',
  );
  expect(world.executor.manifests).toHaveLength(pods);
});

it('what it builds otherwise than the file says is told on the green check run', async () => {
  const run = await reported('FROM busybox\nRUN --mount=type=cache,target=/root/.cache make\n');
  expect(run).toMatchObject({ conclusion: 'success' });
  expect(run.summary).toContain(
    '* line 2 of `Dockerfile`: kaniko ignores `RUN --mount=type=cache`: nothing is there from an earlier build, and what the command leaves at `/root/.cache` becomes part of the image; remove it in the same `RUN`, or let the operator have images built with BuildKit (`SLUICE_BUILDER=buildkit`)',
  );
});

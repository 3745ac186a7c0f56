import { afterEach, expect, it } from 'vitest';
import type { PodManifest } from '../../../src/model/pod.ts';
import { cutRelease, type ReleaseWorld, startReleaseWorld, versionLines } from './release-world.ts';

let world: ReleaseWorld;

afterEach(async () => world.stop());

const place = '127.0.0.1:9/acme/artifacts';
const on = '[postsubmit, release]';
const jobs = `jobs:
  compile: { on: ${on}, image: docker.io/library/golang:1.24, run: make, artifacts: { paths: [bin], repository: "${place}" } }
  e2e: { on: ${on}, needs: compile, image: docker.io/library/alpine:3, run: $ARTIFACTS/compile/bin/app }
`;

function inputOf(pod: PodManifest, step: string) {
  const all = [...pod.spec.initContainers, ...pod.spec.containers];
  return JSON.parse(all.find(({ name }) => name === step)?.env[0]?.value ?? 'null');
}

it('the jobs of a release keep files for each other, apart from those of a push to the same commit', async () => {
  world = await startReleaseWorld({ lines: `${versionLines}\n${jobs}` });
  await cutRelease(world);
  const [final = ''] = await world.pushTo('release-v1.2', 'boss', {
    files: { VERSION: 'v1.2.3\n', 'main.go': 'package main\n' },
  });
  expect(await world.concludedOn(final, 'sluice/release/v1.2.3')).toMatchObject({ conclusion: 'success' });
  const pods = world.executor.manifests.filter(({ metadata }) => metadata.annotations['sluice.dev/commit'] === final);
  const of = (job: string) => pods.filter(({ metadata }) => metadata.annotations['sluice.dev/job'] === job);
  const tags = of('compile').map((pod) => inputOf(pod, 'keep').tag);
  expect(tags).toContainEqual(expect.stringMatching(`^change_0_${final.slice(0, 12)}_artifacts-[0-9a-f]{8}-compile$`));
  expect(new Set(tags).size).toBe(of('compile').length);
  const digest = `sha256:${'a1'.repeat(32)}`;
  const taken = of('e2e').map((pod) => inputOf(pod, 'take').artifacts);
  expect(taken).toContainEqual([
    { job: 'compile', from: { repository: expect.any(String), digest }, bytes: 1_234_567 },
  ]);
}, 240_000);

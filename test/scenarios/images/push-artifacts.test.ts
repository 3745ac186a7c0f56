import { afterEach, expect, it } from 'vitest';
import type { PodManifest } from '../../../src/model/pod.ts';
import type { RegistryCaller } from '../../../src/model/registry.ts';
import type { RegistryKeys } from '../../../src/ports/registry-keys.ts';
import { type GateWorld, startGateWorld } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

const place = '127.0.0.1:9/acme/artifacts';
const file = `apiVersion: sluice/v1
jobs:
  compile: { on: postsubmit, image: docker.io/library/golang:1.24, run: make, artifacts: { paths: [bin], repository: "${place}" } }
  e2e: { on: postsubmit, needs: compile, image: docker.io/library/alpine:3, run: $ARTIFACTS/compile/bin/app }
gate: { requires: { approvals: 1 } }
`;
const filesOf = (config: string) => ({ 'README.md': 'hello\n', '.sluice.yaml': config });

function keys(refuse: RegistryCaller['use'] | null = null) {
  const asked: (readonly [RegistryCaller['use'], string, string])[] = [];
  const registryKeys: RegistryKeys = {
    whyNot: (repository, { use }) => (use === refuse ? `no credential may ${use} ${repository}` : null),
    async filesFor(repository, { use, branch }) {
      asked.push([use, repository, branch]);
      return { 'config.json': `{"auths":{"127.0.0.1:9":{"auth":"key-to-${use}"}}}` };
    },
  };
  return { registryKeys, asked };
}

const podsOf = (job: string): readonly PodManifest[] =>
  world.executor.manifests.filter(({ metadata }) => metadata.annotations['sluice.dev/job'] === job);

function inputOf(pod: PodManifest | undefined, step: string) {
  const all = [...(pod?.spec.initContainers ?? []), ...(pod?.spec.containers ?? [])];
  return JSON.parse(all.find(({ name }) => name === step)?.env[0]?.value ?? 'null');
}

async function push(text: string): Promise<string> {
  await world.github.push({ repo: world.repo, by: 'boss', branch: 'main', files: { 'main.go': text } });
  return world.git('rev-parse', 'main');
}

async function concluded(commit: string, name: string) {
  return world.until(`${name} on ${commit.slice(0, 7)} is concluded`, async () => {
    const found = (await world.github.checkRuns(world.repo, commit)).findLast((each) => each.name === name);
    return found?.status === 'completed' && found;
  });
}

const digest = `sha256:${'a1'.repeat(32)}`;

it('a job after a push gets, by digest, what the job that it needs kept of the same push', async () => {
  const { registryKeys, asked } = keys();
  world = await startGateWorld({ files: filesOf(file), sluice: { registryKeys } });
  const commit = await push('package main\n');
  expect(await concluded(commit, 'e2e')).toMatchObject({ conclusion: 'success' });
  const kept = inputOf(podsOf('compile')[0], 'keep');
  const tag = expect.stringMatching(new RegExp(`^change_0_${commit.slice(0, 12)}_artifacts-[0-9a-f]{8}-compile$`));
  expect(kept).toMatchObject({ repository: place, tag, paths: ['bin'] });
  expect(inputOf(podsOf('e2e')[0], 'take')).toMatchObject({
    artifacts: [{ job: 'compile', from: { repository: place, digest }, bytes: 1_234_567 }],
  });
  expect((await concluded(commit, 'compile')).summary).toContain(`\`${digest}\``);
  expect(asked.filter(([use]) => use !== 'promote')).toEqual([
    ['upload', place, 'main'],
    ['pull', place, 'main'],
  ]);
  expect(JSON.stringify([world.executor.manifests, world.lines])).not.toContain('key-to-');
}, 240_000);

it('without a right to read them no command starts, and the check run says which right is missing', async () => {
  world = await startGateWorld({ files: filesOf(file), sluice: { registryKeys: keys('pull').registryKeys } });
  const commit = await push('package main\n');
  const said = await concluded(commit, 'e2e');
  expect(said.summary).toContain(`no credential may pull ${place}`);
  expect(podsOf('e2e')).toEqual([]);
}, 240_000);

it('a project that only tries us out keeps nothing, and says so where files are missed', async () => {
  const { registryKeys, asked } = keys();
  world = await startGateWorld({ files: filesOf(`${file}mode: shadow\n`), sluice: { registryKeys } });
  const commit = await push('package main\n');
  const said = await concluded(commit, 'e2e');
  expect(said.summary).toContain('of a project that only tries us out nothing is kept');
  expect(inputOf(podsOf('compile')[0], 'keep')).toBeNull();
  expect(podsOf('e2e')).toEqual([]);
  // What may have been left there before it only tried us out is looked for all the same.
  expect(asked.filter(([use]) => use !== 'promote')).toEqual([]);
}, 240_000);

it('after all was lost, what was kept is kept again before a job goes on that gets it', async () => {
  world = await startGateWorld({
    files: filesOf(file),
    sluice: { registryKeys: keys().registryKeys },
    judge: (_, job) => (job === 'e2e' ? null : 'success'),
  });
  const commit = await push('package main\n');
  await world.until('e2e runs', async () => podsOf('e2e').length === 1);
  await world.sluice.close();
  await world.redis.open().flushall();
  world.judgeBy(() => 'success');
  world.sluice = await world.startAnother();
  expect(await concluded(commit, 'e2e')).toMatchObject({ conclusion: 'success' });
  const taken = podsOf('e2e').map((pod) => inputOf(pod, 'take').artifacts[0].from.digest);
  expect(new Set(taken)).toEqual(new Set([digest]));
}, 240_000);

import { afterEach, expect, it } from 'vitest';
import type { PodManifest } from '../../../src/model/pod.ts';
import type { RegistryCaller } from '../../../src/model/registry.ts';
import type { RegistryKeys } from '../../../src/ports/registry-keys.ts';
import { type GateWorld, startGateWorld } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

const place = '127.0.0.1:9/acme/artifacts';
const files = {
  'README.md': 'hello\n',
  '.sluice.yaml': `apiVersion: sluice/v1
jobs:
  compile: { on: gate, image: docker.io/library/golang:1.24, run: make, artifacts: { paths: [bin], repository: "${place}" } }
  e2e: { on: gate, needs: compile, image: docker.io/library/alpine:3, run: $ARTIFACTS/compile/bin/app }
gate: { requires: { approvals: 1 } }
`,
};

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

it('a job of the gate gets, by digest, what the job that it needs kept of the same candidate', async () => {
  const { registryKeys, asked } = keys();
  world = await startGateWorld({ files, sluice: { registryKeys } });
  const ash = await world.change('Ash', { 'main.go': 'package main\n' });
  await world.ask(ash);
  await world.ended(ash, 'success');
  expect(world.built()).toEqual(['compile@Ash', 'e2e@Ash']);
  const tag = `change_1_${world.git('rev-parse', 'main').slice(0, 12)}_artifacts-compile`;
  expect(inputOf(podsOf('compile')[0], 'keep')).toMatchObject({ repository: place, tag, paths: ['bin'] });
  const digest = `sha256:${'a1'.repeat(32)}`;
  expect(inputOf(podsOf('e2e')[0], 'take')).toMatchObject({
    artifacts: [{ job: 'compile', from: { repository: place, digest }, bytes: 1_234_567 }],
  });
  expect(asked.filter(([use]) => use !== 'promote')).toEqual([
    ['upload', place, 'main'],
    ['pull', place, 'main'],
  ]);
  expect(JSON.stringify([world.executor.manifests, world.lines])).not.toContain('key-to-');
}, 240_000);

it('each candidate has its own: one that stands on another takes nothing of that one’s', async () => {
  world = await startGateWorld({ files, sluice: { registryKeys: keys().registryKeys }, judge: () => null });
  const ash = await world.change('Ash', { 'a.go': 'package a\n' });
  const birch = await world.change('Birch', { 'b.go': 'package b\n' });
  await world.ask(ash, birch);
  await world.tests('compile@Ash', 'compile@Ash+Birch');
  await world.end('compile@Ash', 'success');
  await world.tests('e2e@Ash', 'compile@Ash+Birch');
  const tags = podsOf('compile').map((pod) => inputOf(pod, 'keep').tag);
  expect(new Set(tags).size).toBe(2);
  world.judgeBy(() => 'success');
  await world.ended(birch, 'success');
}, 240_000);

it('without a right to read them no command starts, and nobody is blamed', async () => {
  world = await startGateWorld({ files, sluice: { registryKeys: keys('pull').registryKeys } });
  const ash = await world.change('Ash', { 'main.go': 'package main\n' });
  await world.ask(ash);
  const said = await world.told(ash, /not the change's fault/);
  expect(said).toContain(`no credential may pull ${place}`);
  expect(world.built()).toEqual(['compile@Ash']);
  expect(world.landed()).toEqual([]);
}, 240_000);

it('in a branch that rebuilds, what gets artifacts says that there are none', async () => {
  const rebuilds = `${files['.sluice.yaml']}promotion: { mode: rebuild }\n`.replace(/, artifacts: \{.*?\} \}/, ' }');
  world = await startGateWorld({
    files: { ...files, '.sluice.yaml': rebuilds },
    sluice: { registryKeys: keys().registryKeys },
  });
  const ash = await world.change('Ash', { '.sluice.yaml': files['.sluice.yaml'] });
  await world.ask(ash);
  expect(await world.ended(ash, 'failure')).toContain(
    'it gets what `compile` keeps, and that job has kept nothing here',
  );
  expect(world.built()).not.toContain('e2e@Ash');
}, 240_000);

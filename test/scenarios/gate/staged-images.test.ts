import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld } from '../../harness/gate-world.ts';
import { dockerfile } from '../../harness/world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

const place = '127.0.0.1:9/acme/api';
const files = {
  Dockerfile: dockerfile,
  'README.md': 'hello\n',
  '.sluice.yaml': `apiVersion: sluice/v1
images: [{ name: api, repository: ${place}, onlyIf: { paths: [api/**] } }]
jobs:
  e2e: { on: gate, needs: { job: upload-image, soft: true }, image: "{{ images.api.staged }}", run: make e2e }
gate: { requires: { approvals: 1 } }
`,
};

/** The images that the tests ran in, in the order of their starts. */
function ranIn(): readonly (string | undefined)[] {
  const pods = world.executor.manifests.filter(({ metadata }) => metadata.annotations['sluice.dev/job'] === 'e2e');
  return pods.map(({ spec }) => spec.containers.find(({ name }) => name === 'command')?.image);
}

function uploadedDigest(commit: string): string {
  const entry = JSON.parse(world.git('show', `refs/sluice/ledger/main:entry.json`));
  expect(entry.detail.commit).toBe(commit);
  return entry.detail.verdict.images[0].digest;
}

const registryKeys = { whyNot: () => null, filesFor: async () => ({ 'config.json': '{}' }) };

it('a test runs in the very image that the gate has just uploaded, named by its digest', async () => {
  world = await startGateWorld({ files, sluice: { registryKeys } });
  const ash = await world.change('Ash', { 'api/main.go': 'package main\n' });
  await world.ask(ash);
  await world.ended(ash, 'success');
  expect(world.built()).toEqual(['upload-image@Ash', 'e2e@Ash']);
  expect(ranIn()).toEqual([`${place}@${uploadedDigest(world.git('rev-parse', 'main'))}`]);
}, 240_000);

it('a change that builds no image is tested in that of the newest landing; before there is one, it is told so', async () => {
  world = await startGateWorld({ files, sluice: { registryKeys } });
  const birch = await world.change('Birch', { 'README.md': 'hello, Birch\n' });
  await world.ask(birch);
  expect(await world.ended(birch, 'failure')).toContain('as the gate uploaded it, and there is none');
  expect(ranIn()).toEqual([]);
  const ash = await world.change('Ash', { 'api/main.go': 'package main\n' });
  await world.ask(ash);
  await world.ended(ash, 'success');
  const image = `${place}@${uploadedDigest(world.git('rev-parse', 'main'))}`;
  const cedar = await world.change('Cedar', { 'docs/a.md': 'hello, Cedar\n' });
  await world.ask(cedar);
  await world.ended(cedar, 'success');
  expect(world.built().slice(-3)).toEqual(['upload-image@Ash', 'e2e@Ash', 'e2e@Ash+Cedar']);
  expect(ranIn()).toEqual([image, image]);
}, 240_000);

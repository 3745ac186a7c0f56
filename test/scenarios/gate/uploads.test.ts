import { tmpdir } from 'node:os';
import { afterEach, expect, it } from 'vitest';
import { parseRegistries } from '../../../src/config/registries/parse-registries.ts';
import type { PodContainer, PodManifest } from '../../../src/model/pod.ts';
import { type RegistryCaller, RegistryTrouble } from '../../../src/model/registry.ts';
import type { RegistryKeys } from '../../../src/ports/registry-keys.ts';
import { createRegistryKeys } from '../../../src/registry-keys.ts';
import { type GateWorld, type GateWorldOptions, startGateWorld } from '../../harness/gate-world.ts';
import { keepingLog } from '../../harness/redis.ts';
import { dockerfile } from '../../harness/world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

const place = '127.0.0.1:9/acme/api';
const files = {
  Dockerfile: dockerfile,
  'README.md': 'hello\n',
  '.sluice.yaml': `apiVersion: sluice/v1\nimages: [{ name: api, repository: ${place} }]\ngate: { requires: { approvals: 1 } }\n`,
};
const key = 'a-key-that-nobody-may-see';

/** A server whose one credential is bound to a branch; it keeps who asked for it to upload. */
function boundTo(branch: string) {
  const asked: (RegistryCaller & { readonly repository: string })[] = [];
  const whyNot = (repository: string, caller: RegistryCaller): string | null =>
    caller.branch === branch ? null : `no credential for ${repository} is bound to ${caller.branch}`;
  const registryKeys: RegistryKeys = {
    whyNot,
    async filesFor(repository, caller) {
      if (caller.use === 'upload') asked.push({ repository, ...caller });
      return { 'config.json': key };
    },
  };
  return { registryKeys, asked };
}

function start(registryKeys: RegistryKeys, options: GateWorldOptions = {}): Promise<GateWorld> {
  return startGateWorld({ files, ...options, sluice: { registryKeys } });
}

function containersOf({ spec }: PodManifest): readonly PodContainer[] {
  return [...spec.initContainers, ...spec.containers];
}

it('an image is uploaded for its candidate in the gate, and what landed says where it is', async () => {
  const { registryKeys, asked } = boundTo('main');
  world = await start(registryKeys);
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  await world.ask(ash);
  await world.ended(ash, 'success');
  expect(world.landed()).toEqual(['Ash (#1)']);
  expect(world.built()).toEqual(['upload-image@Ash']);
  const commit = world.git('rev-parse', 'main');
  const tag = `change_1_${commit.slice(0, 12)}_latest`;
  const pods = world.executor.manifests.filter((pod) => containersOf(pod).some(({ name }) => name === 'upload'));
  expect(pods.map((pod) => JSON.parse(containersOf(pod).at(-1)?.env[0]?.value ?? '{}'))).toMatchObject([
    { repository: place, tag },
  ]);
  expect(asked).toEqual([
    { repository: place, project: expect.any(Number), fullName: 'acme/api', branch: 'main', use: 'upload' },
  ]);
  const entry = JSON.parse(world.git('show', 'refs/sluice/ledger/main:entry.json'));
  expect(entry.detail).toMatchObject({ kind: 'landed', number: 1, commit });
  expect(entry.detail.verdict.images).toEqual([
    {
      name: 'api',
      target: null,
      repository: place,
      tags: ['latest'],
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      staged: { repository: place, tag },
    },
  ]);
}, 240_000);

it('its credential is in that pod’s own secret, and in no pod, record or log', async () => {
  const { registryKeys } = boundTo('main');
  world = await start(registryKeys, { judge: (_files, job) => (job === 'upload-image' ? null : 'success') });
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  await world.ask(ash);
  await world.tests('upload-image@Ash');
  const given = world.executor.manifests.map((pod) => world.executor.secretsOf(pod.metadata.name));
  expect(given.filter((secrets) => secrets !== null && 'registry' in secrets)).toEqual([
    { registry: { 'config.json': key } },
  ]);
  world.judgeBy(() => 'success');
  await world.ended(ash, 'success');
  expect(JSON.stringify([world.executor.manifests, world.lines])).not.toContain(key);
}, 240_000);

it('a fork that inherits the file is parked with the binding that it lacks, and blamed for nothing', async () => {
  const rules = parseRegistries(
    '- { host: "127.0.0.1:9", repositories: [acme/*], projects: [acme/api], uses: [upload, promote], anonymous: true }\n',
    'registries.yaml',
  );
  if (rules.kind === 'wrong') throw new Error(JSON.stringify(rules.problems));
  const sources = { folder: tmpdir(), environment: {}, readSecret: async () => '', log: keepingLog() };
  world = await start(createRegistryKeys(rules.rules, sources), { others: { 'acme/fork': files } });
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' }, { repo: 'acme/fork' });
  await world.ask(ash);
  const said = await world.told(ash, /not the change's fault/);
  expect(said).toContain(
    `no credential lets acme/fork upload to ${place}: the one for 127.0.0.1:9/acme/* is bound to acme/api`,
  );
  expect(said).not.toContain('completed failure');
  expect([world.landed('acme/fork'), world.built()]).toEqual([[], []]);
  const birch = await world.change('Birch', { 'README.md': 'hello, Birch\n' });
  await world.ask(birch);
  await world.ended(birch, 'success');
}, 240_000);

it('a credential that cannot be read for a while is waited for, and nothing starts without it', async () => {
  const { registryKeys, asked } = boundTo('main');
  let tries = 0;
  world = await start({
    ...registryKeys,
    async filesFor(repository, caller) {
      if (caller.use === 'upload') tries += 1;
      if (tries < 3) throw new RegistryTrouble('denied', 'the file of the credential cannot be read');
      return registryKeys.filesFor(repository, caller);
    },
  });
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  await world.ask(ash);
  await world.ended(ash, 'success');
  expect(tries).toBe(3);
  expect(asked).toHaveLength(1);
  expect(world.built()).toEqual(['upload-image@Ash']);
}, 240_000);

it('a branch that rebuilds what has landed is only built for, though the change would upload', async () => {
  const { registryKeys, asked } = boundTo('main');
  const rebuilt = `${files['.sluice.yaml']}promotion: { mode: rebuild }\n`;
  world = await start(registryKeys, { files: { ...files, '.sluice.yaml': rebuilt } });
  const ash = await world.change('Ash', { '.sluice.yaml': files['.sluice.yaml'] });
  await world.ask(ash);
  await world.ended(ash, 'success');
  expect(world.built()).toEqual(['upload-image@Ash']);
  expect(asked).toEqual([]);
  expect(JSON.stringify(world.executor.manifests)).not.toContain('/sluice/step","upload');
}, 240_000);

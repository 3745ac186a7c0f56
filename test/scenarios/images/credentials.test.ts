import { tmpdir } from 'node:os';
import { afterEach, expect, it } from 'vitest';
import { parseRegistries } from '../../../src/config/registries/parse-registries.ts';
import type { RegistryKeys } from '../../../src/ports/registry-keys.ts';
import { createRegistryKeys } from '../../../src/registry-keys.ts';
import { type ImageWorld, startImageWorld } from '../../harness/image-world.ts';
import { keepingLog } from '../../harness/redis.ts';
import { makeCertificate, startTokenServer } from '../../harness/token-server.ts';

let world: ImageWorld;
const closing: (() => unknown)[] = [];

afterEach(async () => {
  await world?.stop();
  for (const close of closing.splice(0)) await close();
});

const pullAndPush = ['pull', 'push'];
const environment = {
  STAGER: 'stager',
  STAGER_KEY: 'key-of-stager',
  PUBLISHER: 'publisher',
  PUBLISHER_KEY: 'key-of-publisher',
};

/** Credentials of `main` of acme/api alone, for images of acme, the one of the staging place for both ways through it. */
function keysFor(final: string, staging: string): RegistryKeys {
  const whose = 'projects: [acme/api], branches: [main]';
  const reading = parseRegistries(
    [
      `- { host: "${staging}", repositories: ["waiting/${final.replace(':', '-')}/acme/*"], ${whose}, uses: [upload, promote], from: { env: { user: STAGER, password: STAGER_KEY } } }`,
      `- { host: "${final}", repositories: ["acme/*"], ${whose}, uses: [promote], from: { env: { user: PUBLISHER, password: PUBLISHER_KEY } } }`,
    ].join('\n'),
    'registries.yaml',
  );
  if (reading.kind === 'wrong') throw new Error(JSON.stringify(reading.problems));
  return createRegistryKeys(reading.rules, {
    folder: tmpdir(),
    environment,
    readSecret: async () => '',
    log: keepingLog(),
  });
}

async function startGuarded(): Promise<void> {
  const certificate = makeCertificate();
  closing.push(() => certificate.remove());
  const tokens = await startTokenServer(certificate, {
    stager: { password: environment.STAGER_KEY, may: (name) => (name.startsWith('waiting/') ? pullAndPush : []) },
    publisher: { password: environment.PUBLISHER_KEY, may: (name) => (name.startsWith('acme/') ? pullAndPush : []) },
  });
  closing.unshift(() => tokens.close());
  world = await startImageWorld({ guard: { auth: tokens.auth, keys: keysFor }, twins: ['acme/fork'] });
}

it('credentials that may pull and push, each in its registry, bring an image to where people pull it, and whom they are not bound to writes nothing', async () => {
  await startGuarded();
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  await world.ask(ash);
  await world.ended(ash, 'success');
  const commit = world.git('rev-parse', 'main');
  const check = await world.until('Ash is promoted', async () => {
    const found = await world.promoteCheck(commit);
    return found?.status === 'completed' && found;
  });
  expect(check.conclusion).toBe('success');
  expect(world.digests.get(`api@${commit}`)).toMatch(/^sha256:/);
  expect(await world.published('api')).toBe(world.digests.get(`api@${commit}`));
  const written = () => [world.staging.count(/^(PUT|POST|PATCH)/), world.final.count(/^(PUT|POST|PATCH)/)];
  const before = written();

  world.git('branch', 'dev', 'main');
  const file = world.git('show', 'main:.sluice.yaml');
  const elsewhere = file.replace('/acme/api,', '/other/api,');
  const strangers = [
    [await world.change('Birch', { 'b.txt': 'b\n' }, { repo: 'acme/fork' }), /is bound to acme\/api/],
    [await world.change('Cedar', { 'c.txt': 'c\n' }, { base: 'dev' }), /is bound to .*main/],
    [await world.change('Dogwood', { '.sluice.yaml': `${elsewhere}\n` }), /is for .*waiting\/[^/]*\/acme\/\*/],
  ] as const;
  await world.ask(...strangers.map(([change]) => change));
  for (const [change, why] of strangers) expect(await world.told(change, /no credential lets/)).toMatch(why);
  expect(written()).toEqual(before);
}, 240_000);

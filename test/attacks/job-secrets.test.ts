import { afterEach, expect, it } from 'vitest';
import { readNamePattern } from '../../src/core/registry/name-pattern.ts';
import { createJobSecrets } from '../../src/job-secrets.ts';
import { type GateWorld, startGateWorld, untilTold } from '../harness/gate-world.ts';

const secret = 'npm_A1b2C3d4E5f6G7h8';
const base64 = Buffer.from(secret).toString('base64');

const unit = '  unit: { on: gate, image: localhost/busybox:1, run: make test, secrets: { NPM_TOKEN: npm-token } }';

function fileOf(...jobs: readonly string[]): string {
  return ['apiVersion: sluice/v1', 'jobs:', ...jobs, 'gate: { requires: { approvals: 1 } }', ''].join('\n');
}

const patterns = (text: string) => [readNamePattern(text)].flatMap((each) => each ?? []);
const rule = { branches: patterns('**'), pipelines: ['gate'], from: { kind: 'env', name: 'NPM' } } as const;
const jobSecrets = createJobSecrets(
  [
    { ...rule, name: 'npm-token', projects: patterns('acme/api') },
    { ...rule, name: 'other-token', projects: patterns('acme/other') },
  ],
  { folder: '/', environment: { NPM: secret }, log: { warn: () => undefined } },
);

let world: GateWorld;

afterEach(async () => world.stop());

const begin = async (...jobs: readonly string[]) => {
  const files = { '.sluice.yaml': fileOf(...jobs), 'README.md': 'hello\n' };
  world = await startGateWorld({ judge: untilTold, files, sluice: { jobSecrets } });
};

it('a job of the gate has the secret that it is granted, and no log shows it in any form (A24)', async () => {
  await begin(unit);
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.tests('unit@Ash');
  const pod = world.executor.manifests.find(({ metadata }) => metadata.annotations['sluice.dev/job'] === 'unit');
  const name = pod?.metadata.name ?? '';
  expect(world.executor.secretsOf(name)).toEqual({ secrets: { NPM_TOKEN: secret } });
  expect(JSON.stringify(pod)).not.toContain(secret);
  world.executor.finish(name, { exitCode: 1, log: `pushing with ${secret}\nbasic ${base64}\nit failed\n` });
  const told = await world.ended(ash, 'failure');
  const [, address = ''] = /\]\((http[^)]+)\)/.exec(told) ?? [];
  const whole = await (await fetch(address)).text();
  expect(whole).toContain('pushing with ***\nbasic ***\nit failed');
  for (const text of [whole, told, JSON.stringify(world.lines)])
    for (const form of [secret, base64.replace(/=+$/, '')]) expect(text).not.toContain(form);
}, 240_000);

it('a change that names one of another project, or one more, gets none: power needs the branch, too (A6)', async () => {
  await begin(unit);
  const ash = await world.change('Ash', {
    '.sluice.yaml': fileOf(
      unit,
      '  theirs: { on: gate, image: localhost/busybox:1, run: make x, secrets: { A: npm-token, B: other-token } }',
    ),
  });
  await world.ask(ash);
  await world.tests('theirs@Ash', 'unit@Ash');
  const given = world.executor.manifests.map(({ metadata }) => [
    metadata.annotations['sluice.dev/job'],
    world.executor.secretsOf(metadata.name),
  ]);
  expect(Object.fromEntries(given)).toEqual({ unit: { secrets: { NPM_TOKEN: secret } }, theirs: {} });
}, 240_000);

it('one that is granted to nobody here is not given, and whoever asks is told no more than its name', async () => {
  await begin('  unit: { on: gate, image: localhost/busybox:1, run: make test, secrets: { OTHER: other-token } }');
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  const told = await world.told(ash, /no secret `?other-token`? is granted to acme\/api/);
  expect(told).not.toContain('acme/other');
  expect(world.built()).toEqual([]);
}, 240_000);

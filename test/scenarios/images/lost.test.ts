import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type ImageWorld, startImageWorld } from '../../harness/image-world.ts';
import { readDigest } from '../../harness/oci-image.ts';

let world: ImageWorld;

afterEach(async () => world.stop());

async function told(commit: string, fits: RegExp): Promise<string> {
  return world.until(`the promotion says ${fits}`, async () => {
    const check = await world.promoteCheck(commit);
    const text = check && `${check.status} ${check.conclusion}\n${check.title}\n${check.summary}`;
    return text !== undefined && fits.test(text) && text;
  });
}

it('an image that the registry has lost before it was promoted is built again at the landed commit, and the record says so', async () => {
  world = await startImageWorld();
  world.staging.spoil({ on: /^GET .*\/blobs\//, fault: { kind: 'answer', status: 403 } });
  const ash = await world.change('Ash', { 'README.md': 'hello, Ash\n' });
  await world.ask(ash);
  await world.ended(ash, 'success');
  const commit = world.git('rev-parse', 'main');
  const gated = world.uploaded.get(`api@${commit}`)?.digest ?? '';
  await told(commit, /1 of 1 images refused/);
  const place = `waiting/${world.final.host.replace(':', '-')}/acme/api`;
  const manifests = join(world.stagingStorage, 'docker/registry/v2/repositories', place, '_manifests');
  await rm(manifests, { recursive: true });
  expect(await readDigest(world.staging.base, place, gated)).toBeNull();
  world.staging.calm();
  await world.say(ash, '/promote');
  await told(commit, /is not in .* any more, where the gate put it/);
  for (let time = 0; time < 3; time += 1) {
    await world.say(ash, '/promote');
    await told(commit, new RegExp(`Tried ${time + 3} times|It is built again|^completed`));
  }
  const said = await told(commit, /^completed success/);
  expect(said).toContain('1 image published, built again at this commit');
  const rebuilt = world.uploaded.get(`api@${commit}`)?.digest ?? '';
  expect(rebuilt).not.toBe(gated);
  expect([await world.published('api'), await world.published('api', commit)]).toEqual([rebuilt, rebuilt]);
  const entry = JSON.parse(world.git('show', 'refs/sluice/ledger/main:entry.json'));
  expect(entry.detail.kind).toBe('published');
  expect(entry.detail.because).toContain('no registry has the digest that the gate built');
  expect(JSON.stringify(entry.detail)).toContain(rebuilt);
}, 240_000);

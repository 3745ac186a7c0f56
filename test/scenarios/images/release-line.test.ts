import { afterEach, expect, it } from 'vitest';
import { type ImageWorld, startImageWorld } from '../../harness/image-world.ts';
import { promotionSays } from './land-image.ts';

let world: ImageWorld;

afterEach(async () => world.stop());

const isPublished = /^completed success/;
const told = (commit: string, fits: RegExp) => promotionSays(world, commit, fits);
const digestAt = (commit: string): string | undefined => world.uploaded.get(`api@${commit}`)?.digest;
const pulls = (commit: string, tag = 'latest') =>
  world.until(
    `${tag} is what was built for ${commit.slice(0, 7)}`,
    async () => (await world.published('api', tag)) === digestAt(commit),
  );

async function land(name: string, base: string): Promise<string> {
  const change = await world.change(name, { [`${name}.md`]: `hello, ${name}\n` }, { base });
  await world.ask(change);
  await world.ended(change, 'success');
  return world.git('rev-parse', base);
}

it('release branches of one line share a tag, which the latest version has; older ones land, and take nothing from it', async () => {
  world = await startImageWorld({
    mode: 'tag',
    lines:
      'version: { releaseBranches: "release-v{major}.{minor}", dev: { fallback: v1.0.0-dev, tags: [latest, "{{ sha }}"] } }',
  });
  world.git('branch', 'release-v1.9', 'main');
  const nine = await land('Ash', 'release-v1.9');
  await told(nine, isPublished);
  await pulls(nine);

  world.git('branch', 'release-v1.10', 'release-v1.9');
  const ten = await land('Birch', 'release-v1.10');
  await told(ten, isPublished);
  await pulls(ten);
  const older = await land('Cedar', 'release-v1.9');
  expect(await told(older, isPublished)).toMatch(/acme\/api:latest` stays with `release-v1\.10`, which is of a later/);
  await pulls(older, older);
  expect(await world.published('api')).toBe(digestAt(ten));

  world.git('update-ref', '-d', 'refs/heads/release-v1.10');
  await world.say({ name: '', repo: world.repo, number: 2, head: '' }, '/promote');
  const again = await land('Dogwood', 'release-v1.9');
  await told(again, isPublished);
  expect(await world.published('api')).toBe(digestAt(ten));
}, 300_000);

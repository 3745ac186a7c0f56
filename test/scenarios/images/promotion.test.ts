import { afterEach, expect, it } from 'vitest';
import { type ImageWorld, startImageWorld } from '../../harness/image-world.ts';
import { makeImage, seedImage } from '../../harness/oci-image.ts';

let world: ImageWorld;

afterEach(async () => world.stop());

async function landed(
  name: string,
  files: Readonly<Record<string, string>> = { 'README.md': `hello, ${name}\n` },
  base = 'main',
): Promise<string> {
  const change = await world.change(name, files, { base });
  await world.ask(change);
  await world.ended(change, 'success');
  return world.git('rev-parse', base);
}

/** Waits until the promotion of a landed commit is told so. */
async function promoted(commit: string, conclusion = 'success'): Promise<string> {
  const check = await world.until(`${commit.slice(0, 7)} is promoted`, async () => {
    const found = await world.promoteCheck(commit);
    return found?.status === 'completed' && found;
  });
  expect(check.conclusion).toBe(conclusion);
  return `${check.title}\n${check.summary}`;
}

const digestAt = (image: string, commit: string): string | undefined =>
  world.uploaded.get(`${image}@${commit}`)?.digest;

it.each(['tag', 'intermediate'] as const)(
  'what landed is what people pull, by way of %s',
  async (mode) => {
    world = await startImageWorld({ mode, images: ['api', 'web'] });
    expect(await world.published('api')).toBeNull();
    const commit = await landed('Ash');
    const said = await promoted(commit);
    expect(said).toContain('2 images published, as the gate tested them');
    for (const image of ['api', 'web'])
      expect([await world.published(image), await world.published(image, commit)]).toEqual([
        digestAt(image, commit),
        digestAt(image, commit),
      ]);
    expect(said).toContain(digestAt('api', commit));
  },
  240_000,
);

it('a pod promotes what landed where the project says so, and the worker writes to no registry', async () => {
  world = await startImageWorld({ promoter: 'pod', images: ['api', 'web'] });
  world.final.spoil({ on: /^PUT .*manifests\/latest$/, fault: { kind: 'answer', status: 403 } });
  const commit = await landed('Ash');
  const check = await world.until('it is told why the pod failed', async () => {
    const found = await world.promoteCheck(commit);
    return /of 2 images wait/.test(found?.title ?? '') && found;
  });
  expect(check?.summary).toMatch(/the pod that promotes it ended: the registry did not do what it was asked for.*403/);
  world.final.clear();
  await world.say({ name: 'Ash', repo: world.repo, number: 1, head: '' }, '/promote');
  await promoted(commit);
  for (const image of ['api', 'web']) expect(await world.published(image)).toBe(digestAt(image, commit));
  const pods = world.executor.manifests.filter(
    ({ metadata }) => metadata.annotations['sluice.dev/job'] === 'promote-image',
  );
  expect(new Set(pods.map(({ metadata }) => metadata.name)).size).toBe(2);
}, 240_000);

it('what landed is built again and published where the project says so', async () => {
  world = await startImageWorld({ mode: 'rebuild' });
  const commit = await landed('Ash');
  expect(await promoted(commit)).toContain('1 image published, built again at this commit');
  expect(await world.published('api')).toBe(digestAt('api', commit));
  const entries = world.git('log', '--format=%s', 'refs/sluice/ledger/main');
  expect(entries).toMatch(/published/);
}, 240_000);

it('a registry that is away in mid-promotion is told with reason and time, and it finishes by itself', async () => {
  world = await startImageWorld({ images: ['api', 'web'] });
  world.final.spoil({ on: /^PUT .*manifests\/(latest|[0-9a-f]{40})$/, fault: { kind: 'answer', status: 503 } });
  const commit = await landed('Ash');
  const check = await world.until('it is told that it waits', async () => {
    const found = await world.promoteCheck(commit);
    return /of 2 images wait/.test(found?.title ?? '') && found;
  });
  expect(check?.summary).toMatch(/waits since \d\d:\d\d UTC: .*503.*again at \d\d:\d\d UTC, or at once by `\/promote`/);
  expect(await world.published('api')).toBeNull();
  world.final.clear();
  await world.say({ name: 'Ash', repo: world.repo, number: 1, head: '' }, '/promote');
  await promoted(commit);
  expect([await world.published('api'), await world.published('web')]).toEqual([
    digestAt('api', commit),
    digestAt('web', commit),
  ]);
}, 240_000);

it('nothing that did not land ever had a name that anyone pulls', async () => {
  world = await startImageWorld({
    lines: 'jobs: { e2e: { on: [gate], image: localhost/busybox:1, run: make e2e } }',
    judge: (files) => (files.has('bad.txt') ? 'failure' : 'success'),
  });
  const bad = await world.change('Bad', { 'bad.txt': 'bad\n' });
  await world.ask(bad);
  await world.ended(bad, 'failure');
  expect(world.uploaded.size).toBeGreaterThan(0);
  expect(await world.published('api')).toBeNull();
  expect(world.final.count(/^PUT/)).toBe(0);
}, 240_000);

it('a tag that somebody moved is put right, and one who landed later keeps it', async () => {
  world = await startImageWorld({ mode: 'tag' });
  const first = await landed('Ash');
  await promoted(first);
  const second = await landed('Birch');
  await promoted(second);
  expect(await world.published('api')).toBe(digestAt('api', second));
  expect(await world.published('api', first)).toBe(digestAt('api', first));
  const moved = makeImage([10]);
  await seedImage(world.final.base, 'acme/api', moved, 'latest');
  expect(await world.published('api')).toBe(moved.digest);
  await world.say({ name: 'Birch', repo: world.repo, number: 2, head: '' }, '/promote');
  await world.until('the tag is put right', async () => (await world.published('api')) === digestAt('api', second));
  expect(await world.published('api', first)).toBe(digestAt('api', first));
}, 240_000);

it('a tag that two branches name is that of the first; the other is told whose it is, and gets it once it is given up', async () => {
  const ofDev = (files: ReadonlyMap<string, string>, job: string): boolean => files.has('dev.txt') && job === 'e2e';
  world = await startImageWorld({
    mode: 'tag',
    lines: 'jobs: { e2e: { on: [gate], image: localhost/busybox:1, run: make e2e } }',
    judge: (files, job) => (ofDev(files, job) ? null : 'success'),
  });
  world.git('branch', 'dev', 'main');
  const birch = await world.change('Birch', { 'dev.txt': 'hello\n' }, { base: 'dev' });
  await world.ask(birch);
  await world.tests('e2e@Birch');
  const main = await landed('Ash');
  await promoted(main);
  await world.end('e2e@Birch', 'success');
  await world.ended(birch, 'success');
  const dev = world.git('rev-parse', 'dev');
  const check = await world.until('it is told that it waits', async () => {
    const found = await world.promoteCheck(dev);
    return /1 of 1 images refused/.test(found?.title ?? '') && found;
  });
  expect(check.summary).toContain('latest belongs to acme/api on main, which had it first');
  expect([await world.published('api'), await world.published('api', dev)]).toEqual([
    digestAt('api', main),
    digestAt('api', dev),
  ]);
  const file = world.git('show', 'main:.sluice.yaml').replace('tags: [latest,', 'tags: [stable,');
  const other = await landed('Cedar', { '.sluice.yaml': `${file}\n` });
  await promoted(other);
  await world.say(birch, '/promote');
  await promoted(dev);
  expect([await world.published('api'), await world.published('api', 'stable')]).toEqual([
    digestAt('api', dev),
    digestAt('api', other),
  ]);
}, 240_000);

it('of two images that a change builds, a test runs in the one that it names, where that waits for its landing', async () => {
  const job = 'needs: [upload-image], image: "{{ images.web.staged }}", run: make e2e';
  world = await startImageWorld({ images: ['api', 'web'], lines: `jobs: { e2e: { on: gate, ${job} } }` });
  const commit = await landed('Ash');
  const pod = world.executor.manifests.find(({ metadata }) => metadata.annotations['sluice.dev/job'] === 'e2e');
  const image = pod?.spec.containers.find(({ name }) => name === 'command')?.image;
  const place = `waiting/${world.final.host.replace(':', '-')}/acme/web`;
  expect(image).toBe(`${world.staging.host}/${place}@${digestAt('web', commit)}`);
  const there = await fetch(`http://${world.staging.host}/v2/${place}/manifests/${digestAt('web', commit)}`, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
  });
  expect([there.status, there.headers.get('docker-content-digest')]).toEqual([200, digestAt('web', commit)]);
  await promoted(commit);
  expect(await world.published('web')).toBe(digestAt('web', commit));
}, 240_000);

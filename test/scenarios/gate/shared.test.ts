import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';

let world: GateWorld;

afterEach(async () => world.stop());

const web = 'acme/web';

function files(queue: string | null): Record<string, string> {
  const gate = queue === null ? 'requires: { approvals: 1 }' : `queue: ${queue}, requires: { approvals: 1 }`;
  const lines = [
    'apiVersion: sluice/v1',
    'jobs:',
    '  unit: { on: [gate], image: localhost/busybox:1, run: make test }',
  ];
  return { '.sluice.yaml': `${lines.join('\n')}\ngate: { ${gate} }\n`, 'README.md': 'hello\n' };
}

function startShared(): Promise<GateWorld> {
  return startGateWorld({ judge: untilTold, files: files('shop'), others: { [web]: files('shop') } });
}

it('24: what is ahead in one project is tested with what follows in another, which never lands without it', async () => {
  world = await startShared();
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' }, { repo: web, body: 'Depends-On: acme/api#1' });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'unit@Birch');
  expect(await world.told(birch, /Tested on top of acme\/api#1/)).toContain('2. of 2 in the queue');
  // What passed together with Ash does not land before it.
  await world.end('unit@Birch', 'success');
  await world.told(birch, /`unit` \| passed/);
  expect(world.landed(web)).toEqual([]);
  await world.end('unit@Ash', 'success');
  await world.ended(ash, 'success');
  await world.ended(birch, 'success');
  expect([world.landed(), world.landed(web)]).toEqual([['Ash (#1)'], ['Birch (#1)']]);
  // Where Ash landed is what Birch was tested with. Ash itself was tested anew as the other project joined the queue.
  expect(world.built()).toEqual(['unit@Ash', 'unit@Ash', 'unit@Birch']);
}, 240_000);

it('24: once what is ahead in the other project fails, what was tested with it is tested without it, and lands', async () => {
  world = await startShared();
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' }, { repo: web });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'unit@Birch');
  await world.end('unit@Birch', 'success');
  await world.told(birch, /`unit` \| passed/);
  await world.end('unit@Ash', 'failure');
  await world.ended(ash, 'failure');
  await world.end('unit@Birch', 'success');
  await world.ended(birch, 'success');
  expect(world.built().filter((name) => name === 'unit@Birch')).toHaveLength(2);
  expect([world.landed(), world.landed(web)]).toEqual([[], ['Birch (#1)']]);
}, 240_000);

it('24: after a push to one project, what stands on it in the other is tested anew', async () => {
  world = await startShared();
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' }, { repo: web });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'unit@Birch');
  const { repo } = world;
  await world.github.push({ repo, by: 'boss', branch: 'main', files: { 'x.txt': 'x\n' }, message: 'Direct' });
  await world.tests('unit@Direct+Ash', 'unit@Birch');
  world.judgeBy(() => 'success');
  await world.ended(birch, 'success');
  expect([world.landed(), world.landed(web)]).toEqual([['Direct', 'Ash (#1)'], ['Birch (#1)']]);
  expect(world.built().filter((name) => name === 'unit@Birch')).toHaveLength(2);
}, 240_000);

it('24: without a shared queue one waits with that reason, and enters by itself once the other has landed', async () => {
  world = await startGateWorld({ judge: untilTold, files: files(null), others: { [web]: files(null) } });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' }, { repo: web, body: 'Depends-On: acme/api#1' });
  await world.ask(birch);
  await world.told(birch, /It depends on `acme\/api#1`, which lands by another queue and has not yet/);
  await world.ask(ash);
  await world.end('unit@Ash', 'success');
  await world.ended(ash, 'success');
  await world.end('unit@Birch', 'success');
  await world.ended(birch, 'success');
}, 240_000);

it('24: a cycle across two queues is told with its members, and neither enters', async () => {
  world = await startGateWorld({ files: files(null), others: { [web]: files(null) } });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' }, { body: 'Depends-On: acme/web#1' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' }, { repo: web, body: 'Depends-On: acme/api#1' });
  await world.ask(ash, birch);
  await world.told(ash, /It depends on itself: `acme\/api#1` → `acme\/web#1` → `acme\/api#1`/);
  await world.told(birch, /It depends on itself: `acme\/web#1` → `acme\/api#1` → `acme\/web#1`/);
  expect([world.landed(), world.landed(web)]).toEqual([[], []]);
}, 240_000);

it('24: a branch whose file names another queue takes what was queued along', async () => {
  world = await startGateWorld({ judge: untilTold, files: files(null), others: { [web]: files('shop') } });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.tests('unit@Ash');
  const { repo } = world;
  await world.github.push({ repo, by: 'boss', branch: 'main', files: files('shop'), message: 'Share' });
  await world.tests('unit@Share+Ash');
  world.judgeBy(() => 'success');
  await world.told(ash, /Landed as/);
  expect(world.landed()).toEqual(['Share', 'Ash (#1)']);
  const subjects = world.executor.manifests.map(({ metadata }) => metadata.annotations['sluice.dev/subject'] ?? '');
  expect(subjects.at(-1)).toMatch(/^shared-queue\/\d+\/shop\/main$/);
}, 240_000);

it('24: with Redis emptied a shared queue is found again with its order, and lands each once', async () => {
  world = await startShared();
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' }, { repo: web, body: 'Depends-On: acme/api#1' });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'unit@Birch');
  await world.sluice.close();
  await world.redis.open().flushall();
  world.sluice = await world.startAnother();
  await world.told(birch, /2\. of 2 in the queue[\s\S]*Tested on top of acme\/api#1/);
  world.judgeBy(() => 'success');
  await world.ended(ash, 'success');
  await world.ended(birch, 'success');
  expect([world.landed(), world.landed(web)]).toEqual([['Ash (#1)'], ['Birch (#1)']]);
}, 240_000);

it('24: an image is built with the other project as the queue has it, and anew when that one leaves', async () => {
  const image = '{ name: web, repository: registry.example.com/acme/web, siblings: [acme/api] }';
  const lines = [
    'apiVersion: sluice/v1',
    'images:',
    `  - ${image}`,
    'jobs:',
    '  image: { template: build-image, on: gate }',
  ];
  const withImage = {
    '.sluice.yaml': `${lines.join('\n')}\ngate: { queue: shop, requires: { approvals: 1 } }\n`,
    Dockerfile: 'FROM scratch\nCOPY .siblings/acme/api/README.md /\n',
  };
  world = await startGateWorld({ judge: untilTold, files: files('shop'), others: { [web]: withImage } });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' }, { repo: web });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'image@Birch');
  const podOf = (name: string) =>
    world.executor.manifests.findLast(({ metadata }) => metadata.annotations['sluice.dev/job'] === name)?.metadata;
  const tested = podOf('unit')?.annotations['sluice.dev/commit'];
  const before = podOf('image');
  expect(before?.annotations['sluice.dev/siblings']).toBe(`acme/api@${tested}`);
  await world.end('unit@Ash', 'failure');
  await world.ended(ash, 'failure');
  await world.until('the image is built anew', () => podOf('image')?.name !== before?.name);
  expect(podOf('image')?.annotations['sluice.dev/siblings']).toBe(`acme/api@${world.git('rev-parse', 'main')}`);
}, 240_000);

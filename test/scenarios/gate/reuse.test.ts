import { afterEach, expect, it } from 'vitest';
import { type GateWorld, startGateWorld, untilTold } from '../../harness/gate-world.ts';
import { startImageWorld } from '../../harness/image-world.ts';
import { deleteTags } from '../images/delete-tags.ts';
import { promotionSays } from '../images/land-image.ts';
import { operate } from './operator.ts';

let world: GateWorld;

afterEach(async () => world.stop());

const image = `localhost/busybox@sha256:${'b'.repeat(64)}`;

function fileOf(reusable: boolean, gate = ''): string {
  return [
    'apiVersion: sluice/v1',
    'jobs:',
    `  unit: { on: [gate], image: "${image}", run: make test, reusable: ${reusable} }`,
    `gate: { requires: { approvals: 1 }${gate} }`,
    '',
  ].join('\n');
}

const filesOf = (reusable: boolean, gate = '') => ({ '.sluice.yaml': fileOf(reusable, gate), 'README.md': 'hello\n' });

/** Ash runs, Birch has passed on it and then goes ahead of it: what comes behind is the tree of both once more. */
async function turnRound(): Promise<readonly [string, string]> {
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('unit@Ash', 'unit@Ash+Birch');
  await world.end('unit@Ash+Birch', 'success');
  await world.tests('unit@Ash');
  await world.say(birch, '/priority hotfix');
  await world.told(birch, /First in the queue/);
  const said = await world.told(ash, /On top of #2|Tested on top of #2/);
  world.judgeBy(() => 'success');
  return [said, await world.ended(ash, 'success')];
}

function entryOf(branch: string): { readonly detail: { readonly number: number; readonly verdict: object } } {
  return JSON.parse(world.git('show', `refs/sluice/ledger/${branch}:entry.json`));
}

it('what passed in the one order is not built again in the other, and whoever asks reads which run stands for it', async () => {
  world = await startGateWorld({ files: filesOf(true), judge: untilTold });
  const [said, ended] = await turnRound();
  expect(world.landed()).toEqual(['Birch (#2)', 'Ash (#1)']);
  expect(world.built()).toEqual(['unit@Ash', 'unit@Ash+Birch', 'unit@Birch']);
  for (const text of [said, ended])
    expect(text).toMatch(
      /\| `unit` \| passed \| passed before on the same tree, as [0-9a-f]{12} of #2 \(.* UTC\): not built again \| \[log\]\(http/,
    );
  const { detail } = entryOf('main');
  expect(detail).toMatchObject({
    number: 1,
    verdict: { commit: world.git('rev-parse', 'main'), tree: world.git('rev-parse', 'main^{tree}') },
  });
  expect(detail.verdict).toMatchObject({ reused: { commit: expect.stringMatching(/^[0-9a-f]{40}$/) } });
}, 240_000);

it.each([
  ['the job does not say that it reads nothing else', filesOf(false)],
  ['the project has it switched off', filesOf(true, ', reuse: off')],
])(
  'it is built again where %s',
  async (_, files) => {
    world = await startGateWorld({ files, judge: untilTold });
    await turnRound();
    expect(world.built()).toEqual(['unit@Ash', 'unit@Ash+Birch', 'unit@Birch', 'unit@Birch+Ash']);
  },
  240_000,
);

it('what failed is run anew when it is asked for again', async () => {
  world = await startGateWorld({ files: filesOf(true), judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.end('unit@Ash', 'failure');
  await world.ended(ash, 'failure');
  await world.ask(ash);
  await world.end('unit@Ash', 'success');
  await world.until('it has landed', () => world.landed().length === 1);
  expect(world.built().filter((name) => name !== 'unit@')).toEqual(['unit@Ash', 'unit@Ash']);
}, 240_000);

it('a change that passed, was taken out and asked for again needs no build', async () => {
  world = await startGateWorld({ files: filesOf(true), judge: untilTold });
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  await world.ask(ash);
  await world.tests('unit@Ash');
  await operate(world, 'freeze', 'a release');
  await world.told(ash, /The queue is frozen/);
  await world.end('unit@Ash', 'success');
  await world.told(ash, /\| `unit` \| passed/);
  await world.say(ash, '/dequeue');
  await world.ended(ash, 'cancelled');
  await world.say(ash, `/gate ${ash.head}`);
  await world.told(ash, /not built again/);
  await operate(world, 'thaw');
  await world.until('it has landed', () => world.landed().length === 1);
  expect(world.built()).toEqual(['unit@Ash']);
}, 240_000);

it('people pull the very image that the first run uploaded', async () => {
  const lines = 'jobs: { upload-image: { template: upload-image, on: gate, reusable: true } }';
  const images = await startImageWorld({ lines });
  world = images;
  deleteTags(images.staging, images.stagingStorage);
  images.uploadBy(() => 'wait');
  const ash = await world.change('Ash', { 'a.txt': 'a\n' });
  const birch = await world.change('Birch', { 'b.txt': 'b\n' });
  await world.ask(ash, birch);
  await world.tests('upload-image@Ash', 'upload-image@Ash+Birch');
  await operate(world, 'freeze', 'a release');
  await world.told(ash, /The queue is frozen/);
  images.uploadBy(() => 'upload');
  await world.told(birch, /\| `upload-image` \| passed/);
  // Whichever was uploaded first: what was built as Birch stood on Ash.
  const both = [...images.uploaded].find(([key]) =>
    world.git('log', '-1', '--format=%s', key.slice(4)).includes('Birch'),
  );
  expect(both).toBeDefined();
  await world.say(birch, '/priority hotfix');
  await world.told(ash, /not built again/);
  await operate(world, 'thaw');
  await world.ended(ash, 'success');
  expect(world.built()).toEqual(['upload-image@Ash', 'upload-image@Ash+Birch', 'upload-image@Birch']);
  const commit = world.git('rev-parse', 'main');
  expect(await promotionSays(images, commit, /completed success/)).toContain(both?.[1].digest);
  expect(await images.published('api', commit)).toBe(both?.[1].digest);
  expect(await images.published('api')).toBe(both?.[1].digest);
  const waits = `change_2_${both?.[0].split('@')[1]?.slice(0, 12)}_latest`;
  await world.until(
    'where it waited is cleared away',
    async () => !(await images.changeTags()).some((tag) => tag.endsWith(waits)),
  );
}, 240_000);

import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterWorld, startClusterWorld } from './cluster-world.ts';
import type { WholePod } from './witness.ts';

const repo = 'acme/shop';
const check = 'sluice/gate/main';

/** The image of a shelf that holds twelve boxes: what is more does not build. */
function dockerfile(base: string): string {
  return [
    `FROM ${base} AS build`,
    'COPY apples.txt pears.txt /shelf/',
    // Long enough for the next two to be asked for meanwhile.
    'RUN sleep 5 && test $(($(cat /shelf/apples.txt) + $(cat /shelf/pears.txt))) -le 12',
    '',
    'FROM scratch',
    'COPY --from=build /shelf /shelf',
    '',
  ].join('\n');
}

const config = [
  'apiVersion: sluice/v1',
  'images:',
  '  - name: shop',
  '    repository: registry.example.com/acme/shop',
  'jobs:',
  '  build-image:',
  '    template: build-image',
  '    on: gate',
  '    resources: { cpu: 100m, memory: 512Mi, ephemeralStorage: 1Gi }',
  '  upload-image: null',
  'gate: { requires: { approvals: 1 } }',
  '',
].join('\n');

interface Queued {
  readonly number: number;
  readonly head: string;
}

describe('a queue in a cluster, whose candidates are built by kaniko in pods', { timeout: 300_000 }, () => {
  let world: ClusterWorld;

  beforeAll(async () => {
    world = await startClusterWorld();
    const { github, baseImage } = world;
    await github.createUser('boss');
    const files = { 'apples.txt': '3\n', 'pears.txt': '3\n', 'README.md': '# shop\n' };
    await github.createRepository(repo, {
      files: { ...files, Dockerfile: dockerfile(baseImage), '.sluice.yaml': config },
    });
    for (const login of ['ada', 'boss']) await github.setPermission(repo, login, 'write');
    const sluice = world.serve('all');
    world.front.turnTo(await sluice.url());
    await sluice.ready();
  }, 180_000);

  afterAll(async () => {
    await world?.stop();
  }, 120_000);

  async function open(title: string, files: Readonly<Record<string, string>>): Promise<Queued> {
    const { github } = world;
    const { number, headSha } = await github.openPullRequest({ repo, by: 'ada', title, files });
    await github.review({ repo, number, by: 'boss', state: 'APPROVED' });
    return { number, head: headSha };
  }

  /** One after the other: GitHub tells the time of a comment in whole seconds. */
  async function ask(changes: readonly Queued[]): Promise<void> {
    for (const { number, head } of changes) {
      await world.github.comment(repo, number, 'boss', `/gate ${head}`);
      await world.until('the gate to hear of it', () => world.check(repo, head, check));
    }
  }

  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', world.github.gitFolder(repo), ...args], { encoding: 'utf8' }).trim();

  it('lands two of three changes, of which the second breaks the build together with the first; main is never red', async () => {
    const beginning = git('rev-parse', 'main');
    const ash = await open('Ash', { 'apples.txt': '8\n' });
    const birch = await open('Birch', { 'pears.txt': '8\n' });
    const cedar = await open('Cedar', { 'README.md': '# shop\n\nOpen from nine to five.\n' });
    await ask([ash, birch, cedar]);
    const pods = await world.until('three candidates to be built at once', async () => {
      const there = await world.pods();
      return new Set(there.map(candidateOf)).size >= 3 && there;
    });
    expect(pods.every(usesKaniko)).toBe(true);

    expect(await world.concluded(repo, ash.head, check)).toMatchObject({ conclusion: 'success' });
    expect(await world.concluded(repo, birch.head, check)).toMatchObject({
      conclusion: 'failure',
      title: 'Rejected',
      summary: expect.stringContaining('build-image'),
    });
    expect(await world.concluded(repo, cedar.head, check)).toMatchObject({ conclusion: 'success' });

    const landed = git('log', '--first-parent', '--reverse', '--format=%s', `${beginning}..main`).split('\n');
    expect(landed).toEqual(['Ash (#1)', 'Cedar (#3)']);
    for (const commit of git('rev-list', '--first-parent', 'main').split('\n')) {
      const boxes = ['apples.txt', 'pears.txt'].map((file) => Number(git('show', `${commit}:${file}`)));
      expect(boxes.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(12);
    }
    await world.until('no pod to be left', async () => (await world.pods()).length === 0);
    // Ash, Birch on Ash, Cedar on both, and Cedar without Birch.
    expect(world.everSeen().size).toBe(4);
  });
});

function candidateOf({ metadata }: WholePod): string | undefined {
  return metadata.annotations?.['sluice.dev/commit'];
}

function usesKaniko({ spec }: WholePod): boolean {
  return [...spec.initContainers, ...spec.containers].some(({ image }) => image.includes('kaniko'));
}

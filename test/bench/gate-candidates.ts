import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClones } from '../../src/adapters/git/clones.ts';
import { createLanding } from '../../src/adapters/git/landing.ts';
import { createLedgerKey } from '../../src/adapters/git/ledger-key.ts';
import { type Sha, toSha } from '../../src/model/sha.ts';
import { serveGit } from '../adapters/git/serve-git.ts';
import { aProject } from '../fakes/model-data.ts';
import { endLater } from './endings.ts';
import type { BenchOptions, Measurement } from './measurement.ts';
import { type Spread, spreadOf } from './percentiles.ts';
import { inMs, type Result } from './result.ts';

const stamp = 'Sluice Bench <bench@sluice.test> 1700000000 +0000';

function commitLines(mark: number, ref: string, files: readonly string[], from: number | null): string {
  const parent = from === null ? '' : `from :${from}\n`;
  return `commit ${ref}\nmark :${mark}\ncommitter ${stamp}\ndata 4\nwork\n${parent}${files.join('')}\n`;
}

function fileLine(path: string, text: string): string {
  return `M 100644 inline ${path}\ndata ${text.length}\n${text}\n`;
}

/** One commit of so many files on `main`, and so many changes of one file each, as `refs/pull/N/head`. */
function streamOf(files: number, changes: number): string {
  const path = (index: number) => `dir${index % 100}/sub${Math.floor(index / 100) % 50}/file${index}.txt`;
  const all = Array.from({ length: files }, (_, index) => fileLine(path(index), `file ${index}`));
  const heads = Array.from({ length: changes }, (_, index) => {
    const changed = [fileLine(path(index * 37), `changed by ${index}`)];
    return commitLines(index + 2, `refs/pull/${index + 1}/head`, changed, 1);
  });
  return [commitLines(1, 'refs/heads/main', all, null), ...heads, 'done\n'].join('');
}

interface Upstream {
  readonly folder: string;
  readonly tip: Sha;
  readonly heads: readonly Sha[];
}

function makeUpstream(folder: string, files: number, changes: number): Upstream {
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', folder]);
  const input = streamOf(files, changes);
  execFileSync('git', ['-C', folder, 'fast-import', '--quiet', '--done'], { input, maxBuffer: 2 ** 28 });
  const shaOf = (ref: string) =>
    toSha(execFileSync('git', ['-C', folder, 'rev-parse', ref], { encoding: 'utf8' }).trim());
  const heads = Array.from({ length: changes }, (_, index) => shaOf(`refs/pull/${index + 1}/head`));
  return { folder, tip: shaOf('refs/heads/main'), heads };
}

/** The same merges, one on the other, by git alone: what nobody can do faster with it. */
function mergeWithGit({ folder, tip, heads }: Upstream): { readonly times: readonly number[]; readonly tree: string } {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=b', '-c', 'user.email=b@b', ...args], {
      encoding: 'utf8',
    }).trim();
  const times: number[] = [];
  let parent: string = tip;
  let tree = '';
  for (const head of heads) {
    const began = performance.now();
    tree = git('merge-tree', '--write-tree', parent, head);
    parent = git('commit-tree', tree, '-p', parent, '-p', head, '-m', 'merge');
    times.push(performance.now() - began);
  }
  return { times, tree };
}

async function mergeWithLanding(root: string, url: string, { tip, heads }: Upstream) {
  const clones = createClones({ folder: join(root, 'clones'), credentials: async () => null });
  const landing = createLanding({ clones, pushCredentials: async () => null, signer: createLedgerKey(null) });
  const project = aProject({ cloneUrl: url });
  /** All of them, one on the other; other words make other commits. */
  async function makeAll(message: string) {
    const times: number[] = [];
    let parent = tip;
    let tree = '';
    for (const [index, head] of heads.entries()) {
      const start = performance.now();
      const request = { number: index + 1, parent, head, method: 'merge', message, trailers: [] } as const;
      const made = await landing.make(project, request);
      times.push(performance.now() - start);
      if (made.kind !== 'made') throw new Error(`change ${index + 1} is ${made.kind}`);
      parent = made.commit;
      tree = made.tree;
    }
    return { times, tree };
  }

  try {
    const began = performance.now();
    await landing.read(project, 'main');
    const firstMs = performance.now() - began;
    const { times, tree } = await makeAll('merge');
    const here = await makeAll('merge again');
    if (here.tree !== tree) throw new Error(`once more we made the tree ${here.tree}, first ${tree}`);
    return { times, here: here.times, tree, firstMs };
  } finally {
    await clones.close();
  }
}

function figureOf(ms: Spread, times: readonly number[]): string {
  const perMinute = (60_000 * times.length) / times.reduce((sum, each) => sum + each, 0);
  return `${perMinute.toFixed(0)} candidates a minute; one ${inMs(ms.p50)} (p95 ${inMs(ms.p95)}, worst ${inMs(ms.max)})`;
}

async function run({ quick, progress }: BenchOptions): Promise<Result> {
  const [files, changes] = quick ? [5_000, 20] : [50_000, 100];
  const root = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const server = await serveGit(join(root, 'served'));
  const stop = endLater(async () => {
    await server.close();
    await rm(root, { recursive: true, force: true });
  });
  try {
    progress.say(`gate candidates: a repository of ${files} files`);
    const upstream = makeUpstream(join(root, 'served', 'acme', 'api.git'), files, changes);
    progress.say(`gate candidates: ${changes} merges by Sluice`);
    const ours = await mergeWithLanding(root, `${server.url}/acme/api.git`, upstream);
    progress.say(`gate candidates: ${changes} merges by git alone`);
    const bare = mergeWithGit(upstream);
    if (ours.tree !== bare.tree) throw new Error(`we made the tree ${ours.tree}, git alone makes ${bare.tree}`);
    const ms = { ours: spreadOf(ours.times), here: spreadOf(ours.here), bare: spreadOf(bare.times) };
    return {
      name: 'gate-candidates',
      title: `Candidates, each on the one before it (${files} files, ${changes} changes of one file each)`,
      rows: [
        {
          name: 'Sluice, with fetching the head',
          figure: figureOf(ms.ours, ours.times),
          limit: `git (${inMs(ms.bare.p50)} of it)`,
        },
        { name: 'Sluice, with the heads here, as presubmits leave them', figure: figureOf(ms.here, ours.here) },
        { name: 'merge-tree and commit-tree alone', figure: figureOf(ms.bare, bare.times) },
      ],
      notes: [
        `Sluice takes ${(ms.ours.p50 / ms.bare.p50).toFixed(1)} times as long as git alone, ${(ms.here.p50 / ms.bare.p50).toFixed(1)} times with the heads here, and ends with the same tree`,
        'with the heads here they are made once more: commits are new, their trees are there already',
        `the first look, which clones: ${inMs(ours.firstMs)}`,
      ],
      figures: { files, changes, ours: { ...ms.ours, firstMs: ours.firstMs }, here: ms.here, bare: ms.bare },
    };
  } finally {
    await stop();
  }
}

export const gateCandidates: Measurement = { name: 'gate-candidates', run };

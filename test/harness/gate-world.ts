import { execFileSync } from 'node:child_process';
import type { PodManifest } from '../../src/model/pod.ts';
import { startWorld, type World, type WorldOptions } from './world.ts';

/** A change of a story, by its name. */
export interface StoryChange {
  readonly name: string;
  readonly number: number;
  head: string;
}

/** Says how a job ends on what it was given; null: it runs until the story ends it. */
export type JudgeBuild = (files: ReadonlyMap<string, string>, job: string) => 'success' | 'failure' | null;

/** A world with one repository whose gate is driven by a story (gate.md §5). */
export interface GateWorld extends World {
  readonly repo: string;
  /** Opens a change with these files, approved by `boss`. */
  change(
    name: string,
    files: Readonly<Record<string, string>>,
    wish?: { readonly body?: string; readonly approved?: boolean },
  ): Promise<StoryChange>;
  /** Somebody comments on a change. */
  say(change: StoryChange, words: string, by?: string): Promise<void>;
  /** Asks for the landing, as `/gate` by `boss`, once Sluice knows the head. */
  ask(...changes: readonly StoryChange[]): Promise<void>;
  /** The gate's check run on a change's head. */
  gateCheck(
    change: StoryChange,
  ): Promise<
    | { readonly status: string; readonly conclusion: string | null; readonly title: string; readonly summary: string }
    | undefined
  >;
  /** Waits until the gate's check on the head says something that fits. */
  told(change: StoryChange, fits: RegExp): Promise<string>;
  /** Waits until it is concluded so. */
  ended(change: StoryChange, conclusion: string): Promise<string>;
  /** Subjects of the commits that `main` got since the beginning, oldest first, along its first parents. */
  landed(): string[];
  git(...args: readonly string[]): string;
  /** Builds of the gate that run now, as `job@change+change`. */
  testing(): string[];
}

const config = [
  'apiVersion: sluice/v1',
  'jobs:',
  '  unit: { on: [presubmit, gate], image: localhost/busybox:1, run: make test }',
  'gate: { requires: { approvals: 1 } }',
  '',
].join('\n');

export interface GateWorldOptions extends WorldOptions {
  readonly judge?: JudgeBuild;
}

/** Ends the pods of the gate as the story's judge says, from the tree that they were given. */
function judgePods(world: World, git: GateWorld['git'], judge: JudgeBuild): () => void {
  const judged = new Set<string>();
  const timer = setInterval(() => {
    for (const manifest of world.executor.manifests) {
      const { name } = manifest.metadata;
      if (judged.has(name) || !world.executor.running().includes(name)) continue;
      const result = judge(filesOf(git, manifest), jobOf(manifest));
      if (result === null) continue;
      judged.add(name);
      world.executor.finish(name, { exitCode: result === 'success' ? 0 : 1 });
    }
  }, 20);
  return () => clearInterval(timer);
}

function jobOf({ metadata }: PodManifest): string {
  return metadata.annotations['sluice.dev/job'] ?? '';
}

const trees = new Map<string, ReadonlyMap<string, string>>();

function filesOf(git: GateWorld['git'], { metadata }: PodManifest): ReadonlyMap<string, string> {
  const commit = metadata.annotations['sluice.dev/commit'] ?? '';
  const known = trees.get(commit);
  if (known) return known;
  const names = git('ls-tree', '-r', '--name-only', commit)
    .split('\n')
    .filter((name) => name !== '');
  const files = new Map(names.map((name) => [name, git('show', `${commit}:${name}`)]));
  trees.set(commit, files);
  return files;
}

const passes: JudgeBuild = () => 'success';

/** Starts a world whose one job `unit` runs in presubmit and gate; what it comes to is the judge's to say. */
export async function startGateWorld(options: GateWorldOptions = {}): Promise<GateWorld> {
  const world = await startWorld({ files: { '.sluice.yaml': config, 'README.md': 'hello\n' }, ...options });
  const repo = 'acme/api';
  const folder = world.github.gitFolder(repo);
  const git: GateWorld['git'] = (...args) =>
    execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  const beginning = git('rev-parse', 'main');
  const endJudging = judgePods(world, git, options.judge ?? passes);
  const gateCheck: GateWorld['gateCheck'] = async ({ head }) => {
    const runs = (await world.github.checkRuns(repo, head)).filter(({ name }) => name === 'sluice/gate/main');
    const run = runs.at(-1);
    if (!run) return undefined;
    return {
      status: run.status,
      conclusion: run.conclusion === null ? null : String(run.conclusion),
      title: run.title ?? '',
      summary: run.summary ?? '',
    };
  };
  const gate: GateWorld = Object.assign(world, {
    repo,
    git,
    gateCheck,
    async change(
      name: string,
      files: Readonly<Record<string, string>>,
      wish: { body?: string; approved?: boolean } = {},
    ) {
      const pull = await world.github.openPullRequest({
        repo,
        by: 'ada',
        branch: name.toLowerCase(),
        title: name,
        files,
        ...(wish.body === undefined ? {} : { body: wish.body }),
      });
      if (wish.approved !== false)
        await world.github.review({ repo, number: pull.number, by: 'boss', state: 'APPROVED' });
      return { name, number: pull.number, head: pull.headSha };
    },
    async say({ number }: StoryChange, words: string, by = 'boss') {
      await world.github.comment(repo, number, by, words);
    },
    async ask(...changes: readonly StoryChange[]) {
      for (const change of changes) {
        await world.github.comment(repo, change.number, 'boss', `/gate ${change.head}`);
        // The order of asking is told by whole seconds only: the next one comes when this one is known.
        await world.until(`the gate heard of ${change.name}`, async () => (await gateCheck(change)) !== undefined);
      }
    },
    told: (change: StoryChange, fits: RegExp) =>
      world.until(`the gate says ${fits} of ${change.name}`, async () => {
        const check = await gateCheck(change);
        const text = check ? `${check.title}\n${check.summary}` : '';
        return fits.test(text) && text;
      }),
    ended: (change: StoryChange, conclusion: string) =>
      world.until(`the gate concludes ${change.name} as ${conclusion}`, async () => {
        const check = await gateCheck(change);
        if (check?.status !== 'completed') return false;
        if (check.conclusion !== conclusion)
          throw new Error(`${change.name} ended as ${check.conclusion}: ${check.title}\n${check.summary}`);
        return `${check.title}\n${check.summary}`;
      }),
    landed: () =>
      git('log', '--first-parent', '--reverse', '--format=%s', `${beginning}..main`)
        .split('\n')
        .filter((line) => line !== ''),
    testing: () =>
      world.executor.manifests
        .filter(({ metadata }) => (metadata.annotations['sluice.dev/subject'] ?? '').startsWith('queue/'))
        .filter(({ metadata }) => world.executor.running().includes(metadata.name))
        .map(
          (manifest) =>
            `${jobOf(manifest)}@${git(
              'log',
              '--first-parent',
              '--reverse',
              '--format=%s',
              `${beginning}..${manifest.metadata.annotations['sluice.dev/commit']}`,
            )
              .split('\n')
              .map((line) => line.replace(/ \(#\d+\)$/, ''))
              .join('+')}`,
        )
        .sort(),
  });
  const { stop } = world;
  gate.stop = async () => {
    endJudging();
    await stop();
  };
  return gate;
}

import { execFileSync } from 'node:child_process';
import type { PodManifest } from '../../src/model/pod.ts';
import { startWorld, type World, type WorldOptions } from './world.ts';

/** A change of a story, by its name. */
export interface StoryChange {
  readonly name: string;
  readonly repo: string;
  readonly number: number;
  /** The branch that it is for; left out: `main`. */
  readonly base?: string;
  head: string;
}

/** Says how a job ends on what it was given; null: it runs until the story ends it. `lost`: its node goes away. */
export type JudgeBuild = (files: ReadonlyMap<string, string>, job: string) => 'success' | 'failure' | 'lost' | null;

/** A world with one repository whose gate is driven by a story (gate.md §5). */
export interface GateWorld extends World {
  readonly repo: string;
  /** Opens a change with these files, approved by `boss`. */
  change(
    name: string,
    files: Readonly<Record<string, string | null>>,
    wish?: { readonly body?: string; readonly approved?: boolean; readonly repo?: string; readonly base?: string },
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
  landed(repo?: string): string[];
  git(...args: readonly string[]): string;
  /** The same in another repository of the story. */
  gitOf(repo: string): (...args: readonly string[]) => string;
  /** Builds of the gate that run now, as `job@change+change`: what is tested, oldest first, since the beginning. */
  testing(): string[];
  /** Every Build of the gate that ever started, in order, named in the same way. */
  built(): string[];
  /** Waits until exactly these Builds of the gate run. */
  tests(...names: readonly string[]): Promise<void>;
  /** Ends one that runs, once it does. */
  end(name: string, result: 'success' | 'failure' | 'lost'): Promise<void>;
  /** From now on Builds end so; those that run are judged too. */
  judgeBy(judge: JudgeBuild): void;
}

/** The project's file, with these lines about jobs and the gate. */
const config = [
  'apiVersion: sluice/v1',
  'jobs:',
  '  unit: { on: [gate], image: localhost/busybox:1, run: make test }',
  'gate: { requires: { approvals: 1 } }',
  '',
].join('\n');

export interface GateWorldOptions extends WorldOptions {
  readonly judge?: JudgeBuild;
  /** Further repositories beside `acme/api`, with their files. */
  readonly others?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

function endPod(world: World, name: string, result: 'success' | 'failure' | 'lost'): void {
  // A container that could not be started with what it was given is the node's trouble, not the change's.
  if (result === 'lost') world.executor.finish(name, { exitCode: 128, reason: 'StartError' });
  else world.executor.finish(name, { exitCode: result === 'success' ? 0 : 1, log: `make: ${result}\n` });
}

/** Ends the pods of the gate as the story's judge says, from the tree that they were given. */
function judgePods(
  world: World,
  gitOf: GateWorld['gitOf'],
  beginnings: ReadonlyMap<string, string>,
  judge: () => JudgeBuild,
): () => void {
  const timer = setInterval(() => {
    const running = new Set(world.executor.running());
    for (const manifest of world.executor.manifests) {
      const { name } = manifest.metadata;
      if (!running.delete(name)) continue;
      // What everything began with passes by itself, unless a story says otherwise.
      const isBeginning = manifest.metadata.annotations['sluice.dev/commit'] === beginnings.get(repoOf(manifest));
      const result =
        judge()(filesOf(gitOf(repoOf(manifest)), manifest), jobOf(manifest)) ?? (isBeginning ? 'success' : null);
      if (result !== null) endPod(world, name, result);
    }
  }, 20);
  return () => clearInterval(timer);
}

function repoOf({ metadata }: PodManifest): string {
  return metadata.annotations['sluice.dev/project'] ?? '';
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

/** For stories that end each Build themselves. */
export const untilTold: JudgeBuild = () => null;

const passes: JudgeBuild = () => 'success';

function buildsOf(world: World, gitOf: GateWorld['gitOf'], beginnings: ReadonlyMap<string, string>) {
  const names = new Map<string, string>();
  const nameOf = (manifest: PodManifest): string => {
    const { name, annotations } = manifest.metadata;
    const known = names.get(name);
    if (known !== undefined) return known;
    const range = `${beginnings.get(repoOf(manifest))}..${annotations['sluice.dev/commit']}`;
    const subjects = gitOf(repoOf(manifest))('log', '--first-parent', '--reverse', '--format=%s', range).split('\n');
    const told = `${jobOf(manifest)}@${subjects.map((line) => line.replace(/ \(#\d+\)$/, '')).join('+')}`;
    names.set(name, told);
    return told;
  };
  const ofGate = () =>
    world.executor.manifests.filter(({ metadata }) =>
      /^(?:shared-)?queue\//.test(metadata.annotations['sluice.dev/subject'] ?? ''),
    );
  const running = () => {
    const names = new Set(world.executor.running());
    return ofGate().filter(({ metadata }) => names.has(metadata.name));
  };
  const testing = () => running().map(nameOf).sort();
  return {
    testing,
    built: () => ofGate().map(nameOf),
    async tests(...names: readonly string[]): Promise<void> {
      const wanted = [...names].sort().join(', ');
      const last = (): string => `${wanted || 'nothing'} is tested, not ${testing().join(', ') || 'nothing'}`;
      await world
        .until('the wanted builds run', () => testing().join(', ') === wanted)
        .catch((cause: unknown) => {
          throw new Error(`waited in vain: ${last()}`, { cause });
        });
    },
    async end(name: string, result: 'success' | 'failure' | 'lost'): Promise<void> {
      const pod = await world.until(`${name} runs`, () => running().find((manifest) => nameOf(manifest) === name));
      endPod(world, pod.metadata.name, result);
    },
  };
}

/** The checks of the gate, as an author sees them. */
function checksOf(world: World) {
  const gateCheck: GateWorld['gateCheck'] = async ({ repo, head, base = 'main' }) => {
    const runs = (await world.github.checkRuns(repo, head)).filter(({ name }) => name === `sluice/gate/${base}`);
    const run = runs.at(-1);
    if (!run) return undefined;
    const { status, conclusion, title, summary } = run;
    return {
      status,
      conclusion: conclusion === null ? null : String(conclusion),
      title: title ?? '',
      summary: summary ?? '',
    };
  };
  const textOf = async (change: StoryChange): Promise<string> => {
    const check = await gateCheck(change);
    return check ? `${check.status} ${check.conclusion}\n${check.title}\n${check.summary}` : 'nothing';
  };
  return {
    gateCheck,
    told: async (change: StoryChange, fits: RegExp) => {
      try {
        return await world.until(`the gate says ${fits} of ${change.name}`, async () => {
          const text = await textOf(change);
          return fits.test(text) && text;
        });
      } catch (cause) {
        throw new Error(`the gate never said ${fits} of ${change.name}; it says ${await textOf(change)}`, { cause });
      }
    },
    ended: (change: StoryChange, conclusion: string) =>
      world
        .until(`the gate concludes ${change.name}`, async () => {
          const check = await gateCheck(change);
          return check?.status === 'completed' && check;
        })
        .then((check) => {
          if (check.conclusion === conclusion) return `${check.title}\n${check.summary}`;
          throw new Error(`${change.name} ended as ${check.conclusion}: ${check.title}\n${check.summary}`);
        }),
  };
}

/** Landing takes many steps, each of which waits for others of a busy machine: four times the patience of other worlds. */
async function startPatientWorld(options: WorldOptions): Promise<World> {
  const world = await startWorld(options);
  const { until } = world;
  world.until = async (what, look) => {
    for (let left = 3; left > 0; left -= 1) {
      const found = await until(what, look).catch(() => undefined);
      if (found !== undefined) return found;
    }
    return until(what, look);
  };
  return world;
}

/** Starts a world whose one job `unit` runs in the gate; what it comes to is the judge's to say. */
export async function startGateWorld(options: GateWorldOptions = {}): Promise<GateWorld> {
  const world = await startPatientWorld({ files: { '.sluice.yaml': config, 'README.md': 'hello\n' }, ...options });
  const repo = 'acme/api';
  for (const [name, files] of Object.entries(options.others ?? {}))
    await world.github.createRepository(name, { files });
  const gitOf: GateWorld['gitOf'] = (name) => {
    const folder = world.github.gitFolder(name);
    return (...args) =>
      execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  };
  const git = gitOf(repo);
  const names = [repo, ...Object.keys(options.others ?? {})];
  const beginnings = new Map(names.map((name) => [name, gitOf(name)('rev-parse', 'main')]));
  let judge = options.judge ?? passes;
  const endJudging = judgePods(world, gitOf, beginnings, () => judge);
  const checks = checksOf(world);
  const gate: GateWorld = Object.assign(world, {
    repo,
    git,
    gitOf,
    ...checks,
    ...buildsOf(world, gitOf, beginnings),
    async change(
      name: string,
      files: Readonly<Record<string, string | null>>,
      wish: { body?: string; approved?: boolean; repo?: string; base?: string } = {},
    ) {
      const place = wish.repo ?? repo;
      const pull = await world.github.openPullRequest({
        repo: place,
        by: 'ada',
        branch: name.toLowerCase(),
        title: name,
        files,
        base: wish.base ?? 'main',
        ...(wish.body === undefined ? {} : { body: wish.body }),
      });
      if (wish.approved !== false)
        await world.github.review({ repo: place, number: pull.number, by: 'boss', state: 'APPROVED' });
      return { name, repo: place, number: pull.number, base: wish.base ?? 'main', head: pull.headSha };
    },
    async say({ repo: place, number }: StoryChange, words: string, by = 'boss') {
      await world.github.comment(place, number, by, words);
    },
    async ask(...changes: readonly StoryChange[]) {
      for (const change of changes) {
        await world.github.comment(change.repo, change.number, 'boss', `/gate ${change.head}`);
        // The order of asking is told by whole seconds only: the next one comes when this one is known.
        await world.until(
          `the gate heard of ${change.name}`,
          async () => (await checks.gateCheck(change)) !== undefined,
        );
      }
    },
    judgeBy(next: JudgeBuild) {
      judge = next;
    },
    landed: (name = repo) =>
      gitOf(name)('log', '--first-parent', '--reverse', '--format=%s', `${beginnings.get(name)}..main`)
        .split('\n')
        .filter((line) => line !== ''),
  });
  const { stop } = world;
  gate.stop = async () => {
    endJudging();
    await stop();
  };
  return gate;
}

import type { PoolSettings } from '../../model/order.ts';
import type { PodManifest } from '../../model/pod.ts';
import type { Executor } from '../../ports/executor.ts';
import type { StandInGitHub } from '../github/server.ts';
import type { ExecutorRecipe } from './executor-recipe.ts';
import type { FlakyService } from './flaky-service.ts';
import type { DemoRegistry } from './registry.ts';
import type { ImageRegistries } from './set-registries.ts';
import type { RunningSluice, ServedSluice } from './sluice-port.ts';

/** What builds here, and where its pods reach the demo's servers. */
export interface Engine {
  readonly executor: Executor & { readonly close: () => Promise<void> };
  /** How another process gets the same executor. */
  readonly recipe: ExecutorRecipe;
  readonly pool: PoolSettings;
  /** Address on which everything that pods must reach listens. */
  readonly host: string;
  /** One line for people: which builder, in what. */
  readonly description: string;
  /** Image in which the test command runs. */
  readonly testImage: string;
  /** Where on `host` the registry must listen that jobs' images are pulled from; 0: anywhere. */
  readonly stagingPort: number;
  /** Whether a job runs inside the image that it names. */
  readonly entersImages: boolean;
  /** What was started so far. */
  readonly manifests: () => readonly PodManifest[];
  close(): Promise<void>;
}

/** Everything on the stage; filled step by step, taken down in reverse order. */
export interface Stage {
  readonly folder: string;
  readonly redis: string;
  readonly manifests: () => readonly PodManifest[];
  readonly engine: Engine;
  readonly registry: DemoRegistry;
  readonly baseImage: string;
  readonly images: ImageRegistries;
  readonly service: FlakyService;
  readonly github: StandInGitHub;
  readonly sluice: RunningSluice;
  /** The process that took the place of `sluice`; left out: none did. */
  readonly served?: ServedSluice;
  readonly appId: number;
  /** Starts Sluice as a process of its own, in place of the one on the stage; on `port`, 0 for a free one. */
  readonly serve: (port: number) => Promise<ServedSluice>;
  /** Takes every key of the demo out of Redis; says in words how. */
  readonly emptyRedis: () => Promise<string>;
}

type ShownCheckRun = Awaited<ReturnType<StandInGitHub['checkRuns']>>[number];

/** The newest check run of a name on a commit, as a person reads it: what was never said is empty. */
export type CheckRun = Omit<ShownCheckRun, 'title' | 'summary' | 'text'> & {
  readonly title: string;
  readonly summary: string;
  readonly text: string;
};

const patienceMs = 120_000;

/** Waits until `look` gives something; says in vain for what it waited. */
export async function until<T>(what: string, look: () => Promise<T | false | undefined>): Promise<T> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== false && found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited ${patienceMs / 1000} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The check run once it has a conclusion; throws when that is another one than the story has. */
export async function concluded(
  stage: Stage,
  repo: string,
  sha: string,
  name: string,
  expected: string,
): Promise<CheckRun> {
  const run = await until(`the check run ${name} on ${sha.slice(0, 8)} to end`, async () => {
    const found = await checkRun(stage, repo, sha, name);
    return found?.status === 'completed' && (name !== 'sluice' || found.conclusion === expected) && found;
  }).catch(async (cause: unknown) => {
    const all = await stage.github.checkRuns(repo, sha);
    const told = all.map((each) => `${each.name}: ${each.conclusion ?? each.status}, ${each.title}`);
    throw new Error([cause instanceof Error ? cause.message : String(cause), ...told].join('\n'), { cause });
  });
  if (run.conclusion !== expected)
    throw new Error(
      `${name} on ${sha.slice(0, 8)} ended with ${run.conclusion}, not ${expected}: ${run.title}\n${run.summary}\n${run.text}`,
    );
  return run;
}

export async function checkRun(
  stage: Pick<Stage, 'github'>,
  repo: string,
  sha: string,
  name: string,
): Promise<CheckRun | undefined> {
  const run = (await stage.github.checkRuns(repo, sha)).find((candidate) => candidate.name === name);
  return run && { ...run, title: run.title ?? '', summary: run.summary ?? '', text: run.text ?? '' };
}

/** Throws with the sentence when a claim of the story does not hold. */
export function claim(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(`did not hold: ${sentence}`);
}

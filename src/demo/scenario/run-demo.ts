import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Listr, PRESET_TIMER } from 'listr2';
import { bestFirstSteps } from './bakery-story.ts';
import { crashSteps, gateSteps } from './gate-story.ts';
import { brokenPromotionSteps, promotionSteps } from './promotion-story.ts';
import { setStage } from './set-stage.ts';
import type { DemoDeps } from './sluice-port.ts';
import type { Stage } from './stage.ts';
import { storySteps, type Told } from './story.ts';
import { versionSteps } from './version-story.ts';

export interface DemoRun {
  readonly mode: 'once' | 'keep';
  readonly executor: 'kubernetes' | 'podman' | 'process' | null;
}

/** Things to take down, last first; one that fails does not keep the others up. */
export interface Teardown {
  add(what: string, close: () => Promise<void>): void;
  /** What could not be taken down. */
  all(): Promise<readonly string[]>;
}

function createTeardown(): Teardown {
  const closers: { what: string; close: () => Promise<void> }[] = [];
  return {
    add: (what, close) => void closers.push({ what, close }),
    async all() {
      const failed: string[] = [];
      for (const { what, close } of closers.reverse()) {
        try {
          await close();
        } catch (cause) {
          failed.push(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`);
        }
      }
      return failed;
    },
  };
}

function line(told: Told): string {
  return told.look === null ? told.happened : `${told.happened}\n    → ${told.look}`;
}

type Context = { stage: Partial<Stage> };

function tasks(deps: DemoDeps, run: DemoRun, folder: string, teardown: Teardown): Listr<Context, 'default', 'simple'> {
  const setting = setStage(deps, run, folder, teardown).map(({ title, set }) => ({
    title,
    task: async (context: Context, task: { title: string }): Promise<void> => {
      const { put, told } = await set(context.stage);
      Object.assign(context.stage, put);
      task.title = line(told);
    },
  }));
  const steps = [
    ...storySteps(),
    ...gateSteps(),
    ...bestFirstSteps(),
    ...promotionSteps(),
    ...versionSteps(),
    ...crashSteps(),
    ...brokenPromotionSteps(),
  ];
  const story = steps.map(({ title, play }) => ({
    title,
    rendererOptions: { persistentOutput: true, outputBar: Number.POSITIVE_INFINITY },
    task: async (context: Context, task: { title: string; output: string }): Promise<void> => {
      const say = (words: string): void => {
        task.output = words;
      };
      const { put, ...told } = await play(context.stage as Stage, say);
      Object.assign(context.stage, put);
      task.title = line(told);
    },
  }));
  return new Listr<Context, 'default', 'simple'>([...setting, ...story], {
    exitOnError: true,
    concurrent: false,
    renderer: 'default',
    fallbackRenderer: 'simple',
    fallbackRendererCondition: () => !deps.terminal,
    rendererOptions: { timer: PRESET_TIMER, collapseErrors: false },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  });
}

async function keepUp(deps: DemoDeps, stage: Partial<Stage>): Promise<void> {
  deps.out(
    `\nEverything is still there, until Ctrl-C:\n  GitHub    ${stage.github?.url ?? '–'}\n  Sluice    ${stage.served?.url ?? stage.sluice?.url ?? '–'}\n  registry  http://${stage.registry?.address ?? '–'}/v2/_catalog\n`,
  );
  if (deps.interrupted.aborted) return;
  await new Promise((resolve) => deps.interrupted.addEventListener('abort', resolve, { once: true }));
}

/** Plays the life of a change on real parts; true exactly if every step held and everything could be taken down again. */
export async function runDemo(deps: DemoDeps, run: DemoRun): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-demo-'));
  const teardown = createTeardown();
  const context: Context = { stage: {} };
  let held = true;
  try {
    await tasks(deps, run, folder, teardown).run(context);
    if (run.mode === 'keep') await keepUp(deps, context.stage);
  } catch (cause) {
    held = false;
    deps.out(`\n${cause instanceof Error ? cause.message : String(cause)}\n`);
  }
  const failed = await teardown.all();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  for (const each of failed) deps.out(`could not be taken down: ${each}\n`);
  if (held && failed.length === 0) deps.out('Every step held. Everything that was started is stopped again.\n');
  return held && failed.length === 0;
}

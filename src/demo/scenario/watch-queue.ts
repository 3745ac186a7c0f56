import { type CheckRun, checkRun, type Stage, until } from './stage.ts';

/** A pull request on its way through the gate. */
export interface QueuedPull {
  readonly name: string;
  readonly number: number;
  readonly head: string;
  readonly url: string;
}

export const gateCheck = 'sluice/gate/main';

/** On what the gate tests it, in its own words: `main + #1`. */
function ground(summary: string): string | null {
  const words = /Tested on top of (.+?)(?:, which (?:is|are) ahead)?, as `/.exec(summary)?.[1];
  if (words === undefined) return null;
  const ahead = words.match(/#\d+/g) ?? [];
  return `on ${['main', ...ahead].join(' + ')}`;
}

function jobs(summary: string): readonly string[] {
  return [...summary.matchAll(/^\| `([^`|]+)` \| ([^|]+?) \|/gm)].map(([, job, state]) => `${job} ${state}`);
}

/** What the gate's check run says of a pull request, in one line. */
export function queueLine({ name, number }: QueuedPull, run: Pick<CheckRun, 'title' | 'summary'> | undefined): string {
  const told = run === undefined ? ['not heard of'] : [run.title, ground(run.summary) ?? '', ...jobs(run.summary)];
  return `#${number} ${name}: ${told.filter((part) => part !== '').join(' · ')}`;
}

/** Tells each change of the queue as GitHub shows it, until `done`, which is given the check runs in order, says so. */
export async function watchQueue(
  stage: Stage,
  repo: string,
  pulls: readonly QueuedPull[],
  say: (words: string) => void,
  done: (runs: readonly (CheckRun | undefined)[]) => boolean | Promise<boolean>,
): Promise<readonly (CheckRun | undefined)[]> {
  const last = new Map<number, string>();
  return until('the queue to move', async () => {
    const runs = await Promise.all(pulls.map(({ head }) => checkRun(stage, repo, head, gateCheck)));
    pulls.forEach((pull, index) => {
      const line = queueLine(pull, runs[index]);
      if (last.get(pull.number) !== line && runs[index] !== undefined) say(line);
      last.set(pull.number, line);
    });
    return (await done(runs)) && runs;
  });
}

/** True once the gate has said its last word about each. */
export function allEnded(runs: readonly (Pick<CheckRun, 'status'> | undefined)[]): boolean {
  return runs.every((run) => run?.status === 'completed');
}

import type { BuildId } from './model/build.ts';
import type { Executor } from './ports/executor.ts';

export interface LogFollower {
  /** Shows a Build's output from now on, each line with the job's name before it. */
  follow(build: BuildId, job: string): void;
  /** Its last 64 KiB; null for one that is not followed. */
  logOf(build: BuildId): { readonly ended: boolean; readonly text: string } | null;
  /** Ends following. */
  close(): Promise<void>;
}

const kept = 64 * 1024;

interface Followed {
  text: string;
  ended: boolean;
}

/** Cuts what comes in pieces into lines, so that several outputs can be shown in one place. */
function linesTo(onLine: (line: string) => void) {
  let rest = '';
  return {
    push(text: string): void {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
    end(): void {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}

/** Follows many Builds at once into one output. A log that cannot be read is said there and ends as it is. */
export function followTogether(executor: Executor, onOutput: (text: string) => void): LogFollower {
  const ending = new AbortController();
  const logs = new Map<BuildId, Followed>();
  const following: Promise<void>[] = [];

  async function show(build: BuildId, job: string, log: Followed): Promise<void> {
    const lines = linesTo((line) => onOutput(`${job} | ${line}\n`));
    try {
      await executor.follow(
        build,
        ({ text }) => {
          log.text = (log.text + text).slice(-kept);
          lines.push(text);
        },
        ending.signal,
      );
    } catch (cause) {
      onOutput(`${job} | (its output cannot be read: ${cause instanceof Error ? cause.message : String(cause)})\n`);
    }
    lines.end();
    log.ended = true;
  }

  return {
    follow(build, job) {
      if (logs.has(build)) return;
      const log: Followed = { text: '', ended: false };
      logs.set(build, log);
      following.push(show(build, job, log));
    },
    logOf: (build) => logs.get(build) ?? null,
    async close() {
      ending.abort();
      await Promise.all(following);
    },
  };
}

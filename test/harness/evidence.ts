import { readFile } from 'node:fs/promises';

/** One line that a build wrote outside of everything that Sluice knows. */
export interface Trace {
  readonly kind: 'start' | 'end';
  /** Name of its pod: one Build, one attempt. */
  readonly build: string;
  readonly job: string;
  /** `owner/name#text`, as its change's `who` file says. */
  readonly who: string;
  readonly author: string;
  /** Nanoseconds. */
  readonly at: bigint;
}

/**
 * A command that appends when it starts and ends. The checkout's file `who` holds the change's own text and its author;
 * what is appended at once is one line whole.
 */
export function tracedCommand(file: string, job: string, wait: string): string {
  const trace = (kind: string) => `echo "${kind} $b ${job} $(cat who) $(date +%s%N)" >> ${file}`;
  return `b=$(basename "$(dirname "$HOME")"); ${trace('start')}; ${wait}; ${trace('end')}`;
}

/** What was written so far, in the order of the clock. */
export async function readTraces(file: string): Promise<readonly Trace[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map(parse).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.kind === 'end' ? -1 : 1));
}

function parse(line: string): Trace {
  const [kind, build, job, who, author, at, ...more] = line.split(' ');
  if ((kind !== 'start' && kind !== 'end') || !build || !job || !who || !author || !at || more.length > 0)
    throw new Error(`not a trace: ${line}`);
  return { kind, build, job, who, author, at: BigInt(at) };
}

/** Names that were started more than once, or of which two ran at the same time. */
export function doubled(traces: readonly Trace[], nameOf: (trace: Trace) => string): string[] {
  return mostAtOnce(traces, nameOf).flatMap(([name, count]) => (count > 1 ? [`${count} of ${name} at once`] : []));
}

/** Builds that began more than once, whenever. */
export function startedTwice(traces: readonly Trace[]): string[] {
  const counts = new Map<string, number>();
  for (const trace of traces) if (trace.kind === 'start') counts.set(trace.build, (counts.get(trace.build) ?? 0) + 1);
  return [...counts].flatMap(([build, count]) => (count > 1 ? [`${build} started ${count} times`] : []));
}

/** How many of each name ran at the same time at most. */
export function mostAtOnce(traces: readonly Trace[], nameOf: (trace: Trace) => string): [name: string, most: number][] {
  const running = new Map<string, number>();
  const most = new Map<string, number>();
  for (const trace of traces) {
    const name = nameOf(trace);
    const now = (running.get(name) ?? 0) + (trace.kind === 'start' ? 1 : -1);
    running.set(name, now);
    most.set(name, Math.max(most.get(name) ?? 0, now));
  }
  return [...most];
}

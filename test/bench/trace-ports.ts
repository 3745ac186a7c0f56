import type { Ports } from '../../src/app/context.ts';
import type { CheckRunReport } from '../../src/model/check-run.ts';
import type { ForgeEvent } from '../../src/model/forge-event.ts';
import type { PodManifest } from '../../src/model/pod.ts';
import { parsePresubmitId, type SubjectId } from '../../src/model/subject.ts';
import type { SaveRequest, TakenEvent } from '../../src/ports/store.ts';
import { machineMs } from './clock.ts';

/** The steps of the path from a delivery to its pod, in their order. */
export const steps = [
  'stored',
  'taken',
  'routed',
  'loaded',
  'prepared',
  'saved',
  'granted',
  'start',
  'started',
] as const;
export type Step = (typeof steps)[number];

/** When a pull request first reached each step, by the machine's clock. */
export type Path = Partial<Record<Step, number>>;

/** What one kind of port call cost: how often, and the time that its callers waited, in ms. */
export interface CallCost {
  readonly count: number;
  readonly totalMs: number;
}

export type TimedCall = readonly [label: string, from: number, to: number];

export interface Trace {
  /** By pull request number. */
  readonly paths: Map<number, Path>;
  readonly calls: Map<string, CallCost>;
  /** The latest calls one by one: which, from when to when, by the machine's clock. */
  readonly latest: TimedCall[];
  /** For how long nobody has read or decided anything, ms; 0: right now somebody does. */
  readonly quietMs: () => number;
}

const mostLatest = 20_000;

type AnyFunction = (...args: unknown[]) => unknown;
type Hook = (args: readonly unknown[], result: unknown) => void;

/** Who hears at once of what happens, with the time by the machine's clock. */
export interface Listeners {
  /** A pod is asked for. */
  readonly onStart: (number: number, at: number) => void;
  /** A job's check run is to be concluded on this commit. */
  readonly onConclude: (commit: string, at: number) => void;
}

/** Times every call of every port from outside, by putting ourselves before each function. */
export function tracePorts(ports: Ports, listeners: Listeners): Trace {
  let working = 0;
  let lastWork = performance.now();
  const quietMs = (): number => (working > 0 ? 0 : performance.now() - lastWork);
  const work = (change: 1 | -1): void => {
    working += change;
    lastWork = performance.now();
  };
  const trace: Trace = { paths: new Map(), calls: new Map(), latest: [], quietMs };
  const numberOfBuild = new Map<string, number>();
  const mark = (number: number | undefined, step: Step): void => {
    if (number === undefined) return;
    const path = trace.paths.get(number) ?? {};
    path[step] ??= machineMs();
    trace.paths.set(number, path);
  };
  const before = hooksBefore(mark, listeners);
  const after = hooksAfter(mark, numberOfBuild);
  for (const [portName, port] of Object.entries(ports) as [string, Record<string, unknown>][]) {
    if (portName === 'clock' || portName === 'log') continue;
    for (const [name, original] of Object.entries(port)) {
      if (typeof original !== 'function') continue;
      const label = `${portName}.${name}`;
      const timedOne = timed(original as AnyFunction, label, trace, before[label], after[label]);
      const counts = portName === 'source' || portName === 'forge' || label === 'documents.load';
      port[name] = counts ? counted(timedOne, work) : timedOne;
    }
  }
  return trace;
}

function counted(original: AnyFunction, work: (change: 1 | -1) => void): AnyFunction {
  return (...args) => {
    const result = original(...args);
    if (!(result instanceof Promise)) return result;
    work(1);
    return result.finally(() => work(-1));
  };
}

function timed(original: AnyFunction, label: string, trace: Trace, before?: Hook, after?: Hook): AnyFunction {
  return (...args) => {
    const began = machineMs();
    before?.(args, null);
    const result = original(...args);
    if (!(result instanceof Promise)) return result;
    return result.then((value: unknown) => {
      const cost = trace.calls.get(label) ?? { count: 0, totalMs: 0 };
      trace.calls.set(label, { count: cost.count + 1, totalMs: cost.totalMs + machineMs() - began });
      if (trace.latest.length < mostLatest) trace.latest.push([label, began, machineMs()]);
      after?.(args, value);
      return value;
    });
  };
}

function numberOf(subject: unknown): number | undefined {
  return typeof subject === 'string' ? parsePresubmitId(subject)?.number : undefined;
}

type Mark = (number: number | undefined, step: Step) => void;

function hooksBefore(mark: Mark, { onStart, onConclude }: Listeners): Record<string, Hook> {
  return {
    'documents.load': ([subject]) => mark(numberOf(subject), 'loaded'),
    'executor.start': ([manifest]) => {
      const number = numberOf((manifest as PodManifest).metadata.annotations['sluice.dev/subject']);
      mark(number, 'start');
      if (number !== undefined) onStart(number, machineMs());
    },
    'reporter.want': ([_project, report]) => {
      const { name, commit, state } = report as CheckRunReport;
      if (name !== 'sluice' && state.status === 'completed') onConclude(commit, machineMs());
    },
  };
}

function hooksAfter(mark: Mark, numberOfBuild: Map<string, number>): Record<string, Hook> {
  return {
    'intake.accept': ([event]) => mark(pullOf(event as ForgeEvent), 'stored'),
    'intake.take': (_args, result) => {
      for (const { event } of result as TakenEvent[]) mark(pullOf(event), 'taken');
    },
    'intake.finish': ([_entry, _event, subjects]) => {
      for (const subject of subjects as readonly SubjectId[]) mark(numberOf(subject), 'routed');
    },
    'source.prepare': ([_project, number]) => mark(number as number, 'prepared'),
    'documents.save': ([request]) => {
      const { subject, index } = request as SaveRequest;
      const number = numberOf(subject);
      mark(number, 'saved');
      for (const { build } of index.line) if (number !== undefined) numberOfBuild.set(build, number);
    },
    'line.grant': ([_pool, _version, builds], result) => {
      if (result !== 'granted') return;
      for (const build of builds as string[]) {
        mark(numberOfBuild.get(build), 'granted');
        numberOfBuild.delete(build);
      }
    },
    'executor.start': ([manifest]) =>
      mark(numberOf((manifest as PodManifest).metadata.annotations['sluice.dev/subject']), 'started'),
  };
}

function pullOf({ detail }: ForgeEvent): number | undefined {
  return detail.kind === 'pull-request' ? detail.number : undefined;
}

import {
  type Build,
  type BuildPhase,
  type BuildResult,
  externalIdFor,
  pointWords,
  type SourceAnnotation,
} from '../../model/build.ts';
import type { CheckRunReport, Conclusion } from '../../model/check-run.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import { fullName } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import { describeNotes, describeReplaced } from '../from/show-replaced.ts';
import { codeBlock, cutText, inlineCode, tableCell } from '../text/safe-markdown.ts';
import type { PresubmitFacts } from './facts.ts';

/** What of the world is told with a job. */
export type ReportFacts = Pick<PresubmitFacts, 'line' | 'logUrl' | 'isolation'>;

/** Which head and branch a request belongs to. */
export interface JobPlace {
  readonly subject: string;
  readonly head: Sha;
  readonly entry: string;
  readonly shadow: boolean;
  /** Why the request does not count any more; null while it does. */
  readonly retired: string | null;
}

const conclusions: Readonly<Record<BuildResult, Conclusion>> = {
  success: 'success',
  failure: 'failure',
  error: 'failure',
  timeout: 'timed_out',
  aborted: 'cancelled',
};

const words: Readonly<Record<BuildResult, string>> = {
  success: 'Passed',
  failure: 'Failed',
  error: 'Not your change: Sluice itself failed',
  timeout: 'Timed out',
  aborted: 'Cancelled',
};

/** `1 m 5 s`, for people. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60)
    return milliseconds < 10_000 ? `${(Math.max(0, milliseconds) / 1000).toFixed(1)} s` : `${seconds} s`;
  return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function pointName(build: Build): string {
  const words = pointWords(build.parts.point);
  return words.length === 0 ? build.parts.job : words.join(' · ');
}

function stateOf(build: Build, facts: ReportFacts): string {
  const { state } = build;
  switch (state.phase) {
    case 'wanted': {
      if (isHeld(build, facts)) return 'waits to be shut in';
      const { ahead, waitsFor } = facts.line.get(build.id) ?? {};
      if (waitsFor !== undefined) return `waits for ${waitsFor}`;
      return ahead === undefined ? 'waits' : `waits, ${ahead} ahead`;
    }
    case 'finished':
      return `${words[state.result].toLowerCase()}${state.startedAt === null ? '' : ` in ${duration(state.finishedAt - state.startedAt)}`}`;
    case 'running':
    case 'stopping':
    case 'starting':
      return state.phase;
  }
}

function row(build: Build, facts: ReportFacts): string {
  const { state } = build;
  const image = state.phase === 'finished' && state.result === 'success' ? state.outcome.image : null;
  const url = facts.logUrl(build.id);
  const cells = [
    tableCell(inlineCode(pointName(build))),
    stateOf(build, facts),
    image ? inlineCode(image.digest) : '–',
    image ? `${size(image.bytes)}, ${image.layers} layer${image.layers === 1 ? '' : 's'}` : '–',
    url === null ? '–' : `[log](${url})`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function table(builds: readonly Build[], facts: ReportFacts): string {
  if (builds.length === 0) return '';
  return `\n\n| what | state | digest | size | log |\n|---|---|---|---|---|\n${builds.map((build) => row(build, facts)).join('\n')}`;
}

function failures(builds: readonly Build[]): string {
  return builds
    .map((build) => {
      const because = whyNotGreen(build.state);
      return because === null ? '' : `\n* ${inlineCode(pointName(build))}: ${because}`;
    })
    .join('');
}

/** What stands against it, or stood; null: nothing. */
function whyNotGreen(state: BuildPhase): string | null {
  if (state.phase === 'finished') return state.result === 'success' ? null : state.because;
  return state.phase === 'starting' && state.said !== undefined
    ? `it could not be started so far: ${state.said}`
    : null;
}

function tails(builds: readonly Build[]): string {
  return builds
    .map((build) =>
      build.state.phase === 'finished' && build.state.outcome.tail !== ''
        ? `**Last lines of ${inlineCode(pointName(build))}**\n\n${codeBlock(build.state.outcome.tail)}\n`
        : '',
    )
    .filter((text) => text !== '')
    .join('\n');
}

function times(builds: readonly Build[]): { startedAt: number | null; completedAt: number | null } {
  let startedAt: number | null = null;
  let completedAt: number | null = null;
  for (const { state } of builds) {
    const start = state.phase === 'running' ? state.since : 'startedAt' in state ? state.startedAt : null;
    if (start !== null) startedAt = Math.min(startedAt ?? start, start);
    if (state.phase === 'finished') completedAt = Math.max(completedAt ?? 0, state.finishedAt);
  }
  return { startedAt, completedAt };
}

/** Builds that wait because nothing proves that they would be shut in. */
function isHeld({ trust, state }: Build, { isolation }: ReportFacts): boolean {
  return isolation?.kind === 'held' && trust === 'untrusted' && state.phase === 'wanted';
}

/** Why builds are held, or what is accepted of those that run or ran: markdown, empty when there is nothing to be said. */
function shutIn(builds: readonly Build[], facts: ReportFacts): string {
  const { isolation } = facts;
  const held = builds.some((build) => isHeld(build, facts)) && isolation?.kind === 'held' ? [isolation.because] : [];
  const said = builds.flatMap((build) => build.isolation ?? []);
  return [...held, ...new Set(said)].map((words) => `\n\n${words}`).join('');
}

function waitingTitle(builds: readonly Build[], facts: ReportFacts): string {
  if (builds.length > 0 && builds.every((build) => isHeld(build, facts)))
    return 'Waiting: not proved that it would be shut in';
  const held = builds.map((build) => facts.line.get(build.id)?.waitsFor);
  const [waitsFor] = held;
  if (waitsFor !== undefined && held.every((each) => each !== undefined)) return `Waiting for ${waitsFor}`;
  const ahead = builds.map((build) => facts.line.get(build.id)?.ahead).filter((count) => count !== undefined);
  if (ahead.length === 0) return 'Waiting in line';
  const least = Math.min(...ahead);
  return least === 0 ? 'Next in line' : `Waiting, ${least} ahead`;
}

function goingTitle(builds: readonly Build[]): string {
  const isRefused = ({ state }: Build) => state.phase === 'starting' && state.said !== undefined;
  return builds.every(isRefused) ? 'Could not be started so far' : 'Building';
}

function endedTitle(result: BuildResult, builds: readonly Build[]): string {
  const { startedAt, completedAt } = times(builds);
  const took = startedAt !== null && completedAt !== null ? ` in ${duration(completedAt - startedAt)}` : '';
  return `${words[result]}${took}`;
}

function annotationsOf(builds: readonly Build[]): SourceAnnotation[] {
  return builds.flatMap(({ state }) =>
    state.phase === 'finished' && state.outcome.annotation ? [state.outcome.annotation] : [],
  );
}

type View = Pick<CheckRunReport, 'state' | 'title' | 'actions'> & { readonly builds: readonly Build[] };

function viewOf(job: JobRecord, facts: ReportFacts, shadow: boolean): View {
  const { status } = job;
  const cancel = [{ identifier: 'cancel' as const, label: 'Cancel', description: 'Stop this job' }];
  const ended = (conclusion: Conclusion): CheckRunReport['state'] => ({
    status: 'completed',
    conclusion: shadow ? 'neutral' : conclusion,
  });
  switch (status.kind) {
    case 'skipped':
      return { state: ended('skipped'), title: 'Skipped', actions: [], builds: [] };
    case 'blocked':
      return { state: { status: 'queued' }, title: 'Waiting for the jobs it needs', actions: cancel, builds: [] };
    case 'ended':
      return {
        state: ended(conclusions[status.result]),
        title: endedTitle(status.result, status.builds),
        actions: [],
        builds: status.builds,
      };
    case 'building': {
      const waiting = status.builds.every((build) => build.state.phase === 'wanted');
      const title = waiting ? waitingTitle(status.builds, facts) : goingTitle(status.builds);
      return { state: { status: waiting ? 'queued' : 'in_progress' }, title, actions: cancel, builds: status.builds };
    }
  }
}

function besides({ siblings = [] }: JobRecord): string {
  const lines = siblings.map(({ project, commit }) => `\n* ${inlineCode(fullName(project))} at ${inlineCode(commit)}`);
  return lines.length === 0 ? '' : `\n\nSiblings checked out beside:${lines.join('')}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The check run of one job's request: what ran, why, what came out, and where to read on. */
export function reportJob(job: JobRecord, place: JobPlace, facts: ReportFacts): CheckRunReport {
  const view = viewOf(job, facts, place.shadow);
  const { builds } = view;
  const optional = job.required ? '' : ' It is not required.';
  const isStory = job.status.kind !== 'skipped' && builds.length > 0 && place.retired === null;
  const why = isStory ? `Started because ${job.because}.` : sentence(place.retired ?? job.because);
  const parts = {
    subject: place.subject,
    entry: place.entry,
    commit: place.head,
    job: job.job,
    definition: job.definition,
    request: job.request,
  };
  const first = builds[0];
  return {
    commit: place.head,
    name: job.job,
    externalId: externalIdFor(parts),
    state: view.state,
    title: view.title,
    summary: cutText(
      `${why}${optional}${shutIn(builds, facts)}${failures(builds)}${describeNotes(builds)}${table(builds, facts)}${besides(job)}`,
    ),
    text: cutText([describeReplaced(builds, pointName), tails(builds)].filter((part) => part !== '').join('\n')),
    annotations: annotationsOf(builds),
    actions: view.actions,
    detailsUrl: first ? facts.logUrl(first.id) : null,
    ...times(builds),
  };
}

import type { Image } from './image.ts';
import type { Matcher } from './matcher.ts';
import type { Schedule } from './schedule.ts';

export type PipelineName = 'presubmit' | 'gate' | 'postsubmit' | 'promote' | 'tag' | 'release' | 'periodic';

export const pipelineNames: readonly PipelineName[] = [
  'presubmit',
  'gate',
  'postsubmit',
  'promote',
  'tag',
  'release',
  'periodic',
];

/** When a job applies (commands.md §1). */
export interface JobSelection {
  readonly trigger: 'auto' | 'manual';
  /** Base branches, exact names or globs or `regex:`; empty: every branch. */
  readonly branches: readonly Matcher[];
  readonly skipBranches: readonly Matcher[];
  /** Of a pull request, in lower case: it starts by itself only with one of them; left out: with or without. */
  readonly labels?: readonly Matcher[];
  /** Any changed file must match; null: no such matcher. */
  readonly onlyIf: readonly Matcher[] | null;
  /** Skipped when every changed file matches; null: no such matcher. */
  readonly skipIf: readonly Matcher[] | null;
  /** Shown, never required. */
  readonly optional: boolean;
}

export interface Resources {
  /** Kubernetes quantities. */
  readonly cpu: string;
  readonly memory: string;
  readonly ephemeralStorage: string;
}

/** One combination of a matrix: value by axis, the axes in the order of the alphabet. */
export type MatrixCell = Readonly<Record<string, string>>;

/** Files of a job's checkout that are kept once its command has succeeded. */
export interface KeptFiles {
  /** From the root of the checkout: files, or folders with all that is in them. */
  readonly paths: readonly string[];
  /** Where they wait for the jobs that get them, with registry host, without tag. */
  readonly repository: string;
  readonly maxBytes: number;
}

/** What a job does. */
export type JobContent =
  | {
      readonly template: 'run';
      /** Image reference in which the command is executed. */
      readonly image: string;
      /** Given to `/bin/sh -c` in the checkout. */
      readonly command: string;
      readonly env: Readonly<Record<string, string>>;
      /** Variables of the command that hold secrets of the operator, by the names that those have; left out: none. */
      readonly secrets?: Readonly<Record<string, string>>;
      /** One Build for each, never none; left out: one Build. */
      readonly cells?: readonly MatrixCell[];
      /** Files that jobs which need this one get; left out: none. */
      readonly artifacts?: KeptFiles;
    }
  | {
      readonly template: 'build-image' | 'upload-image' | 'promote-image';
      readonly images: readonly Image[];
      readonly publish: 'direct' | 'promote';
    }
  /** "Nothing to test", said explicitly. */
  | { readonly template: 'noop' }
  /** Of the isolation canary; no repository can name it. */
  | { readonly template: 'canary' };

/** One job of a project for the pipelines it names. */
export interface Job {
  readonly name: string;
  readonly pipelines: readonly PipelineName[];
  /** When it runs on `periodic`; left out: never. */
  readonly schedules?: readonly Schedule[];
  readonly selection: JobSelection;
  readonly content: JobContent;
  readonly needs: readonly JobNeed[];
  readonly pool: string;
  /** What its builds share with others of the project; left out: nothing. */
  readonly semaphore?: Semaphore;
  /** After a push: one that waits is built also when a newer push comes; left out: the newer takes its place (versions.md §6.7). */
  readonly onNew?: 'queue';
  readonly resources: Resources;
  readonly timeoutSeconds: number;
  /** Lets `RUN sudo …` work in the build; false is the safe default. */
  readonly allowPrivilegeEscalation: boolean;
  /** Its author says that it reads nothing but its tree and what it names by digest (scheduling.md §5); left out: nobody does. */
  readonly reusable?: true;
  /** Digest of content, resources and timeout: results count for one definition only. */
  readonly definition: string;
}

/** Of all builds of a project that name it, in whatever subject, at most `max` run at once. */
export interface Semaphore {
  readonly name: string;
  /** From 1. */
  readonly max: number;
  /** A group of `concurrency`: all builds that one request of a job has count as one; left out: each counts. */
  readonly counts?: 'jobs';
}

export interface JobNeed {
  readonly job: string;
  readonly soft: boolean;
}

import type { EffectiveConfig } from '../../src/core/combine-config.ts';
import { emptyRecord } from '../../src/core/presubmit/take-facts.ts';
import type { PathKind } from '../../src/core/resolve-images.ts';
import type { BuildId } from '../../src/model/build.ts';
import type { ConfigState, ProjectConfig } from '../../src/model/config.ts';
import type { ForgeEvent } from '../../src/model/forge-event.ts';
import type { IsolationStanding } from '../../src/model/isolation.ts';
import type { LineEntry, LineLimits } from '../../src/model/line.ts';
import type { ChangedFiles } from '../../src/model/matcher.ts';
import type { BuildOrder } from '../../src/model/order.ts';
import type { Rights } from '../../src/model/person.ts';
import type { ObservedPod, StartOutcome } from '../../src/model/pod.ts';
import type { PresubmitRecord } from '../../src/model/presubmit.ts';
import type { Project } from '../../src/model/project.ts';
import type { Comment, PullRequest } from '../../src/model/pull-request.ts';
import type { Sha } from '../../src/model/sha.ts';
import { type CheckBoard, createCheckBoard } from './check-board.ts';
import { aConfig, aJob, aProject, aPullRequest, people, rights, sha } from './model-data.ts';

/**
 * How a pod goes on by itself: its exit code, or what the cluster does with it (`vanish`: once it is known to run); null: it
 * goes on until somebody ends it.
 */
export type PodFate = number | 'pending' | 'vanish' | null;

/** One pull request with its forge, cluster and line, all in memory. A pass looks at it as the server does (story-look.ts). */
export interface Story {
  now: number;
  record: PresubmitRecord;
  /** Null: the App does not see it. */
  project: Project | null;
  pull: PullRequest | null;
  /** When its head was last forced; left out: never. */
  forcedAt?: number;
  baseTip: Sha;
  base: ConfigState;
  /** The file as the pull request would leave it; null: it does not touch it. */
  head: ConfigState | null;
  changed: ChangedFiles;
  /** Files that conflict; null: it merges. */
  conflict: readonly string[] | null;
  /** Tags in its file that others have, in words. */
  tagsOfOthers: readonly string[];
  readonly kinds: Map<string, PathKind>;
  readonly rights: Map<number, Rights>;
  readonly comments: Comment[];
  firstSeen: number;
  /** Whether code that nobody approved may start; null: nobody asks. */
  isolation: IsolationStanding | null;
  /** What can be read now. */
  readonly reads: { forge: boolean; code: boolean; config: boolean; pods: boolean };
  /** What the executor says to a start; null: it starts. */
  startAnswer: StartOutcome | null;
  fate: (order: BuildOrder) => PodFate;
  limits: LineLimits;
  readonly checks: CheckBoard;
  readonly pods: Map<string, ObservedPod>;
  /** Every start that made a pod. */
  readonly started: BuildOrder[];
  /** By login: what stands in our one reply to them. */
  readonly replies: Map<string, string>;
  readonly reactions: Map<string, '+1' | 'eyes'>;
  readonly inbox: ForgeEvent[];
  /** Everything that was decided, in order. */
  readonly reasons: string[];
  readonly server: ServerState;
}

/** What the server keeps besides the record. */
export interface ServerState {
  line: readonly Omit<LineEntry, 'subject'>[];
  readonly granted: Set<string>;
  starts: ReadonlyMap<BuildId, StartOutcome>;
  sent: ReadonlySet<string>;
  /** When the last saved record asked for a pass without any event; null: never. */
  wakeAt: number | null;
  /** A pod changed, and the executor said so. */
  nudged: boolean;
  deliveries: number;
  readonly orders: Map<string, BuildOrder>;
  readonly trees: Map<string, EffectiveConfig>;
}

export const subject = { kind: 'presubmit', repository: 4711, number: 5 } as const;

export interface StoryOptions {
  readonly jobs?: ProjectConfig['jobs'];
  readonly config?: Partial<ProjectConfig>;
  readonly pull?: Partial<PullRequest>;
  readonly changed?: readonly string[];
}

function everybody(): Map<number, Rights> {
  return new Map([
    [people.ada.id, rights('write')],
    [people.mia.id, rights('read', true)],
    [people.mallory.id, rights('read')],
    [people.boss.id, rights('admin')],
    [people.robot.id, rights('none')],
    [people.listed.id, rights('none')],
  ]);
}

/** A pull request of `ada`, who may write, in a project with one job `unit`, unless the options say otherwise. */
export function startStory(options: StoryOptions = {}): Story {
  return {
    now: 1_000_000,
    record: emptyRecord(aProject(), subject.number),
    project: aProject(),
    pull: aPullRequest(options.pull),
    baseTip: sha('0'),
    base: { kind: 'valid', config: aConfig(options.jobs ?? [aJob('unit')], options.config) },
    head: null,
    changed: { known: true, paths: options.changed ?? ['src/main.go'] },
    conflict: null,
    tagsOfOthers: [],
    isolation: null,
    kinds: new Map([['Dockerfile', { kind: 'file' }]]),
    rights: everybody(),
    comments: [],
    firstSeen: 500_000,
    reads: { forge: true, code: true, config: true, pods: true },
    startAnswer: null,
    fate: () => null,
    limits: { pool: 100, perRepository: 100, perAuthor: 100 },
    checks: createCheckBoard(),
    pods: new Map(),
    started: [],
    replies: new Map(),
    reactions: new Map(),
    inbox: [],
    reasons: [],
    server: {
      line: [],
      granted: new Set(),
      starts: new Map(),
      sent: new Set(),
      wakeAt: null,
      nudged: false,
      deliveries: 0,
      orders: new Map(),
      trees: new Map(),
    },
  };
}

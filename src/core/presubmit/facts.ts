import type { BuildId } from '../../model/build.ts';
import type { CheckRunReport, KnownReport, ObservedCheckRun } from '../../model/check-run.ts';
import type { PreparedChange } from '../../model/code.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
import type { IsolationStanding } from '../../model/isolation.ts';
import type { Rights } from '../../model/person.ts';
import type { ObservedPod, StartOutcome } from '../../model/pod.ts';
import type { PlannedTree } from '../../model/presubmit.ts';
import type { Project } from '../../model/project.ts';
import type { Comment, PullRequest } from '../../model/pull-request.ts';
import type { Sha } from '../../model/sha.ts';
import type { TrustSettings } from '../../model/trust.ts';
import type { EffectiveConfig } from '../combine-config.ts';
import type { KnownSiblings } from '../decide-siblings.ts';
import type { JudgedImages } from '../from/judge-image.ts';
import type { LinePlace } from '../line/order-line.ts';
import type { PathKind } from '../resolve-images.ts';

/** What the forge said in this pass. */
export interface ForgeFacts {
  /** It was not asked: the signed words of the opening stand for its answers. */
  readonly unconfirmed?: true;
  /** Null: the App does not see the repository any more. */
  readonly project: Project | null;
  readonly pull: PullRequest | null;
  /** Those since the record's watermark, oldest first. */
  readonly comments: readonly Comment[];
  /** Keys of comments that our reaction marks as handled; looked up only when the record is new. */
  readonly reacted: ReadonlySet<string>;
  /** Of the author and of everybody whose comment or button is to be answered. */
  readonly rights: ReadonlyMap<number, Rights>;
  /** Our check runs on the present head; read while nothing is known of that head, and by each resync; else null. */
  readonly checkRuns: readonly ObservedCheckRun[] | null;
  /** The same, read because somebody asks `/why` or `/gate`; left out: nobody does. */
  readonly gateRuns?: readonly ObservedCheckRun[];
  /** When the head was last forced, ms; null: never; left out: nobody says what counts for the head of then. */
  readonly forcedAt?: number | null;
  /** When the App first saw this repository (ms). */
  readonly firstSeen: number;
}

/** What a pinned base and merged tree hold. */
export interface TreeFacts {
  readonly config: EffectiveConfig;
  readonly kinds: ReadonlyMap<string, PathKind>;
  /** What the files of images with `from` rules came to; left out: no image needs it. */
  readonly judged?: JudgedImages;
}

export interface LogFacts {
  readonly ended: boolean;
  readonly text: string;
  /** The container file that was built, for finding the failing line; null where there is none. */
  readonly containerFile: string | null;
}

/** One consistent look at the world. Null means "not looked at in this pass", never "empty". */
export interface PresubmitFacts {
  readonly now: number;
  readonly forge: ForgeFacts | null;
  /** The present head merged onto the present base tip; null: not prepared, or not to be had. */
  readonly prepared: PreparedChange | null;
  readonly trees: ReadonlyMap<string, TreeFacts>;
  /** Projects that the trees' images name as siblings; left out: not looked at in this pass. */
  readonly siblings?: KnownSiblings;
  /** What is to be said of it as a change of an organisation's own file; left out: it is none. */
  readonly organisation?: CheckRunReport;
  /** What merging it would build and release; left out: that was told, or is not known now. */
  readonly forecast?: CheckRunReport;
  /** Tags in its file that another branch has, in words for its author; left out: nobody looked. */
  readonly tagsOfOthers?: readonly string[];
  /** The head that the record knows is in the gate, and the branch's file says that presubmits stop then; left out: no. */
  readonly superseded?: boolean;
  /** From the base branch's tip; the strictest while that cannot be read or is invalid. */
  readonly trust: TrustSettings;
  readonly pods: readonly ObservedPod[] | null;
  /** Whether builds of code that nobody approved may start; left out: nobody asks here. */
  readonly isolation?: IsolationStanding;
  /** Builds of this subject in the wanted line. */
  readonly line: ReadonlyMap<BuildId, LinePlace>;
  readonly logs: ReadonlyMap<BuildId, LogFacts>;
  readonly reports: ReadonlyMap<string, KnownReport>;
  readonly starts: ReadonlyMap<BuildId, StartOutcome>;
  /** Ids of answers that were given since the record was saved. */
  readonly sent: ReadonlySet<string>;
  /** Events not yet taken up, oldest first. */
  readonly inbox: readonly ForgeEvent[];
  /** Where people find a Build's log; null where nothing serves it. */
  readonly logUrl: (build: BuildId) => string | null;
}

export function treeKey(tree: PlannedTree): string {
  const { base, organisation } = tree;
  return organisation === undefined ? `${base}/${tree.tree}` : `${base}/${tree.tree}/${organisation}`;
}

/** What a change that was merged into this tree is planned with. */
export function plannedTree({ base, organisation }: PreparedChange, tree: Sha): PlannedTree {
  return organisation === undefined ? { base, tree } : { base, tree, organisation };
}

/** What counts while the base branch's own settings are unknown. */
export const strictestTrust: TrustSettings = { trust: 'collaborators', trustedApps: [] };

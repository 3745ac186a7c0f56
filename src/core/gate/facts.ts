import type { KnownReport } from '../../model/check-run.ts';
import type { GateCommand } from '../../model/forge-event.ts';
import type { GateSettings } from '../../model/gate-settings.ts';
import type { BranchRules, GateView } from '../../model/gate-view.ts';
import type { BranchReading, CandidateOutcome, LandingAnswer } from '../../model/landing.ts';
import type { ChangedFiles } from '../../model/matcher.ts';
import type { Person, Rights } from '../../model/person.ts';
import type { BranchKey } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { KnownSiblings } from '../decide-siblings.ts';
import type { BuildFacts } from '../presubmit/advance-build.ts';
import type { PresubmitFacts, TreeFacts } from '../presubmit/facts.ts';
import type { WantedIndex, WrittenIndexes } from '../promote/collect-images.ts';
import type { Look, WantedLook } from '../promote/facts.ts';

/** Names a person's rights in the project of a branch. */
export function rightsKey(branch: BranchKey, { id }: Pick<Person, 'id'>): string {
  return `${branch} ${id}`;
}

/** What was looked at of one branch. Null means "not to be had in this pass", never "none". */
export interface BranchFacts {
  /** False: we may not see its repository any more, so nothing is built or landed there. */
  readonly seen: boolean;
  readonly reading: BranchReading | null;
  /** Numbers in the ledger of the landings that the branch still holds; the others were taken back by a reset. */
  readonly standing: ReadonlySet<number>;
  readonly rules: BranchRules | null;
  /** From the branch's own configuration; null: it could not be read. */
  readonly settings: GateSettings | null;
  /** The queue that the branch has by these settings; null: they are not known. */
  readonly queue: SubjectId | null;
}

/** Names what differs between the trees of two commits. */
export function differenceKey({ branch, from, to }: WantedDifference): string {
  return `${branch} ${from} ${to}`;
}

/** A change that is not in this queue and that one in it depends on. */
export interface Elsewhere {
  readonly state: 'landed' | 'closed' | 'open' | 'unknown';
  /** The branch that it is for; null: not known. */
  readonly base: BranchKey | null;
  /** Its own dependencies, by `refKey`. */
  readonly needs: readonly string[];
  /** Whoever may read of a public project may be told of it. */
  readonly shown: boolean;
}

/** A command or hint that is not taken up yet. */
export interface HeardCommand extends GateCommand {
  readonly branch: BranchKey;
  readonly delivery: string;
}

/** What came of making a candidate; `forbidden`: the forge would not take it from our App, in words for its author. */
export type CandidateFact = CandidateOutcome | { readonly kind: 'forbidden'; readonly because: string };

/** One consistent look at the world for a pass over a queue. */
export interface QueueFacts extends BuildFacts {
  /** The queue's subject. */
  readonly subject: SubjectId;
  /** Our App's id: our own check runs are never conditions. */
  readonly app: number;
  readonly branches: ReadonlyMap<BranchKey, BranchFacts>;
  /** Read in this pass, by change id; null: the pull request is not there (any more). */
  readonly views: ReadonlyMap<string, GateView | null>;
  /** Of everybody who asked for a landing or commands now, by `rightsKey`. */
  readonly rights: ReadonlyMap<string, Rights>;
  /** What is depended on and is not in this queue, by `refKey`. */
  readonly elsewhere: ReadonlyMap<string, Elsewhere>;
  /** Oldest first. */
  readonly commands: readonly HeardCommand[];
  /** By `candidateKey`. */
  readonly made: ReadonlyMap<string, CandidateFact>;
  /** By `treeKey`: the branch's own configuration combined with a candidate's. */
  readonly trees: ReadonlyMap<string, TreeFacts>;
  /** What was looked at of the projects that images name as siblings. */
  readonly siblings: KnownSiblings;
  /** Of commits, their trees; null: it could not be read. */
  readonly roots: ReadonlyMap<Sha, Sha | null>;
  /** By `differenceKey`; null: it could not be read. */
  readonly differences: ReadonlyMap<string, ChangedFiles | null>;
  /** Indexes over the platforms of an image that were written in this pass. */
  readonly indexes: WrittenIndexes;
  /** By `lookKey`, what registries say of images that were uploaded before and may be taken again. */
  readonly looks: ReadonlyMap<string, Look>;
  /** Digest of what the server's pods are made of; null: that is not fixed, so that no verdict is reused. */
  readonly environment: string | null;
  /** Of tags that files of candidates name, by `claimKey`: whose they are, in words for people; null: nobody else's. */
  readonly claims: ReadonlyMap<string, string | null>;
  readonly reports: ReadonlyMap<string, KnownReport>;
  /** By change id, why what was said of a change may not be known yet, so that it does not land. */
  readonly unheard: ReadonlyMap<string, string>;
  /** Candidates that were published since the record was saved. */
  readonly published: ReadonlySet<Sha>;
  /** What came of the last push; null: none was tried since the record was saved. */
  readonly landing: LandingAnswer | null;
  readonly git: string;
  readonly logUrl: PresubmitFacts['logUrl'];
}

/** What a plan lacks: it is to be had, and the plan made again. */
export interface Wants {
  readonly candidates: readonly WantedCandidate[];
  readonly trees: readonly WantedTree[];
  /** Commits whose trees are not known. */
  readonly roots: readonly { readonly branch: BranchKey; readonly commit: Sha }[];
  readonly differences: readonly WantedDifference[];
  /** Changes whose conditions must be read anew before they may land. */
  readonly views: readonly string[];
  readonly indexes: readonly (WantedIndex & { readonly branch: BranchKey })[];
  /** Images of which it is to be known whether their registry has them. */
  readonly looks: readonly (WantedLook & { readonly branch: BranchKey })[];
  /** Tags of which it is to be known whether another branch has them. */
  readonly tags: readonly WantedTag[];
}

/** Two commits of a branch's project whose trees are to be compared. */
export interface WantedDifference {
  readonly branch: BranchKey;
  readonly from: Sha;
  readonly to: Sha;
}

export interface WantedTag {
  readonly branch: BranchKey;
  readonly repository: string;
  readonly tag: string;
}

export interface WantedCandidate {
  readonly key: string;
  readonly branch: BranchKey;
  readonly number: number;
  readonly parent: Sha;
  readonly head: Sha;
  readonly message: string;
}

export interface WantedTree {
  readonly branch: BranchKey;
  /** Whose configuration grants power. */
  readonly base: Sha;
  readonly tree: Sha;
}

import type { GateRequest, Override } from '../../../model/gate-request.ts';
import type { GateSettings } from '../../../model/gate-settings.ts';
import type { BranchRules, GateView } from '../../../model/gate-view.ts';
import type { Rights } from '../../../model/person.ts';
import { escapeMarkdown, inlineCode } from '../../text/safe-markdown.ts';
import type { RefusedDependency } from './read-dependencies.ts';

/** A change that this one depends on, and where it is. */
export interface Dependency {
  readonly number: number;
  /** `owner/name` as shown; null: a reader of this change may not see that project. */
  readonly project: string | null;
  /** `ahead`: in the same queue, before this one. `asked`: on its way into it. `other-queue`: for a branch of another queue. */
  readonly state: 'landed' | 'ahead' | 'asked' | 'not-asked' | 'closed' | 'other-queue' | 'unknown';
}

/** Everything that is judged of one change for one branch's queue (gate.md §2). */
export interface EntryQuestion {
  readonly view: GateView;
  /** Null: nobody asked, or the request was withdrawn. */
  readonly request: GateRequest | null;
  /** Of who asked, now. */
  readonly rights: Rights;
  readonly overrides: readonly Override[];
  readonly settings: GateSettings;
  /** Null: they could not be read. */
  readonly rules: BranchRules | null;
  readonly branch: string;
  readonly ourAppId: number;
  /** Our own gate check of this branch: never among the conditions. */
  readonly ownCheck: string;
  /** Other names that are required on the head and that our own App must report; no override replaces one. */
  readonly ownRequired: readonly string[];
  readonly held: boolean;
  readonly dependencies: readonly Dependency[];
  /** `Depends-On:` lines that name no change: never passed over in silence. */
  readonly refusedDependencies: readonly RefusedDependency[];
  /** `queued`: it entered before, and what is judged is whether it stays and may land. */
  readonly stage: 'entering' | 'queued';
  /** Ms since the epoch. */
  readonly now: number;
}

/** The conditions, in the order in which people are told of them. */
export const conditions = [
  'merged',
  'closed',
  'retargeted',
  'head-moved',
  'not-asked',
  'requester',
  'draft',
  'held',
  'auto-merge',
  'changes-requested',
  'approvals',
  'last-push',
  'code-owners',
  'threads',
  'check',
  'dependency',
  'cycle',
  'rule',
  'rules-unreadable',
] as const;

export type Condition = (typeof conditions)[number];

/** One condition that does not hold. */
export interface Missing {
  readonly what: Condition;
  /** One sentence or two in markdown, on one line, for the author: what is missing and what to do. */
  readonly text: string;
  /** In the queue it only keeps the change from landing; where false, it takes it out. */
  readonly postpones: boolean;
}

/** One condition as found: `held-up` is missing and postpones, `unmet` is missing and takes out of the queue. */
export interface Finding {
  readonly what: Condition;
  readonly text: string;
  readonly state: 'met' | 'held-up' | 'unmet';
}

export type EntryJudgement =
  /** Every condition with why it holds, as markdown. */
  | { readonly kind: 'ready'; readonly reasons: readonly string[] }
  /** Does not enter; in the queue, does not land yet. */
  | { readonly kind: 'missing'; readonly missing: readonly Missing[] }
  /** Ends the request; in the queue, takes the change out. `because` is one of the texts. */
  | { readonly kind: 'vetoed'; readonly because: string; readonly missing: readonly Missing[] };

export function met(what: Condition, text: string): Finding {
  return { what, text, state: 'met' };
}

export function heldUp(what: Condition, text: string): Finding {
  return { what, text, state: 'held-up' };
}

export function unmet(what: Condition, text: string): Finding {
  return { what, text, state: 'unmet' };
}

const shownCharacters = 100;

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1).toWellFormed()}…`;
}

/** A name of others (check, branch, label, login, ruleset) as inline code, cut where it is long. */
export function named(text: string): string {
  return inlineCode(cut(text.toWellFormed(), shownCharacters));
}

/** Words of others inside a sentence of ours. */
export function quoted(text: string): string {
  return escapeMarkdown(cut(text.toWellFormed(), 3 * shownCharacters));
}

/** At most ten names; the rest is counted. */
export function namedList(names: readonly string[]): string {
  const shown = names.slice(0, 10).map(named);
  return [...shown, ...(names.length > 10 ? [`${names.length - 10} more`] : [])].join(', ');
}

/** The order of plain code units: the same on every machine. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Conditions in their order, then by text: whatever order they were found in. */
export function inOrder<T extends Pick<Finding, 'what' | 'text'>>(findings: readonly T[]): T[] {
  return [...findings].sort(
    (a, b) => conditions.indexOf(a.what) - conditions.indexOf(b.what) || byText(a.text, b.text),
  );
}

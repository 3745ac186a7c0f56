import type { ObservedCheckRun } from '../model/check-run.ts';
import type { Listed, Person, Rights } from '../model/person.ts';
import type { Project } from '../model/project.ts';
import type { Comment, PullRequest } from '../model/pull-request.ts';
import type { Sha } from '../model/sha.ts';

/** Where changes live. Every call throws when no answer could be had; "not there" is a value. */
export interface Forge {
  /** All repositories that active installations of the App see. */
  projects(): Promise<readonly Project[]>;
  /** One of them by id, or null when the App does not see it (any more). */
  project(id: number): Promise<Project | null>;
  /** When the App was given the installation through which it sees this repository (ms). */
  installedAt(project: Project): Promise<number>;
  pullRequest(project: Project, number: number): Promise<PullRequest | null>;
  /** Every open one, whole list or a throw. */
  openPullRequests(project: Project): Promise<readonly PullRequest[]>;
  /** Numbers of the open pull requests whose head is this commit, forks included. */
  pullRequestsAt(project: Project, head: Sha): Promise<readonly number[]>;
  /**
   * Comments, reviews, review comments and the pull request's own text, created or changed at or after `since`
   * (ms; 0 = all), oldest first.
   */
  comments(project: Project, number: number, since: number): Promise<readonly Comment[]>;
  /** When its head was last forced to a commit that does not hold the one before, ms, by the whole second; null: never. */
  forcedAt(project: Project, number: number): Promise<number | null>;
  /** A person's rights now, by numeric id; an unreadable answer is `known: false`, never a throw. */
  rights(project: Project, person: Person): Promise<Rights>;
  /** Whether a person is, by id and now, one of these: logins, and teams as `team:ORG/NAME`. Never a throw. */
  isOneOf(project: Project, person: Person, names: readonly string[]): Promise<Listed>;
  /** All check runs of this App on a commit, every page or a throw. */
  checkRuns(project: Project, commit: Sha): Promise<readonly ObservedCheckRun[]>;
  /** Acknowledges a comment; doing it again changes nothing. The pull request's own text is reacted to as an issue. */
  react(
    project: Project,
    number: number,
    comment: Pick<Comment, 'source' | 'id'>,
    reaction: '+1' | 'eyes',
  ): Promise<void>;
  /** True when this App has reacted to it already. */
  hasReacted(project: Project, number: number, comment: Pick<Comment, 'source' | 'id'>): Promise<boolean>;
  /** Our one answer to this person on this pull request: written, or the earlier one edited in place. */
  reply(project: Project, number: number, to: Person, text: string): Promise<void>;
  /** A token that can only read this repository's contents, for one hour at most; minted at each call, never stored. */
  checkoutToken(project: Project): Promise<string>;
}

/** One delivery in the App's log on the forge. */
export interface Delivery {
  readonly id: number;
  readonly guid: string;
  readonly deliveredAt: number;
  readonly ok: boolean;
}

/** The App's own delivery log (intake §2.7). */
export interface DeliveryLog {
  /** Deliveries at or after `since` (ms), newest first. */
  deliveries(since: number): Promise<readonly Delivery[]>;
  /** Asks the forge to send it again; `gone` when it no longer can. */
  redeliver(id: number): Promise<'accepted' | 'gone'>;
}

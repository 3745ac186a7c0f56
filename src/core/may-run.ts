import type { Person, Rights } from '../model/person.ts';
import type { Approval } from '../model/pull-request.ts';
import type { Sha } from '../model/sha.ts';
import type { TrustClass, TrustSettings } from '../model/trust.ts';

/** Who wants a head to be built. An automatic start asks about the author, a command about its sender (design.md §6). */
export type Asker =
  | { readonly kind: 'automatic' }
  | { readonly kind: 'person'; readonly person: Person; readonly rights: Rights };

export interface RunQuestion {
  readonly head: Sha;
  /** The head that the forge shows now; another one and nothing may run. */
  readonly presentHead: Sha;
  readonly author: Person;
  readonly authorRights: Rights;
  readonly approvals: readonly Approval[];
  readonly asker: Asker;
  readonly settings: TrustSettings;
}

export type RunAnswer =
  | { readonly run: true; readonly trust: TrustClass; readonly because: string }
  | {
      readonly run: false;
      readonly kind: 'head-moved' | 'unapproved' | 'sender' | 'unreadable';
      readonly because: string;
    };

export type TrustAnswer =
  | { readonly trusted: true; readonly because: string }
  | { readonly trusted: false; readonly unreadable: boolean; readonly because: string };

/** Trusted = write, maintain or admin, member of the organisation (unless `collaborators`), or a listed App; by numeric id. */
export function judgeTrust(person: Person, rights: Rights, settings: TrustSettings): TrustAnswer {
  if (person.kind === 'bot' && settings.trustedApps.includes(person.id)) {
    return { trusted: true, because: `${person.login} is listed in trustedApps` };
  }
  if (!rights.known) {
    return {
      trusted: false,
      unreadable: true,
      because: `the rights of ${person.login} could not be read: ${rights.because}`,
    };
  }
  if (['write', 'maintain', 'admin'].includes(rights.permission)) {
    return { trusted: true, because: `${person.login} has ${rights.permission} permission` };
  }
  if (settings.trust === 'members' && rights.member && person.kind === 'user') {
    return { trusted: true, because: `${person.login} is a member of the organisation` };
  }
  return {
    trusted: false,
    unreadable: false,
    because: `${person.login} has ${rights.permission === 'none' ? 'no' : `only ${rights.permission}`} permission here`,
  };
}

/** The approval recorded for exactly this head, or null. */
export function approvalOf(head: Sha, approvals: readonly Approval[]): Approval | null {
  return approvals.find((approval) => approval.head === head) ?? null;
}

/** The one answer to "may code of this head be built", on every path (commands.md §2-3, intake §3). Fails closed. */
export function mayRun(question: RunQuestion): RunAnswer {
  const { head, presentHead, author, authorRights, approvals, asker, settings } = question;
  if (head !== presentHead) {
    return { run: false, kind: 'head-moved', because: `the head is ${presentHead} now, not ${head}` };
  }
  const approval = approvalOf(head, approvals);
  const own = judgeTrust(author, authorRights, settings);
  if (!approval && !own.trusted) {
    return { run: false, kind: own.unreadable ? 'unreadable' : 'unapproved', because: own.because };
  }
  const because = approval ? `${approval.by.login} approved this head` : own.because;
  if (asker.kind === 'person' && !approval) {
    const sender = judgeTrust(asker.person, asker.rights, settings);
    if (!sender.trusted)
      return { run: false, kind: sender.unreadable ? 'unreadable' : 'sender', because: sender.because };
  }
  // A trusted author's head is still code that nobody approved at that commit: no credential either way.
  return { run: true, trust: approval ? 'approved' : 'untrusted', because };
}

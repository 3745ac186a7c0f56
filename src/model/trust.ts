/**
 * untrusted: code not approved at this exact head; approved: one full head SHA approved by a trusted person;
 * trusted: landed code. (design.md §4)
 */
export type TrustClass = 'untrusted' | 'approved' | 'trusted';

/** Who counts as trusted: `members` also takes members of the organisation, `collaborators` only write permission. */
export interface TrustSettings {
  readonly trust: 'members' | 'collaborators';
  /** Numeric user ids of Apps' bots that are listed as trusted. */
  readonly trustedApps: readonly number[];
}

/** What a token is for; each kind may do no more than the table below says, in one repository where it names one. */
export type TokenPurpose =
  | { readonly kind: 'list'; readonly installation: number }
  | { readonly kind: RepositoryPurpose; readonly installation: number; readonly repository: number }
  /** What git pushes with, and the button is pressed with; `workflows` only for what changes the forge's own workflows. */
  | {
      readonly kind: 'land' | 'merge';
      readonly installation: number;
      readonly repository: number;
      readonly workflows: boolean;
    };

/**
 * `judge` reads all that decides on a change, `rules` what a branch asks, `protection` its classic protection; `sort` closes
 * and labels pull requests.
 */
type RepositoryPurpose = 'work' | 'members' | 'checkout' | 'judge' | 'rules' | 'protection' | 'sort';

/** The body of the request for such a token. */
export interface TokenScope {
  readonly permissions: Readonly<Record<string, 'read' | 'write'>>;
  readonly repository_ids?: number[];
}

const permissions: Readonly<Record<TokenPurpose['kind'], TokenScope['permissions']>> = {
  list: { metadata: 'read' },
  work: { checks: 'write', issues: 'write', pull_requests: 'write', metadata: 'read' },
  members: { members: 'read', metadata: 'read' },
  checkout: { contents: 'read' },
  judge: { checks: 'read', contents: 'read', pull_requests: 'read', statuses: 'read', metadata: 'read' },
  rules: { metadata: 'read' },
  protection: { administration: 'read', metadata: 'read' },
  sort: { pull_requests: 'write', metadata: 'read' },
  merge: { contents: 'write', metadata: 'read' },
  land: { contents: 'write' },
};

/** As little as the purpose takes (attack A34). */
export function scopeOf(purpose: TokenPurpose): TokenScope {
  const granted = grantedFor(purpose);
  return purpose.kind === 'list'
    ? { permissions: granted }
    : { permissions: granted, repository_ids: [purpose.repository] };
}

function grantedFor(purpose: TokenPurpose): TokenScope['permissions'] {
  const granted = permissions[purpose.kind];
  return 'workflows' in purpose && purpose.workflows ? { ...granted, workflows: 'write' } : granted;
}

/** The same text for the same purpose. */
export function purposeKey(purpose: TokenPurpose): string {
  const kind = 'workflows' in purpose && purpose.workflows ? `${purpose.kind}-workflows` : purpose.kind;
  return `${kind}/${purpose.installation}/${'repository' in purpose ? purpose.repository : 'all'}`;
}

/** What a token is for; each kind may do no more than the table below says, in one repository where it names one. */
export type TokenPurpose =
  | { readonly kind: 'list'; readonly installation: number }
  | { readonly kind: 'work' | 'members' | 'checkout'; readonly installation: number; readonly repository: number };

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
};

/** As little as the purpose takes (attack A34). */
export function scopeOf(purpose: TokenPurpose): TokenScope {
  const granted = permissions[purpose.kind];
  return purpose.kind === 'list'
    ? { permissions: granted }
    : { permissions: granted, repository_ids: [purpose.repository] };
}

/** The same text for the same purpose. */
export function purposeKey(purpose: TokenPurpose): string {
  return `${purpose.kind}/${purpose.installation}/${'repository' in purpose ? purpose.repository : 'all'}`;
}

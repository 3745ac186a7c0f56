import type { Account, App, Installation, Repository, Token, World } from './world.ts';

/** Who makes a request, once its credentials were found good. */
export type Actor =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'app'; readonly app: App }
  | {
      readonly kind: 'installation';
      readonly app: App;
      readonly installation: Installation;
      readonly token: Extract<Token, { kind: 'installation' }>;
      readonly bot: Account;
    }
  | { readonly kind: 'person'; readonly account: Account };

/** One request to the REST API, routed, authenticated and checked against the description. */
export interface Call {
  readonly world: World;
  readonly actor: Actor;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The JSON object of the body; empty if there was none. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The address as the client wrote it, for links to other pages. */
  readonly address: string;
  readonly accept: string;
}

/** What goes back; a body that is absent is sent as none at all. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers one operation of a repository that the caller may see. */
export type RepositoryHandler = (call: Call, repo: Repository) => Answer | Promise<Answer>;

/** The account in whose name the caller acts; null for nobody. */
export function accountOfActor(actor: Actor): Account | null {
  if (actor.kind === 'person') return actor.account;
  return actor.kind === 'installation' ? actor.bot : null;
}

/** The same for operations that no anonymous caller can reach. */
export function actingAccount({ actor }: Call): Account {
  const account = accountOfActor(actor);
  if (!account) throw new Error(`an operation that needs an account was reached by ${actor.kind}`);
  return account;
}

/** A text field of the body or null; fields were checked against the description before. */
export function textField(call: Call, name: string): string | null {
  const value = call.body[name];
  return typeof value === 'string' ? value : null;
}

/** Short name of the caller for logs: never the token itself. */
export function identityOf(actor: Actor): string {
  if (actor.kind === 'app') return `app:${actor.app.id}`;
  if (actor.kind === 'installation') return `installation:${actor.installation.id}`;
  return actor.kind === 'person' ? `user:${actor.account.login}` : 'anonymous';
}

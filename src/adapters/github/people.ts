import type { Person } from '../../model/person.ts';

/** Whom GitHub names where an account was deleted. */
const ghost: Person = { id: 10_137, login: 'ghost', kind: 'user' };

/** A REST user; GitHub's ghost for none. */
export function personFrom(
  user: { readonly id: number; readonly login: string; readonly type?: string } | null | undefined,
): Person {
  return user ? { id: user.id, login: user.login, kind: user.type === 'Bot' ? 'bot' : 'user' } : ghost;
}

/** A GraphQL actor. */
export interface Writer {
  readonly __typename: string;
  readonly login: string;
  readonly databaseId?: number | null;
}

/** The same person as REST would show, where an App's bot is `slug[bot]`; the ghost for none and for what has no id. */
export function personFromWriter(writer: Writer | null): Person {
  if (writer === null || typeof writer.databaseId !== 'number') return ghost;
  const isBot = writer.__typename === 'Bot';
  const login = isBot && !writer.login.endsWith('[bot]') ? `${writer.login}[bot]` : writer.login;
  return { id: writer.databaseId, login, kind: isBot ? 'bot' : 'user' };
}

import { findAccount, ghostId } from './lookup.ts';
import type { Account, World } from './world.ts';

/** A new account; a login that is taken (whatever its case) is a mistake in the story and throws. */
export function newAccount(
  world: World,
  kind: Account['kind'],
  login: string,
  { name = login, email }: { readonly name?: string; readonly email?: string } = {},
): Account {
  if (findAccount(world, login)) throw new Error(`the login ${JSON.stringify(login)} is taken`);
  const id = kind === 'User' && login === 'ghost' ? ghostId : world.ids.next();
  const account: Account = {
    id,
    kind,
    login,
    name,
    email: email ?? `${id}+${login.replace(/[^A-Za-z0-9-]/g, '-')}@users.noreply.github.example`,
    createdAt: world.now(),
    members: new Map(),
    teams: new Map(),
    basePermission: 'read',
  };
  world.accounts.set(id, account);
  return account;
}

import type { Clock } from '../../ports/clock.ts';
import { statusOf } from './call-failure.ts';
import type { Client } from './octokit.ts';
import { purposeKey, scopeOf, type TokenPurpose } from './token-scopes.ts';

/** Installation tokens, kept in memory only. */
export interface Tokens {
  /** One that lives for some minutes more and is not `refused`; callers at the same time get the same one. */
  readonly kept: (purpose: TokenPurpose, refused?: string) => Promise<string>;
  /** A new one, kept nowhere. */
  readonly mint: (purpose: TokenPurpose) => Promise<string>;
}

interface Minted {
  readonly token: string;
  /** ms. */
  readonly expiresAt: number;
}

const leastLife = 5 * 60_000;

export function createTokens(asApp: () => Promise<Client>, clock: Pick<Clock, 'now'>): Tokens {
  const memory = new Map<string, Promise<Minted>>();
  const renew = (key: string, purpose: TokenPurpose): Promise<Minted> => {
    const minted = mintToken(asApp, purpose);
    memory.set(key, minted);
    // A failure is told to those who wait for it, and not remembered.
    minted.catch(() => memory.get(key) === minted && memory.delete(key));
    return minted;
  };
  return {
    kept: async (purpose, refused) => {
      const key = purposeKey(purpose);
      const found = memory.get(key) ?? renew(key, purpose);
      const { token, expiresAt } = await found;
      if (token !== refused && expiresAt - clock.now() > leastLife) return token;
      // Whoever sees it first renews it for all.
      const newer = memory.get(key);
      return (await (newer === undefined || newer === found ? renew(key, purpose) : newer)).token;
    },
    mint: async (purpose) => (await mintToken(asApp, purpose)).token,
  };
}

async function mintToken(asApp: () => Promise<Client>, purpose: TokenPurpose): Promise<Minted> {
  try {
    const { rest } = await asApp();
    const wanted = { installation_id: purpose.installation, ...scopeOf(purpose) };
    const { data } = await rest.apps.createInstallationAccessToken(wanted);
    return { token: data.token, expiresAt: Date.parse(data.expires_at) };
  } catch (cause) {
    // 422: the installation was not given all of them.
    const taking = statusOf(cause) === 422 ? `, which takes ${permissionsIn(purpose)}` : '';
    throw new Error(`cannot get a token for ${purposeKey(purpose)}${taking}`, { cause });
  }
}

function permissionsIn(purpose: TokenPurpose): string {
  const wanted = Object.entries(scopeOf(purpose).permissions);
  return wanted.map(([name, level]) => `${name}: ${level}`).join(', ');
}

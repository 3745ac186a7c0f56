import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** An App's key as GitHub gives it out (PKCS #1), and what checks its signatures. */
export interface AppKey {
  readonly privateKey: string;
  readonly publicKey: KeyObject;
}

const made: AppKey[] = [];

/**
 * The key of the n-th App of a server. Servers in one process share them: nobody keeps secrets here, and making one takes
 * a tenth of a second.
 */
export function appKey(n: number): AppKey {
  while (made.length <= n) made.push(makeKey());
  return made[n] ?? makeKey();
}

function makeKey(): AppKey {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return { privateKey: pair.privateKey, publicKey: createPublicKey(pair.publicKey) };
}

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

/** Signs ledger entries, and knows whose signatures count. */
export interface LedgerSigner {
  /** `signature` is base64. */
  sign(bytes: Buffer): { readonly keyId: string; readonly signature: string };
  /** False as well for a key that is not known. */
  verify(bytes: Buffer, keyId: string, signature: string): boolean;
}

export interface LedgerKey extends LedgerSigner {
  readonly keyId: string;
  /** The private key, PKCS #8; to be kept as a secret. */
  readonly pem: string;
  /** What others verify with, also after this key was replaced. */
  readonly publicPem: string;
}

function keyIdOf(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return `ed25519:${createHash('sha256').update(der).digest('hex').slice(0, 32)}`;
}

function mustBeEd25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError(`not an Ed25519 key: ${key.asymmetricKeyType}`);
  return key;
}

/**
 * An Ed25519 key, taken from its PEM; null: a new one. Entries signed by one of `older` (public keys, PEM) are accepted as
 * well, so that a key can be replaced without losing what it signed.
 */
export function createLedgerKey(pem: string | null, older: readonly string[] = []): LedgerKey {
  const own = mustBeEd25519(pem === null ? generateKeyPairSync('ed25519').privateKey : createPrivateKey(pem));
  const publicKey = createPublicKey(own);
  const keyId = keyIdOf(publicKey);
  const accepted = [...older.map((text) => mustBeEd25519(createPublicKey(text))), publicKey];
  const known = new Map(accepted.map((key) => [keyIdOf(key), key]));
  return {
    keyId,
    pem: own.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (bytes) => ({ keyId, signature: sign(null, bytes, own).toString('base64') }),
    verify(bytes, id, signature) {
      const key = known.get(id);
      return key !== undefined && verify(null, bytes, key, Buffer.from(signature, 'base64'));
    },
  };
}

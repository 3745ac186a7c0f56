import { createHmac, timingSafeEqual } from 'node:crypto';

/** What `X-Hub-Signature-256` must look like: lower-case hex only, as GitHub writes it. */
const signaturePattern = /^sha256=([0-9a-f]{64})$/;

/** Computes the signatures of one body while it arrives. */
export interface SignatureCheck {
  add(chunk: Buffer): void;
  /** Index of the secret that signed all added bytes, or -1. To be called once, after the last byte. */
  matchedSecret(header: string): number;
}

/**
 * HMAC-SHA-256 over raw bytes against every secret of the list (intake §2.2). Empty secrets never match: anybody
 * could sign with them.
 */
export function startSignatureCheck(secrets: readonly string[]): SignatureCheck {
  const macs = secrets.map((secret) => (secret === '' ? null : createHmac('sha256', secret)));
  return {
    add: (chunk) => {
      for (const mac of macs) mac?.update(chunk);
    },
    matchedSecret: (header) => {
      const given = Buffer.from(signaturePattern.exec(header)?.[1] ?? '', 'hex');
      // Every secret is compared, so that the time does not tell which one matched.
      const matches = macs.map((mac) => mac !== null && given.length === 32 && timingSafeEqual(mac.digest(), given));
      return matches.indexOf(true);
    },
  };
}

/** True for a header that could be a signature at all. */
export function isSignature(header: string): boolean {
  return signaturePattern.test(header);
}

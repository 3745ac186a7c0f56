import { verify } from 'node:crypto';
import type { Actor } from './call.ts';
import { accountOf, appOf } from './lookup.ts';
import type { App, World } from './world.ts';

/** Who the credentials stand for, or why they are refused (as GitHub words it). */
export type Identification =
  | { readonly kind: 'known'; readonly actor: Actor }
  | { readonly kind: 'refused'; readonly status: 401 | 403; readonly message: string };

const badCredentials: Identification = { kind: 'refused', status: 401, message: 'Bad credentials' };

/** Reads an `Authorization` header: nothing, `token X`, `Bearer X` (a token or an App's JWT) or `Basic`. */
export function identify(world: World, header: string | undefined): Identification {
  if (header === undefined) return { kind: 'known', actor: { kind: 'anonymous' } };
  const [, scheme = '', value = ''] = /^(\w+)\s+(\S+)$/.exec(header.trim()) ?? [];
  switch (scheme.toLowerCase()) {
    case 'basic':
      return identifyToken(world, passwordOf(value));
    case 'token':
    case 'bearer':
      return value.split('.').length === 3 ? identifyJwt(world, value) : identifyToken(world, value);
    default:
      return badCredentials;
  }
}

function passwordOf(encoded: string): string {
  const text = Buffer.from(encoded, 'base64').toString();
  return text.slice(text.indexOf(':') + 1);
}

/** A personal token, or an installation's that has not expired. */
export function identifyToken(world: World, value: string): Identification {
  const token = world.tokens.get(value);
  if (!token) return badCredentials;
  if (token.kind === 'personal') {
    return { kind: 'known', actor: { kind: 'person', account: accountOf(world, token.accountId) } };
  }
  const installation = world.installations.get(token.installationId);
  if (!installation || token.expiresAt <= world.now()) return badCredentials;
  if (installation.suspendedAt !== null) {
    return { kind: 'refused', status: 403, message: 'This installation has been suspended' };
  }
  const app = appOf(world, installation.appId);
  const bot = accountOf(world, app.botId);
  return { kind: 'known', actor: { kind: 'installation', app, installation, token, bot } };
}

function identifyJwt(world: World, jwt: string): Identification {
  const [header = '', claims = '', signature = ''] = jwt.split('.');
  const { alg } = decodePart(header);
  const { iss, iat, exp } = decodePart(claims);
  const app = [...world.apps.values()].find(({ id, clientId }) => String(iss) === String(id) || iss === clientId);
  if (!app) return refusedJwt('A JSON web token could not be decoded');
  if (alg !== 'RS256' || !isSignedBy(app, `${header}.${claims}`, signature)) {
    return refusedJwt('A JSON web token could not be decoded');
  }
  const problem = timeProblem(iat, exp, Math.floor(world.now() / 1000));
  return problem === null ? { kind: 'known', actor: { kind: 'app', app } } : refusedJwt(problem);
}

// GitHub's own sentences: Octokit recognises them and corrects its clock by the Date header.
function timeProblem(iat: unknown, exp: unknown, now: number): string | null {
  if (typeof iat !== 'number' || iat > now) {
    return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
  }
  if (typeof exp !== 'number' || exp <= now) {
    return "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
  }
  return exp - now > 600 ? "'Expiration time' claim ('exp') is too far in the future" : null;
}

function refusedJwt(message: string): Identification {
  return { kind: 'refused', status: 401, message };
}

function isSignedBy(app: App, signed: string, signature: string): boolean {
  return verify('RSA-SHA256', Buffer.from(signed), app.publicKey, Buffer.from(signature, 'base64url'));
}

function decodePart(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Not JSON: no claim at all, and refused for that.
    return {};
  }
}

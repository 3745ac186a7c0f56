import { execFileSync } from 'node:child_process';
import { createPrivateKey, type KeyObject, randomUUID, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** A certificate that signs itself, for 127.0.0.1. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly pem: string;
  remove(): void;
}

export function makeCertificate(): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-certificate-'));
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', ...curve, ...names, '-keyout', key, '-out', certificate], { stdio: 'pipe' });
  return {
    certificate,
    key,
    pem: readFileSync(certificate, 'utf8'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface TokenRequest {
  readonly method: string;
  readonly scopes: readonly string[];
  readonly authorization: string | undefined;
  readonly refreshToken: string | null;
}

/** Gives whoever knows a password, or the identity token, what he asks for and may; nobody else. */
export interface TokenServer {
  /** The section `auth` of a registry that believes it. */
  readonly auth: object;
  /** Where it is. */
  readonly realm: string;
  readonly seen: readonly TokenRequest[];
  /** Says so of the tokens from now on. */
  sayExpiry(seconds: number): void;
  /** Answers with this status instead, quoting what it was shown. */
  fail(status: number | null): void;
  clear(): void;
  close(): Promise<void>;
}

export const tokenUser = 'robot-user';
export const tokenPassword = 'robot-password';
export const identityToken = 'identity-token-of-robot';
const [service, issuer] = ['test-registry', 'test-issuer'];

/** What somebody with this password may do with a repository. */
export interface TokenAccount {
  readonly password: string;
  readonly may: (repository: string) => readonly string[];
}

const everything = ['pull', 'push', 'delete'];
const robot = { [tokenUser]: { password: tokenPassword, may: () => everything } };

export async function startTokenServer(
  { certificate, key, pem }: TestCertificate,
  accounts: Readonly<Record<string, TokenAccount>> = robot,
): Promise<TokenServer> {
  let seen: TokenRequest[] = [];
  let seconds = 300;
  let failure: number | null = null;
  const privateKey = createPrivateKey(readFileSync(key));
  const server = createServer(async (incoming, outgoing) => {
    const asked = await readRequest(incoming);
    seen.push(asked);
    const account = accountOf(asked, accounts);
    const status = failure ?? (account === null ? 401 : 200);
    const body =
      status === 200 && account !== null
        ? { token: makeToken(asked.scopes, account, privateKey, pem), expires_in: seconds }
        : { errors: [{ code: 'UNAUTHORIZED', message: `no such user ${tokenUser} with ${tokenPassword}` }] };
    outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  return {
    realm,
    auth: { token: { realm, service, issuer, rootcertbundle: certificate } },
    get seen() {
      return seen;
    },
    sayExpiry(next) {
      seconds = next;
    },
    fail(status) {
      failure = status;
    },
    clear() {
      seen = [];
      seconds = 300;
      failure = null;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function accountOf(
  { authorization, refreshToken }: TokenRequest,
  accounts: Readonly<Record<string, TokenAccount>>,
): TokenAccount | null {
  if (refreshToken === identityToken) return accounts[tokenUser] ?? null;
  const login = Buffer.from((authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
  const found = Object.entries(accounts).find(([user, { password }]) => login === `${user}:${password}`);
  return found?.[1] ?? null;
}

async function readRequest(incoming: IncomingMessage): Promise<TokenRequest> {
  const url = new URL(incoming.url ?? '', 'http://token');
  const form = new URLSearchParams(await text(incoming));
  if ((url.searchParams.get('service') ?? form.get('service')) !== service) throw new Error('another service is meant');
  return {
    method: incoming.method ?? '',
    scopes: form.has('scope') ? (form.get('scope') ?? '').split(' ') : url.searchParams.getAll('scope'),
    authorization: incoming.headers.authorization,
    refreshToken: form.get('refresh_token'),
  };
}

function makeToken(scopes: readonly string[], { may }: TokenAccount, key: KeyObject, pem: string): string {
  const now = Math.floor(Date.now() / 1000);
  const access = scopes.map((scope) => {
    const [type = '', name = '', actions = ''] = scope.split(':');
    return { type, name, actions: actions.split(',').filter((action) => may(name).includes(action)) };
  });
  const header = { typ: 'JWT', alg: 'ES256', x5c: [new X509Certificate(pem).raw.toString('base64')] };
  const times = { nbf: now - 10, iat: now, exp: now + 300 };
  const payload = { iss: issuer, sub: tokenUser, aud: service, ...times, jti: randomUUID(), access };
  const signed = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

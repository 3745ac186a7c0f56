import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newAccount } from './accounts.ts';
import { type Actor, identityOf } from './call.ts';
import { isCutBefore, spoiledAfter, spoiledBefore } from './fault-answers.ts';
import { createFaults, type FaultKind, type Faults } from './faults.ts';
import { answerGit, type GitAddress, type GitExchange, gitAddress } from './git-http.ts';
import { answerGraphql, type Documents } from './graphql.ts';
import { createIds, type Ids } from './ids.ts';
import type { PushRefusal } from './judge-push.ts';
import { createMergedMarks, type MergedMarks } from './merged-marks.ts';
import type { Violation } from './openapi-check.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { answerPage } from './pages/pages.ts';
import { createRateLimits, type RateLimits } from './rate-limit.ts';
import { prepareFolder } from './repositories.ts';
import type { Incoming, Outgoing } from './request.ts';
import { answerRest, type Rest } from './rest.ts';
import { verbsOf } from './verbs.ts';
import type { World } from './world.ts';

export interface GitHubOptions {
  /** Holds the bare repositories; must exist, and stays when the server ends. */
  readonly folder: string;
  readonly host?: string;
  /** 0, the default: a free one. */
  readonly port?: number;
  /** ms. */
  readonly now?: () => number;
  /** The same seed gives the same secrets and GUIDs in the same order. */
  readonly seed?: string;
  readonly onViolation?: (violation: Violation) => void;
  /** GraphQL operation name → the one text that is answered for it. */
  readonly documents?: Documents;
  /** Requests an hour for each App installation and person. */
  readonly rateLimit?: number;
  /** ms that a webhook's receiver has to answer. */
  readonly hookTimeout?: number;
  /** ms between a push to a base branch and the mark of the pull requests that it merged; 0, the default: at once. */
  readonly mergedDelay?: number;
  readonly strict?: { readonly stopOnBadAnswer?: boolean };
}

/** One request that was answered, for tests to count. */
export interface RequestRecord {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** Operation id of REST, name of the GraphQL document, or null. */
  readonly operation: string | null;
  readonly status: number;
  /** `installation:ID`, `app:ID`, `user:LOGIN` or `anonymous`. */
  readonly identity: string;
  /** Whether it was spent from the hour's budget. */
  readonly counted: boolean;
}

/** A running stand-in GitHub; README.md lists the verbs. */
export type StandInGitHub = ReturnType<typeof verbsOf> & {
  readonly url: string;
  readonly apiUrl: string;
  readonly violations: readonly Violation[];
  readonly requests: readonly RequestRecord[];
  readonly faults: Faults;
  readonly webhooks: Omit<Outbox, 'post' | 'stop'>;
  readonly mergedMarks: Pick<MergedMarks, 'hold' | 'release' | 'settled'>;
  /** Ends the server; webhooks on their way are given up. */
  readonly close: () => Promise<void>;
};

interface Site {
  readonly world: World;
  readonly rest: Rest;
  readonly limits: RateLimits;
  readonly faults: Faults;
  readonly documents: Documents;
  readonly requests: RequestRecord[];
  /** Apart from the world's, so that asking does not change what is given out next. */
  readonly requestIds: Ids;
}

/** Starts it and waits until it listens. */
export async function startGitHub(options: GitHubOptions): Promise<StandInGitHub> {
  await prepareFolder(options.folder);
  const world = createWorld(options);
  const violations: Violation[] = [];
  const violated = (violation: Violation): void => {
    violations.push(violation);
    options.onViolation?.(violation);
  };
  const limits = createRateLimits(world.now, options.rateLimit ?? 5000);
  const rest = { world, limits, violated, stopOnBadAnswer: options.strict?.stopOnBadAnswer ?? false };
  const faults = createFaults();
  const site: Site = {
    world,
    rest,
    limits,
    faults,
    documents: options.documents ?? {},
    requests: [],
    requestIds: createIds('requests'),
  };
  const server = createServer((request, response) => void serve(site, request, response));
  await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
  world.url = `http://${options.host ?? '127.0.0.1'}:${(server.address() as AddressInfo).port}`;
  return {
    ...verbsOf(world),
    url: world.url,
    apiUrl: `${world.url}/api/v3`,
    violations,
    requests: site.requests,
    faults,
    webhooks: world.outbox,
    mergedMarks: world.mergedMarks,
    close: async () => {
      await world.mergedMarks.stop();
      world.outbox.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await world.outbox.settled();
    },
  };
}

function createWorld(options: GitHubOptions): World {
  const now = options.now ?? Date.now;
  const ids = createIds(options.seed ?? 'stand-in');
  const target = (appId: number) => {
    const app = world.apps.get(appId);
    return app?.webhookUrl ? { url: app.webhookUrl, secret: app.webhookSecret } : null;
  };
  const world: World = {
    folder: options.folder,
    url: '',
    now,
    ids,
    outbox: createOutbox({ now, nextId: createIds('deliveries').next, target, timeout: options.hookTimeout ?? 10_000 }),
    mergedMarks: createMergedMarks(options.mergedDelay ?? 0),
    accounts: new Map(),
    repositories: new Map(),
    formerNames: new Map(),
    comments: new Map(),
    suites: new Map(),
    checkRuns: new Map(),
    statuses: [],
    apps: new Map(),
    installations: new Map(),
    tokens: new Map(),
    manifestCodes: new Map(),
    lags: [],
    miscomputed: new Map(),
    locks: new Map(),
  };
  newAccount(world, 'User', 'ghost');
  return world;
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

async function serve(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('Server', 'stand-in-github');
  response.setHeader('Date', new Date(site.world.now()).toUTCString());
  response.setHeader('X-GitHub-Request-Id', site.requestIds.guid().toUpperCase());
  try {
    await exchange(site, request, response);
  } catch (error) {
    const detail = error instanceof Error ? error.stack : String(error);
    site.rest.violated({
      kind: 'response',
      operation: 'unforeseen',
      method: request.method ?? '',
      path: request.url ?? '',
      errors: [detail ?? 'an error without a stack'],
    });
    if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ message: 'Server Error' }));
  }
}

async function exchange(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', site.world.url);
  const method = request.method ?? 'GET';
  const git = gitAddress(url.pathname);
  const body = await readBody(request);
  if (body === null) return;
  const fault = site.faults.next(method, url.pathname, body);
  if (fault?.kind === 'latency') await new Promise((resolve) => setTimeout(resolve, fault.ms));
  if (fault && (await isCutBefore(fault))) return hangUp(request, response, git !== null);
  const instead = fault && spoiledBefore(fault, site.world.now());
  if (git && !instead) return exchangeGit(site, git, fault, { request, response, body });
  const headers = request.headers as Record<string, string | undefined>;
  const incoming = { method, path: url.pathname, query: url.searchParams, address: url.toString(), headers, body };
  const outgoing = instead ?? (await answer(site, incoming));
  const { status, actor, operation, counted } = outgoing;
  record(site, { method, path: url.pathname, operation, status, actor, counted });
  const after = fault && (await spoiledAfter(fault));
  if (after === 'reset') hangUp(request, response, false);
  else send(response, after ?? outgoing);
}

async function exchangeGit(
  site: Site,
  git: GitAddress,
  fault: FaultKind | null,
  { request, response, body }: GitExchange,
): Promise<void> {
  // A spoiled answer is written to a response that leads nowhere.
  const isSpoiled = fault !== null && 'when' in fault && fault.when === 'after';
  const target = isSpoiled ? new ServerResponse(request) : response;
  const { actor, status } = await answerGit(site.world, git, { request, response: target, body }, refusedPush(fault));
  const { pathname: path } = new URL(request.url ?? '/', site.world.url);
  const method = request.method ?? 'GET';
  record(site, { method, path, operation: `git/${git.service}`, status, actor, counted: false });
  if (!isSpoiled) return;
  const after = await spoiledAfter(fault);
  if (after === 'reset' || after === null) hangUp(request, response, true);
  else send(response, after);
}

function refusedPush(fault: FaultKind | null): PushRefusal | null {
  return fault?.kind === 'push-refused' ? { reason: fault.reason, lines: fault.says ?? [] } : null;
}

function send(response: ServerResponse, { status, headers, body }: Outgoing): void {
  response.writeHead(status, headers).end(body);
}

// git's HTTP library asks again by itself when a kept connection ends without a byte: it gets the head of an answer first.
function hangUp(request: IncomingMessage, response: ServerResponse, withHead: boolean): void {
  if (!withHead) return void request.socket.destroy();
  response.writeHead(200).flushHeaders();
  request.socket.destroySoon();
}

function answer(site: Site, incoming: Incoming): Promise<Outgoing> {
  if (incoming.path.startsWith('/api/v3/')) return answerRest(site.rest, incoming);
  if (incoming.path === '/api/graphql') return answerGraphql(site.rest, site.documents, incoming);
  return answerPage(site.world, incoming);
}

/** Null if the client hung up before it had said all. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  try {
    for await (const part of request) parts.push(part as Buffer);
  } catch {
    return null;
  }
  return Buffer.concat(parts);
}

function record(
  { world, requests }: Site,
  { actor, ...line }: Omit<RequestRecord, 'at' | 'identity'> & { readonly actor: Actor },
): void {
  const { method, path, operation, status, counted } = line;
  requests.push({ at: world.now(), method, path, operation, status, identity: identityOf(actor), counted });
}

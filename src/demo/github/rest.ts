import { createHash } from 'node:crypto';
import { notFound, refuse, unprocessable } from './answers.ts';
import type { Actor, Answer, Call } from './call.ts';
import { findFormer, findRepository } from './lookup.ts';
import type { Operation } from './openapi.ts';
import { requestErrors, responseErrors, type Violation } from './openapi-check.ts';
import { refusal } from './permissions.ts';
import { type Budget, budgetHeaders, type RateLimits } from './rate-limit.ts';
import type { Incoming, Outgoing } from './request.ts';
import type { Route } from './route.ts';
import { route as findOperation } from './router.ts';
import { routes } from './routes.ts';
import { identify } from './tokens.ts';
import { apiOf } from './views/urls.ts';
import type { World } from './world.ts';

export interface Rest {
  readonly world: World;
  readonly limits: RateLimits;
  readonly violated: (violation: Violation) => void;
  /** A broken answer becomes a 500. */
  readonly stopOnBadAnswer: boolean;
}

const prefix = '/api/v3';
const anonymous: Actor = { kind: 'anonymous' };

/** Answers one REST request as GitHub would: who, how often, what, whether allowed, and then does it. */
export async function answerRest(rest: Rest, incoming: Incoming): Promise<Outgoing> {
  const identified = identify(rest.world, incoming.headers.authorization);
  if (identified.kind === 'refused') {
    return finish(rest, incoming, refuse(identified.status, identified.message), { actor: anonymous, operation: null });
  }
  const { actor } = identified;
  const path = byIdentity(rest.world, incoming.path.slice(prefix.length));
  const match = findOperation(incoming.method, path);
  const operation = match?.operation ?? null;
  if (operation?.id === 'rate-limit/get') return answerRateLimit(rest, incoming, actor, operation);
  const budget = rest.limits.peek(actor, 'core');
  if (budget.used >= budget.limit) return finish(rest, incoming, limitExceeded(actor), { actor, operation, budget });
  if (!match || !operation) {
    report(rest, 'request', incoming, null, ['not in the list of operations that the stand-in knows (openapi.json)']);
    return finish(rest, incoming, notFound(), { actor, operation });
  }
  const answer = await perform(rest, incoming, { actor, operation, params: match.params });
  return finish(rest, incoming, answer, { actor, operation });
}

// `/repositories/ID/…` is where GitHub sends those who use a former name.
function byIdentity(world: World, path: string): string {
  const [, id, rest = ''] = /^\/repositories\/(\d+)(\/.*)?$/.exec(path) ?? [];
  const repo = id === undefined ? undefined : world.repositories.get(Number(id));
  const owner = repo && world.accounts.get(repo.ownerId)?.login;
  return repo ? `/repos/${owner}/${repo.name}${rest}` : path;
}

interface Matched {
  readonly actor: Actor;
  readonly operation: Operation;
  readonly params: Readonly<Record<string, string>>;
}

async function perform(rest: Rest, incoming: Incoming, { actor, operation, params }: Matched): Promise<Answer> {
  const body = readJson(incoming.body);
  if (body === 'broken') {
    report(rest, 'request', incoming, operation, ['body: not JSON']);
    return refuse(400, 'Problems parsing JSON');
  }
  const found = routes[operation.id];
  if (!found)
    return refuse(501, `The stand-in GitHub does not build ${operation.method} ${operation.path} (${operation.id}).`);
  const call: Call = {
    world: rest.world,
    actor,
    params,
    query: incoming.query,
    body: (body ?? {}) as Record<string, unknown>,
    address: incoming.address,
    accept: incoming.headers.accept ?? '',
  };
  const wrong = requestErrors(operation, incoming.query, body);
  if (wrong.length > 0) report(rest, 'request', incoming, operation, wrong);
  return dispatch(call, found, operation, wrong);
}

// Permission first, then the form of the request: who may not do it does not learn what was wrong with it.
async function dispatch(call: Call, found: Route, operation: Operation, wrong: readonly string[]): Promise<Answer> {
  const invalid = wrong.filter((error) => error.startsWith('body'));
  const bad = invalid.length > 0 ? badRequest(operation, invalid) : null;
  if (found.access === 'any') return bad ?? found.handle(call);
  if (found.access === 'app') {
    if (call.actor.kind !== 'app') return refuse(401, 'A JSON web token could not be decoded');
    return bad ?? found.handle(call, call.actor.app);
  }
  const name = `${call.params.owner}/${call.params.repo}`;
  const repo = findRepository(call.world, name);
  if (!repo) return movedOrGone(call, operation, name);
  return refusal(call, repo, found.needs, operation.method === 'GET') ?? bad ?? found.handle(call, repo);
}

function movedOrGone(call: Call, operation: Operation, name: string): Answer {
  const former = findFormer(call.world, name);
  if (!former || refusal(call, former, { app: ['metadata:read'], person: 'read' }, true)) return notFound();
  const { pathname, search } = new URL(call.address);
  const rest = pathname.slice(`${prefix}/repos/${name}`.length);
  const url = `${apiOf(call.world)}/repositories/${former.id}${rest}${search}`;
  const status = operation.method === 'GET' ? 301 : 307;
  const body = { message: 'Moved Permanently', url, documentation_url: 'https://docs.github.com/rest' };
  return { status, body, headers: { Location: url } };
}

function badRequest(operation: Operation, errors: readonly string[]): Answer {
  const resource = operation.id.split('/')[0] ?? '';
  const fields = errors.map((message) => ({
    resource,
    field: /\/(\w+)/.exec(message)?.[1] ?? '',
    code: 'invalid',
    message,
  }));
  return unprocessable(`Invalid request.\n\n${errors.join('\n')}`, fields);
}

function readJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    return 'broken';
  }
}

function answerRateLimit(rest: Rest, incoming: Incoming, actor: Actor, operation: Operation): Outgoing {
  const view = ({ limit, used, reset }: Budget) => ({ limit, used, remaining: Math.max(0, limit - used), reset });
  const core = view(rest.limits.peek(actor, 'core'));
  const resources = { core, graphql: view(rest.limits.peek(actor, 'graphql')), search: core };
  return finish(rest, incoming, { status: 200, body: { resources, rate: core } }, { actor, operation, free: true });
}

function limitExceeded(actor: Actor): Answer {
  const who = actor.kind === 'installation' ? `installation ID ${actor.installation.id}` : `${actor.kind}`;
  return refuse(403, `API rate limit exceeded for ${who}.`);
}

interface Finish {
  readonly actor: Actor;
  readonly operation: Operation | null;
  readonly budget?: Budget;
  readonly free?: boolean;
}

// A 304 costs nothing (docs: conditional requests).
function finish(rest: Rest, incoming: Incoming, raw: Answer, { actor, operation, budget, free }: Finish): Outgoing {
  const answer = checked(rest, incoming, raw, operation);
  const body = bodyOf(answer);
  const etag = `W/"${createHash('sha256').update(body).digest('hex')}"`;
  const unchanged = incoming.method === 'GET' && answer.status === 200 && incoming.headers['if-none-match'] === etag;
  const counted = !unchanged && !free && budget === undefined;
  const left = budget ?? (counted ? rest.limits.spend(actor, 'core') : rest.limits.peek(actor, 'core'));
  const status = unchanged ? 304 : answer.status;
  return {
    status,
    headers: {
      ...(body !== '' && !unchanged && { 'Content-Type': 'application/json; charset=utf-8' }),
      ...(incoming.method === 'GET' && answer.status === 200 && { ETag: etag, 'Cache-Control': 'private, max-age=60' }),
      'X-GitHub-Media-Type': 'github.v3; format=json',
      ...budgetHeaders(left),
      ...answer.headers,
    },
    body: unchanged ? '' : body,
    operation: operation?.id ?? null,
    actor,
    counted,
  };
}

function bodyOf({ body }: Answer): string {
  if (body === undefined) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function checked(rest: Rest, incoming: Incoming, answer: Answer, operation: Operation | null): Answer {
  if (!operation || typeof answer.body === 'string') return answer;
  const plain: unknown = answer.body === undefined ? undefined : JSON.parse(JSON.stringify(answer.body));
  const errors = responseErrors(operation, answer.status, plain);
  if (errors.length === 0) return answer;
  report(rest, 'response', incoming, operation, errors);
  return rest.stopOnBadAnswer ? refuse(500, `The answer breaks the description: ${errors.join('; ')}`) : answer;
}

function report(
  rest: Rest,
  kind: Violation['kind'],
  incoming: Incoming,
  operation: Operation | null,
  errors: readonly string[],
): void {
  const { method, path } = incoming;
  rest.violated({ kind, operation: operation?.id ?? 'unlisted', method, path, errors });
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Actor, accountOfActor } from './call.ts';
import { type Backend, serveBackend, servePush } from './git-backend.ts';
import { judgePush, type PushRefusal } from './judge-push.ts';
import { laggingCopy } from './lags.ts';
import { withRepository } from './locks.ts';
import { findFormer, findRepository, fullName, gitFolder, mayAtLeast } from './lookup.ts';
import { hasPermission, seesRepository } from './permissions.ts';
import { readPush } from './receive-pack.ts';
import { compareRefs, listRefs, refsMoved } from './refs.ts';
import { identify } from './tokens.ts';
import type { Repository, World } from './world.ts';

/** A git request: which repository, and which of the three addresses of the protocol. */
export interface GitAddress {
  readonly name: string;
  readonly service: string;
}

const gitPath = /^\/([^/]+\/[^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/** A request with its body read, and where its answer goes. */
export interface GitExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
}

/** Null for a path that is none of git's. */
export function gitAddress(path: string): GitAddress | null {
  const [, name, service] = gitPath.exec(path) ?? [];
  return name !== undefined && service !== undefined ? { name: decodeURIComponent(name), service } : null;
}

/**
 * Serves git over HTTP by git itself; a push takes effect (webhooks, pull requests) before it is answered.
 * `refused`: a fault that refuses every ref of a push.
 */
export async function answerGit(
  world: World,
  address: GitAddress,
  { request, response, body }: GitExchange,
  refused: PushRefusal | null = null,
): Promise<{ actor: Actor; status: number }> {
  const identified = identify(world, request.headers.authorization);
  const query = (request.url ?? '').split('?')[1] ?? '';
  const isPush = address.service === 'git-receive-pack' || query.includes('service=git-receive-pack');
  if (identified.kind === 'refused') return refuse(response, { kind: 'anonymous' }, 401, 'Invalid username or token.');
  const { actor } = identified;
  const repo = findRepository(world, address.name);
  if (!repo) return notThere(world, address, { request, response, actor });
  const no = gitRefusal(world, repo, actor, isPush);
  if (no) return refuse(response, actor, no.status, no.message);
  const exchange = { actor, service: address.service, query, request, response, body, served: `${repo.id}.git` };
  const status =
    address.service === 'git-receive-pack'
      ? await receive(world, repo, exchange, refused)
      : await serveReading(world, repo, exchange);
  response.end();
  return { actor, status };
}

// Refs are listed by `ls-refs` in the second version of the protocol, at once in the first.
async function serveReading(world: World, repo: Repository, backend: Backend): Promise<number> {
  const isFirst = backend.request.headers['git-protocol'] !== 'version=2' && backend.query.includes('git-upload-pack');
  const lists = isFirst || backend.body.includes('command=ls-refs');
  const copy = lists ? await laggingCopy(world, repo) : null;
  if (!copy) return serveBackend(world, backend);
  try {
    return await serveBackend(world, { ...backend, served: copy.served });
  } finally {
    await copy.remove();
  }
}

function gitRefusal(
  world: World,
  repo: Repository,
  actor: Actor,
  isPush: boolean,
): { status: number; message: string } | null {
  const wanted = isPush ? 'write' : 'read';
  if (actor.kind === 'anonymous' || actor.kind === 'app') {
    return repo.private || isPush ? { status: 401, message: 'Authentication required.' } : null;
  }
  const isMine =
    actor.kind === 'person'
      ? mayAtLeast(world, repo, actor.account, wanted)
      : seesRepository(actor, repo) && hasPermission(actor.token.permissions, `contents:${wanted}`);
  if (isMine || (!isPush && !repo.private)) return null;
  if (!isVisible(world, repo, actor)) return { status: 404, message: 'Repository not found.' };
  return { status: 403, message: `Write access to repository not granted.` };
}

function isVisible(world: World, repo: Repository, actor: Actor): boolean {
  if (!repo.private) return true;
  return actor.kind === 'person'
    ? mayAtLeast(world, repo, actor.account, 'read')
    : actor.kind === 'installation' && seesRepository(actor, repo);
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly actor: Actor;
}

function notThere(world: World, { name }: GitAddress, { request, response, actor }: Exchange) {
  const former = findFormer(world, name);
  if (!former || !isVisible(world, former, actor)) return refuse(response, actor, 404, 'Repository not found.');
  const rest = (request.url ?? '').slice(`/${name}`.length).replace(/^\.git/, '');
  response.setHeader('Location', `${world.url}/${fullName(world, former)}.git${rest}`);
  return refuse(response, actor, 301, 'Moved');
}

function refuse(response: ServerResponse, actor: Actor, status: number, message: string) {
  if (status === 401) response.setHeader('WWW-Authenticate', 'Basic realm="GitHub"');
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
  return { actor, status };
}

// What changed is seen by comparing all refs: the repository's lock keeps everyone else away meanwhile.
function receive(world: World, repo: Repository, backend: Backend, refused: PushRefusal | null): Promise<number> {
  return withRepository(world, repo, async () => {
    const folder = gitFolder(world, repo);
    const before = await listRefs(folder);
    const by = accountOfActor(backend.actor);
    const push = readPush(backend.body);
    const refusals = refused
      ? new Map(push.moves.map(({ ref }) => [ref, refused]))
      : by
        ? await judgePush(world, repo, push, by)
        : new Map<string, PushRefusal>();
    const status = await servePush(world, backend, refusals);
    const moves = compareRefs(before, await listRefs(folder));
    if (by) await refsMoved(world, repo, moves, by);
    return status;
  });
}

import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type Actor, accountOfActor } from './call.ts';
import { gitEnvironment } from './git.ts';
import { withRepository } from './locks.ts';
import { findFormer, findRepository, fullName, gitFolder, mayAtLeast } from './lookup.ts';
import { hasPermission, seesRepository } from './permissions.ts';
import { compareRefs, listRefs, refsMoved } from './refs.ts';
import { identify } from './tokens.ts';
import type { Repository, World } from './world.ts';

/** A git request: which repository, and which of the three addresses of the protocol. */
export interface GitAddress {
  readonly name: string;
  readonly service: string;
}

const gitPath = /^\/([^/]+\/[^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/** Null for a path that is none of git's. */
export function gitAddress(path: string): GitAddress | null {
  const [, name, service] = gitPath.exec(path) ?? [];
  return name !== undefined && service !== undefined ? { name: decodeURIComponent(name), service } : null;
}

/** Serves git over HTTP by `git http-backend`; a push takes effect (webhooks, pull requests) before it is answered. */
export async function answerGit(
  world: World,
  address: GitAddress,
  request: IncomingMessage,
  response: ServerResponse,
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
  const serve = (): Promise<number> =>
    runBackend(world, repo, { actor, service: address.service, query, request, response });
  const status = address.service === 'git-receive-pack' ? await receive(world, repo, actor, serve) : await serve();
  response.end();
  return { actor, status };
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
function receive(world: World, repo: Repository, actor: Actor, serve: () => Promise<number>): Promise<number> {
  return withRepository(world, repo, async () => {
    const folder = gitFolder(world, repo);
    const before = await listRefs(folder);
    const status = await serve();
    const moves = compareRefs(before, await listRefs(folder));
    const by = accountOfActor(actor);
    if (by) await refsMoved(world, repo, moves, by);
    return status;
  });
}

interface Backend extends Exchange {
  readonly service: string;
  readonly query: string;
}

function backendEnvironment(world: World, repo: Repository, backend: Backend): Record<string, string> {
  const { actor, request, service, query } = backend;
  const by = accountOfActor(actor);
  const workflows = actor.kind !== 'installation' || hasPermission(actor.token.permissions, 'workflows:write');
  const locked = [...repo.rules].filter(
    ([, { restrictPushesTo }]) => restrictPushesTo && !restrictPushesTo.includes(by?.login ?? ''),
  );
  const header = (name: string): string => String(request.headers[name] ?? '');
  return gitEnvironment({
    GIT_PROJECT_ROOT: join(world.folder, 'repositories'),
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: `/${repo.id}.git/${service}`,
    REQUEST_METHOD: request.method ?? 'GET',
    QUERY_STRING: query,
    CONTENT_TYPE: header('content-type'),
    CONTENT_LENGTH: header('content-length'),
    HTTP_CONTENT_ENCODING: header('content-encoding'),
    GIT_PROTOCOL: header('git-protocol'),
    REMOTE_USER: by?.login ?? '',
    REMOTE_ADDR: '127.0.0.1',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.hooksPath',
    GIT_CONFIG_VALUE_0: join(world.folder, 'hooks'),
    STAND_IN_WORKFLOWS: workflows ? 'allowed' : 'refused',
    STAND_IN_PROTECTED: locked.map(([branch]) => `refs/heads/${branch}`).join('\n'),
  });
}

// A CGI bridge: header lines, an empty line, then the body as it comes.
function runBackend(world: World, repo: Repository, backend: Backend): Promise<number> {
  const { request, response } = backend;
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['http-backend'], { env: backendEnvironment(world, repo, backend) });
    let head: Buffer | null = Buffer.alloc(0);
    let status = 200;
    child.stdout.on('data', (part: Buffer) => {
      if (head === null) return void response.write(part);
      head = Buffer.concat([head, part]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      status = writeHead(response, head.subarray(0, end).toString());
      response.write(head.subarray(end + 4));
      head = null;
    });
    // The client may hang up, git may end early: either way the exchange is over and its exit is what counts.
    child.stdin.on('error', () => request.unpipe(child.stdin));
    response.on('close', () => child.stdin.destroy());
    child.on('error', (cause) => reject(new Error('cannot start git http-backend', { cause })));
    child.on('close', () => {
      if (head !== null) status = 500;
      if (head !== null) response.writeHead(500);
      resolve(status);
    });
    request.pipe(child.stdin);
  });
}

function writeHead(response: ServerResponse, text: string): number {
  const lines = text.split('\r\n').map((line) => /^([^:]+): *(.*)$/.exec(line));
  const headers = new Map(
    lines.flatMap((found) => (found ? [[found[1] ?? '', found[2] ?? '']] : [])) as [string, string][],
  );
  const status = Number.parseInt(headers.get('Status') ?? '200', 10);
  headers.delete('Status');
  response.writeHead(status, Object.fromEntries(headers));
  return status;
}

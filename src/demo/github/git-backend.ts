import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Actor, accountOfActor } from './call.ts';
import { runGit } from './git.ts';
import type { PushRefusal } from './judge-push.ts';
import { hasPermission } from './permissions.ts';
import { withReasons } from './receive-pack.ts';
import type { World } from './world.ts';

/** One exchange with git: by `git http-backend`, or by what that starts for an upload. */
export interface Backend {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly actor: Actor;
  readonly service: string;
  readonly query: string;
  readonly body: Buffer;
  /** Name of the folder below `repositories` that is served. */
  readonly served: string;
}

/** Serves an upload or a listing as git answers it; gives the status. */
export async function serveBackend(world: World, backend: Backend): Promise<number> {
  const answer = await readingAnswer(world, backend);
  return write(backend.response, answer.status, answer.headers, answer.body);
}

function readingAnswer(world: World, backend: Backend): Promise<CgiAnswer> {
  if (asksWhatGitCan(backend)) return whatGitCan(world, backend);
  return isUpload(backend) ? runUpload(world, backend) : runBackend(world, backend, {});
}

function isUpload({ request, service }: Backend): boolean {
  const type = request.headers['content-type'];
  return service === 'git-upload-pack' && request.method === 'POST' && type === uploadTypes.request;
}

const uploadTypes = {
  request: 'application/x-git-upload-pack-request',
  result: 'application/x-git-upload-pack-result',
} as const;

// What http-backend does with an upload (http-backend.c, service_rpc), with one process less: most of what is asked is this.
async function runUpload(world: World, { request, served, body }: Backend): Promise<CgiAnswer> {
  const folder = join(world.folder, 'repositories', served);
  const input = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  const env = { GIT_PROTOCOL: String(request.headers['git-protocol'] ?? '') };
  const { stdout } = await runGit(folder, ['upload-pack', '--stateless-rpc', '.'], { input, env });
  const headers = { 'Content-Type': uploadTypes.result, 'Cache-Control': 'no-cache, max-age=0, must-revalidate' };
  return { status: 200, headers, body: stdout };
}

// Each exchange of the second version begins so. It names no refs, and all repositories here have the same settings.
function asksWhatGitCan({ request, service, query }: Backend): boolean {
  return (
    service === 'info/refs' && query === 'service=git-upload-pack' && request.headers['git-protocol'] === 'version=2'
  );
}

const whatGitCanAnswers = new WeakMap<World, CgiAnswer>();

async function whatGitCan(world: World, backend: Backend): Promise<CgiAnswer> {
  const known = whatGitCanAnswers.get(world);
  if (known) return known;
  const answer = await runBackend(world, backend, {});
  if (answer.status === 200) whatGitCanAnswers.set(world, answer);
  return answer;
}

/** Serves a push; the refs that are refused stay where they are, each with its reason. */
export async function servePush(
  world: World,
  backend: Backend,
  refusals: ReadonlyMap<string, PushRefusal>,
): Promise<number> {
  const folder = refusals.size > 0 ? await noteRefusals(world, refusals) : null;
  try {
    const { actor } = backend;
    const workflows = actor.kind !== 'installation' || hasPermission(actor.token.permissions, 'workflows:write');
    const answer = await runBackend(world, backend, {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.hooksPath',
      GIT_CONFIG_VALUE_0: join(world.folder, 'hooks'),
      STAND_IN_WORKFLOWS: workflows ? 'allowed' : 'refused',
      STAND_IN_REFUSED: folder ?? '',
    });
    return write(backend.response, answer.status, answer.headers, withReasons(answer.body, refusals));
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

// A file for each refused ref, for the hook that git runs (repositories.ts).
async function noteRefusals(world: World, refusals: ReadonlyMap<string, PushRefusal>): Promise<string> {
  const folder = await mkdtemp(join(world.folder, 'refused-'));
  for (const [ref, { lines }] of refusals) {
    const path = join(folder, `${ref}.refused`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, lines.map((line) => `${line}\n`).join(''));
  }
  return folder;
}

function write(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): number {
  response.writeHead(status, headers).write(body);
  return status;
}

function environment(world: World, backend: Backend): Record<string, string> {
  const { actor, request, service, query, served, body } = backend;
  const header = (name: string): string => String(request.headers[name] ?? '');
  return {
    GIT_PROJECT_ROOT: join(world.folder, 'repositories'),
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: `/${served}/${service}`,
    REQUEST_METHOD: request.method ?? 'GET',
    QUERY_STRING: query,
    CONTENT_TYPE: header('content-type'),
    CONTENT_LENGTH: String(body.length),
    HTTP_CONTENT_ENCODING: header('content-encoding'),
    GIT_PROTOCOL: header('git-protocol'),
    REMOTE_USER: accountOfActor(actor)?.login ?? '',
    REMOTE_ADDR: '127.0.0.1',
  };
}

interface CgiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

// A CGI bridge: header lines, an empty line, then the body.
async function runBackend(world: World, backend: Backend, extra: Readonly<Record<string, string>>): Promise<CgiAnswer> {
  const env = { ...environment(world, backend), ...extra };
  const { stdout } = await runGit(world.folder, ['http-backend'], { env, input: backend.body });
  return readAnswer(stdout);
}

function readAnswer(output: Buffer): CgiAnswer {
  const end = output.indexOf('\r\n\r\n');
  if (end < 0) return { status: 500, headers: {}, body: Buffer.alloc(0) };
  const lines = output.subarray(0, end).toString().split('\r\n');
  const fields = lines.map((line) => /^([^:]+): *(.*)$/.exec(line) ?? []);
  const headers = Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value]));
  const { Status: status = '200', ...rest } = headers;
  return { status: Number.parseInt(status, 10), headers: rest, body: output.subarray(end + 4) };
}

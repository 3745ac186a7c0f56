import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface GitServer {
  readonly url: string;
  /** `METHOD path` of every request, with what it carried as authorization. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[];
  /** Protocol v0 refuses commits that no ref names; v2 gives any. */
  protocol: 'v0' | 'v2';
  /** Answers every request with this status instead. */
  failWith: number | null;
  bytesPerSecond: number;
  /** Lets a push take effect and hangs up instead of answering. */
  losesAnswers: boolean;
  /** Hangs up on a push before it has any effect. */
  hangsUp: boolean;
  close(): Promise<void>;
}

/** Serves the bare repositories of a folder by `git http-backend` on a free loopback port. */
export async function serveGit(root: string): Promise<GitServer> {
  const running = new Set<Promise<void>>();
  const http = createServer((request, response) => {
    state.requests.push({ line: `${request.method} ${request.url}`, authorization: request.headers.authorization });
    if (state.failWith !== null) {
      response.writeHead(state.failWith).end();
      return;
    }
    if (state.hangsUp && isPush(request)) {
      request.socket.destroy();
      return;
    }
    const done = answer(root, state, request, response).finally(() => running.delete(done));
    running.add(done);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const state: GitServer = {
    url: `http://127.0.0.1:${port}`,
    requests: [],
    protocol: 'v2',
    failWith: null,
    bytesPerSecond: Number.POSITIVE_INFINITY,
    losesAnswers: false,
    hangsUp: false,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await Promise.all(running);
    },
  };
  return state;
}

function isPush({ method, url = '' }: IncomingMessage): boolean {
  return method === 'POST' && url.endsWith('/git-receive-pack');
}

function answer(root: string, server: GitServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const encoding = request.headers['content-encoding'];
  const env = {
    PATH: process.env.PATH ?? '',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    REQUEST_METHOD: request.method ?? 'GET',
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    ...(encoding === undefined ? {} : { HTTP_CONTENT_ENCODING: encoding }),
    ...(server.protocol === 'v2' ? { GIT_PROTOCOL: String(request.headers['git-protocol'] ?? '') } : {}),
  };
  return new Promise((resolve) => {
    const child = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdin.on('error', () => child.stdin.destroy());
    request.pipe(child.stdin);
    if (server.losesAnswers && isPush(request)) {
      child.stdout.resume();
      child.on('close', () => {
        response.destroy();
        resolve();
      });
      return;
    }
    response.on('close', () => child.kill());
    let head: Buffer | null = Buffer.alloc(0);
    child.stdout.on('data', (part: Buffer) => {
      if (head === null) {
        response.write(part);
        slowDown(child.stdout, (1_000 * part.length) / server.bytesPerSecond);
        return;
      }
      head = Buffer.concat([head, part]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      writeHead(response, head.subarray(0, end).toString());
      response.write(head.subarray(end + 4));
      head = null;
    });
    child.on('close', () => {
      response.end();
      resolve();
    });
  });
}

function writeHead(response: ServerResponse, text: string): void {
  for (const line of text.split('\r\n')) {
    const [name = '', value = ''] = line.split(/: (.*)/s);
    if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
}

function slowDown(stream: NodeJS.ReadableStream, milliseconds: number): void {
  if (milliseconds < 1) return;
  stream.pause();
  setTimeout(() => stream.resume(), milliseconds);
}

import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { basename, dirname } from 'node:path';
import { gitEnvironment } from './git-environment.ts';

export interface LocalHttp {
  /** What the checkout step fetches from; whoever knows it may read the repository. */
  readonly cloneUrl: string;
  close(): Promise<void>;
}

export interface LocalHttpOptions {
  /** Folder of a bare repository; its name must be one that a URL takes as it is. */
  readonly repository: string;
  /** Address to listen on. */
  readonly host: string;
  /** Nobody can guess it: others on this machine may knock, too. */
  readonly secret: string;
  readonly path: string;
}

/** Serves one bare repository over HTTP by `git http-backend`, for reading only. */
export async function serveLocally(options: LocalHttpOptions): Promise<LocalHttp> {
  const server = createServer((request, response) => answer(options, request, response));
  const port = await listen(server, options.host);
  return {
    cloneUrl: `http://${options.host}:${port}/${options.secret}/${basename(options.repository)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new Error(`cannot listen on ${host}`, { cause })));
    server.listen(0, host, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error(`no port on ${host}`));
    });
  });
}

function answer(options: LocalHttpOptions, request: IncomingMessage, response: ServerResponse): void {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const prefix = `/${options.secret}`;
  const name = basename(options.repository);
  const served = [`${prefix}/${name}/info/refs`, `${prefix}/${name}/git-upload-pack`];
  if (!served.includes(path) || query.includes('git-receive-pack')) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('there is nothing here\n');
    return;
  }
  const header = (key: string): string => String(request.headers[key] ?? '');
  const env = {
    ...gitEnvironment({ PATH: options.path }),
    GIT_PROJECT_ROOT: dirname(options.repository),
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: path.slice(prefix.length),
    REQUEST_METHOD: request.method ?? 'GET',
    QUERY_STRING: query,
    CONTENT_TYPE: header('content-type'),
    CONTENT_LENGTH: header('content-length'),
    HTTP_CONTENT_ENCODING: header('content-encoding'),
    GIT_PROTOCOL: header('git-protocol'),
    REMOTE_ADDR: '127.0.0.1',
    // Commits that only we know have no ref.
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'uploadpack.allowAnySHA1InWant',
    GIT_CONFIG_VALUE_0: 'true',
  };
  bridge(env, request, response);
}

/** The CGI protocol: header lines, an empty line, then the body as it comes. */
function bridge(env: Record<string, string>, request: IncomingMessage, response: ServerResponse): void {
  const child = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  let head: Buffer | null = Buffer.alloc(0);
  child.stdout.on('data', (part: Buffer) => {
    if (head === null) return void response.write(part);
    head = Buffer.concat([head, part]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    writeHead(response, head.subarray(0, end).toString());
    response.write(head.subarray(end + 4));
    head = null;
  });
  // Either side may hang up first; that git has ended is what ends the exchange.
  child.stdin.on('error', () => request.unpipe(child.stdin));
  response.on('close', () => child.kill('SIGKILL'));
  child.on('error', () => response.destroy());
  child.on('close', () => {
    if (head !== null && !response.headersSent) response.writeHead(500);
    response.end();
  });
  request.pipe(child.stdin);
}

function writeHead(response: ServerResponse, text: string): void {
  const headers: Record<string, string> = {};
  for (const line of text.split('\r\n')) {
    const [, name, value] = /^([^:]+): *(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) headers[name] = value;
  }
  const { Status: status = '200', ...others } = headers;
  response.writeHead(Number.parseInt(status, 10), others);
}

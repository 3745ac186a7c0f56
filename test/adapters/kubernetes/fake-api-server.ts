import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiPod } from '../../../src/adapters/kubernetes/api-pod.ts';
import type { ClusterAccess } from '../../../src/adapters/kubernetes/cluster-access.ts';

export interface FakeCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
}

/** Gives an answer of its own to a call, or null to let the server do what it does. */
type Fault = (call: FakeCall, response: ServerResponse) => true | null;

interface Stored {
  readonly kind: string;
  readonly metadata: Record<string, unknown>;
}

/** An API server that keeps pods and secrets, tells watchers, and can be made to answer as a real one cannot. */
export interface FakeApiServer {
  readonly access: ClusterAccess;
  readonly calls: FakeCall[];
  /** Asked in order for every call, until one takes it. */
  readonly faults: Fault[];
  /** Puts a pod as if somebody else had; `silently`: without telling watchers. */
  readonly put: (pod: object, how?: 'silently') => ApiPod;
  readonly putSecret: (name: string, labels: Readonly<Record<string, string>>) => void;
  readonly drop: (name: string, how?: 'silently') => void;
  readonly pod: (name: string) => ApiPod | undefined;
  readonly secret: (name: string) => { readonly metadata: Record<string, unknown> } | undefined;
  readonly names: () => string[];
  /** One line to every watcher, whatever it is. */
  readonly tell: (line: object) => void;
  /** Breaks or ends every watch that is open. */
  readonly endWatches: (how: 'reset' | 'end') => void;
  readonly watches: () => number;
  readonly close: () => Promise<void>;
}

export function failure(code: number, reason: string, message: string): object {
  return { kind: 'Status', status: 'Failure', code, reason, message };
}

export function answer(
  response: ServerResponse,
  code: number,
  body: object,
  headers: Record<string, string> = {},
): true {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
  return true;
}

export async function startFakeApiServer(): Promise<FakeApiServer> {
  const objects = new Map<string, Stored>();
  const watchers = new Set<ServerResponse>();
  const calls: FakeCall[] = [];
  const faults: Fault[] = [];
  let version = 1000;

  function tell(line: object): void {
    for (const watcher of watchers) watcher.write(`${JSON.stringify(line)}\n`);
  }

  function store(path: string, kind: string, object: object, how?: 'silently'): Stored {
    version += 1;
    const known = objects.get(path);
    const { metadata } = object as { metadata: Record<string, unknown> };
    const made = { uid: randomUUID(), creationTimestamp: new Date().toISOString() };
    const stored = {
      ...object,
      kind,
      metadata: { ...made, ...known?.metadata, ...metadata, resourceVersion: String(version) },
    } as Stored;
    objects.set(path, stored);
    if (kind === 'Pod' && how === undefined) tell({ type: known === undefined ? 'ADDED' : 'MODIFIED', object: stored });
    return stored;
  }

  function remove(path: string, how?: 'silently'): void {
    const known = objects.get(path);
    objects.delete(path);
    version += 1;
    const object = { ...known, metadata: { ...known?.metadata, resourceVersion: String(version) } };
    if (known?.kind === 'Pod' && how === undefined) tell({ type: 'DELETED', object });
  }

  function handle(call: FakeCall, response: ServerResponse): void {
    const { method, path, query, body } = call;
    const kind = /\/(pods|secrets)(?:\/|$)/.exec(path)?.[1] === 'secrets' ? 'Secret' : 'Pod';
    const isCollection = /\/(pods|secrets)$/.test(path);
    if (method === 'GET' && query.get('watch') === '1') return void watch(response);
    if (method === 'GET' && isCollection) {
      const items = [...objects].filter(([each]) => each.startsWith(path)).map(([, object]) => object);
      return void answer(response, 200, { kind: 'List', metadata: { resourceVersion: String(version) }, items });
    }
    const place = isCollection ? `${path}/${(body.metadata as { name: string }).name}` : path;
    const known = objects.get(place);
    if (method === 'POST') {
      if (known !== undefined) return void answer(response, 409, failure(409, 'AlreadyExists', 'it already exists'));
      const managed = { managedFields: [{ manager: query.get('fieldManager') }] };
      const metadata = { ...managed, ...(body.metadata as object) };
      return void answer(response, 201, store(place, kind, { ...body, metadata }));
    }
    if (known === undefined) return void answer(response, 404, failure(404, 'NotFound', `${place} not found`));
    if (method === 'DELETE') {
      remove(place);
      return void answer(response, 200, { kind: 'Status', status: 'Success' });
    }
    if (method === 'PATCH') return void answer(response, 200, store(place, kind, merge(known, body) as object));
    answer(response, 200, known);
  }

  function watch(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    watchers.add(response);
    response.once('close', () => watchers.delete(response));
  }

  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const url = new URL(request.url ?? '/', 'http://fake');
      const call = { method: request.method ?? '', path: url.pathname, query: url.searchParams, body };
      calls.push(call);
      if (!faults.some((fault) => fault(call, response) === true)) handle(call, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const at = (name: string) => `/api/v1/namespaces/test/pods/${name}`;

  return {
    access: {
      server: `http://127.0.0.1:${port}`,
      namespace: null,
      context: 'fake',
      authorize: async () => ({}),
    },
    calls,
    faults,
    put: (pod, how) => store(at((pod as ApiPod).metadata.name), 'Pod', pod, how) as unknown as ApiPod,
    putSecret: (name, labels) =>
      void store(`/api/v1/namespaces/test/secrets/${name}`, 'Secret', { metadata: { name, labels } }),
    drop: (name, how) => remove(at(name), how),
    pod: (name) => objects.get(at(name)) as unknown as ApiPod | undefined,
    secret: (name) => objects.get(`/api/v1/namespaces/test/secrets/${name}`),
    names: () => [...objects.keys()].map((path) => path.split('/').slice(-2).join('/')),
    tell,
    endWatches: (how) => {
      for (const watcher of watchers) how === 'end' ? watcher.end() : watcher.destroy();
    },
    watches: () => watchers.size,
    close: async () => {
      for (const watcher of watchers) watcher.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return pieces.length === 0 ? {} : JSON.parse(Buffer.concat(pieces).toString());
}

/** A merge patch, as RFC 7386 has it. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...(target as object) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}

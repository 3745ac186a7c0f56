import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readListener, readSight } from '../../src/core/isolation/read-sight.ts';
import { makeWorkFolder, runStep } from './run-step.ts';

const attemptMs = 1_500;
const program = resolve(import.meta.dirname, '../../jobs/steps/step.ts');

/** A port of this machine on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** Answers a begun upload by the name of the repository, and notes every call. */
function answerLike(request: IncomingMessage, response: ServerResponse, calls: string[]): void {
  calls.push(`${request.method} ${request.url} ${request.headers.authorization ?? 'no credential'}`);
  const status = Number(/\/v2\/status-(\d+)/.exec(request.url ?? '')?.[1] ?? 204);
  response.writeHead(status, status === 202 ? { location: '/v2/status-202/blobs/uploads/one' } : {}).end();
}

describe('the step canary', () => {
  let work: Awaited<ReturnType<typeof makeWorkFolder>>;
  const calls: string[] = [];
  const registry = createServer((request, response) => answerLike(request, response, calls));
  /** Takes no connection out of its queue that it has no room for. */
  let open = 0;
  let closed = 0;

  beforeAll(async () => {
    work = await makeWorkFolder();
    await new Promise<void>((done) => registry.listen(0, '127.0.0.1', done));
    open = (registry.address() as AddressInfo).port;
    closed = await closedPort();
  });

  afterAll(async () => {
    registry.closeAllConnections();
    await new Promise((done) => registry.close(done));
    await work.end();
  });

  const at = (name: string, host: string, port: number) => ({ name, kind: 'connect', host, port });
  const write = (name: string, status: number) => ({
    name,
    kind: 'write',
    url: `http://127.0.0.1:${open}/status-${status}/x`,
  });

  async function seen(targets: readonly object[], control = at('control', '127.0.0.1', open)) {
    const result = join(work.folder, 'result');
    const end = await runStep('canary', { listens: false, control, targets, attemptMs, result });
    expect([end.code, end.log]).toEqual([0, expect.stringContaining('control: ')]);
    expect(Buffer.byteLength(end.result)).toBeLessThan(4096);
    const sight = readSight(end.result);
    return Object.fromEntries(
      [...(sight?.targets ?? []), ...(sight ? [sight.control] : [])].map((each) => [each.name, each.outcome]),
    );
  }

  it('says of each target what came of it', async () => {
    const targets = [
      at('open', '127.0.0.1', open),
      at('closed', '127.0.0.1', closed),
      // Reserved for documentation (RFC 5737): nobody has it, and no route here leads to an answer.
      at('silent', '192.0.2.1', 443),
      at('nameless', 'nobody.invalid', 443),
      write('takes', 202),
      write('wants-a-credential', 401),
      write('forbids', 403),
      write('is-ill', 500),
      write('knows-nothing', 404),
      { name: 'away', kind: 'write', url: `http://127.0.0.1:${closed}/x/y` },
    ];
    expect(await seen(targets)).toEqual({
      control: 'reached',
      open: 'reached',
      closed: 'refused',
      silent: expect.stringMatching(/^(?:no-answer|refused)$/),
      nameless: 'not-tried',
      takes: 'reached',
      'wants-a-credential': 'refused',
      forbids: 'refused',
      'is-ill': 'not-tried',
      'knows-nothing': 'not-tried',
      away: 'refused',
    });
    expect(calls).toContain('POST /v2/status-202/x/blobs/uploads/ no credential');
    expect(calls).toContain('DELETE /v2/status-202/blobs/uploads/one no credential');
  }, 30_000);

  it('says as much when it reaches nothing at all, its control included', async () => {
    expect(await seen([at('closed', '127.0.0.1', closed)], at('control', '127.0.0.1', closed))).toEqual({
      control: 'refused',
      closed: 'refused',
    });
  }, 30_000);

  it('keeps what it says of as many targets as can be named below the limit of a termination message', async () => {
    const targets = Array.from({ length: 20 }, (_, index) => at(`${'n'.repeat(37)}-${index}`, 'nobody.invalid', 443));
    expect(Object.keys(await seen(targets))).toHaveLength(21);
  }, 30_000);

  it('listens until it is ended, and says who came', async () => {
    const result = join(work.folder, 'listener');
    const port = await closedPort();
    await writeFile(result, '');
    const env = { PATH: process.env.PATH ?? '', SLUICE_STEP: JSON.stringify({ listens: true, listen: port, result }) };
    const child = spawn(process.execPath, [program, 'canary'], { env, stdio: 'ignore' });
    const ended = new Promise<number | null>((done) => child.on('close', done));
    const said = async (visitors: number) => {
      const left = readListener(await readFile(result, 'utf8'));
      return left?.visitors === visitors && left.reachesItself;
    };
    await expect.poll(() => said(0), { timeout: 10_000 }).toBe(true);
    await new Promise((done) => connect(port, '127.0.0.1').on('data', done));
    await expect.poll(() => said(1), { timeout: 10_000 }).toBe(true);
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
    expect(readListener(await readFile(result, 'utf8'))).toEqual({ reachesItself: true, visitors: 1 });
  }, 30_000);
});

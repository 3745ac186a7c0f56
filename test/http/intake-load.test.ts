import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { deliver, deliveryHeaders, realClock } from './web-fixture.ts';

const program = fileURLToPath(new URL('./intake-process.ts', import.meta.url));
const body = JSON.stringify({ action: 'opened', number: 7 });
const mebibyte = Buffer.alloc(1024 * 1024, 0x20);
const ended: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

async function startProcess({ blockMs = 0, bodyMs = 8_000 } = {}) {
  const child = spawn(process.execPath, [program, String(blockMs), String(bodyMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  ended.push(() => stop(child));
  const [line] = await once(child.stdout, 'data');
  return { url: String(line).trim(), port: Number(new URL(String(line).trim()).port), pid: child.pid ?? 0 };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Measures from now on; gives by how many MiB the process has been larger than it is now, at most. */
async function startMeasuring(pid: number): Promise<() => Promise<number>> {
  const read = async (what: 'VmRSS' | 'VmHWM') => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
  };
  // The kernel forgets the highest mark.
  await writeFile(`/proc/${pid}/clear_refs`, '5');
  const before = await read('VmRSS');
  return async () => (await read('VmHWM')) - before;
}

/** A raw sender; writing to one that was cut off is not an error here but what is looked for. */
async function openSender(port: number, lines: Record<string, string>): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  ended.push(() => socket.destroy());
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  const headers = Object.entries({ ...deliveryHeaders(body), ...lines }).map(([name, value]) => `${name}: ${value}`);
  socket.write(`POST /api/github/webhooks HTTP/1.1\r\nhost: x\r\n${headers.join('\r\n')}\r\n\r\n`);
  return socket;
}

function firstOf(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve) => {
    const settle = () => {
      for (const each of [event, 'close']) socket.off(each, settle);
      resolve(undefined);
    };
    for (const each of [event, 'close']) socket.once(each, settle);
  });
}

/** Sends up to so many MiB as fast as they are taken, until cut off. Gives the first answer and how much went out. */
async function pour(socket: Socket, mebibytes: number, frame: (piece: Buffer) => Buffer | string) {
  let answer = '';
  socket.on('data', (data) => {
    answer += data;
  });
  let sent = 0;
  while (sent < mebibytes && !socket.destroyed) {
    sent += 1;
    if (!socket.write(frame(mebibyte))) await firstOf(socket, 'drain');
  }
  if (answer === '' && !socket.destroyed) await firstOf(socket, 'data');
  return { status: answer.slice(9, 12), sent };
}

const chunked = (piece: Buffer) => Buffer.concat([Buffer.from('100000\r\n'), piece, Buffer.from('\r\n')]);
const plain = (piece: Buffer) => piece;

describe('W4: bodies that are too large cost no memory:', () => {
  it('26 MB are refused with 413 by what they declare, before they send any', async () => {
    const { port } = await startProcess();
    const socket = await openSender(port, { 'content-length': String(25 * 1024 * 1024 + 1) });
    expect(String(await once(socket, 'data'))).toContain('413');
  });

  it('a stream of 10 GB in chunks is cut off with 413', async () => {
    const { port, pid } = await startProcess();
    const grown = await startMeasuring(pid);
    const socket = await openSender(port, { 'transfer-encoding': 'chunked' });
    const { status, sent } = await pour(socket, 10_000, chunked);
    expect(status).toBe('413');
    // It would never have been refused for its declared length: there was none.
    expect(sent).toBeGreaterThanOrEqual(26);
    expect(sent).toBeLessThan(10_000);
    expect(await grown()).toBeLessThan(64);
  });

  it.each`
    count | megabytes
    ${1}  | ${64}
    ${8}  | ${128}
  `('$count of 26 MB in chunks, one after another, are cut off with 413', async ({ count, megabytes }) => {
    const { port, pid } = await startProcess();
    const grown = await startMeasuring(pid);
    for (let sent = 0; sent < count; sent += 1) {
      const socket = await openSender(port, { 'transfer-encoding': 'chunked' });
      expect((await pour(socket, 26, chunked)).status).toBe('413');
      socket.destroy();
    }
    // What was thrown away waits for its collection: of many, less than is allowed to be held at once.
    expect(await grown()).toBeLessThan(megabytes);
  });

  it('one that declares ten bytes and sends 26 MB is refused or cut off', async () => {
    const { port, pid, url } = await startProcess();
    const grown = await startMeasuring(pid);
    const lying = await openSender(port, { 'content-length': '10' });
    expect((await pour(lying, 26, plain)).status).toMatch(/^4|^$/);
    const both = await openSender(port, { 'content-length': '10', 'transfer-encoding': 'chunked' });
    expect((await pour(both, 26, chunked)).status).toMatch(/^4|^$/);
    expect(await grown()).toBeLessThan(64);
    expect((await deliver(url, body)).status).toBe(202);
  });

  it('of ten slow giants the total is bounded, the surplus is told 503, and a delivery of usual size passes', async () => {
    const { port, url, pid } = await startProcess();
    const grown = await startMeasuring(pid);
    const giants = await Promise.all(
      Array.from({ length: 10 }, () => openSender(port, { 'transfer-encoding': 'chunked' })),
    );
    const poured = Promise.all(giants.map((socket) => pour(socket, 24, chunked)));
    const refused = () => giants.filter((socket) => socket.bytesRead > 0 || socket.destroyed);
    await expect.poll(() => refused().length, { timeout: 6_000 }).toBeGreaterThanOrEqual(5);
    expect((await deliver(url, body)).status).toBe(202);
    expect(await grown()).toBeLessThan(128 + 64);
    for (const socket of giants) socket.destroy();
    const statuses = (await poured).map(({ status }) => status);
    expect(statuses.filter((status) => status === '503').length).toBeGreaterThanOrEqual(5);
  }, 20_000);

  it('the largest that GitHub sends is taken', async () => {
    const { url } = await startProcess();
    const padding = ' '.repeat(25 * 1024 * 1024 - body.length);
    expect((await deliver(url, body + padding)).status).toBe(202);
    expect((await deliver(url, `${body + padding} `)).status).toBe(413);
  });
});

describe('W5: senders that take their time:', () => {
  it('500 of them do not slow a real delivery down', async () => {
    const { url, port } = await startProcess();
    const slow = await Promise.all(Array.from({ length: 500 }, () => openSender(port, { 'content-length': '20000' })));
    for (const socket of slow) socket.write('{"a');
    const times: number[] = [];
    for (let count = 0; count < 100; count += 1) {
      const before = performance.now();
      expect((await deliver(url, body)).status).toBe(202);
      times.push(performance.now() - before);
    }
    expect(times.sort((a, b) => a - b)[98]).toBeLessThan(500);
  }, 20_000);

  it('one that does not finish its body is told 408 and cut off', async () => {
    const { port } = await startProcess({ bodyMs: 200 });
    const socket = await openSender(port, { 'content-length': '20000' });
    socket.write('{"a');
    expect(String(await once(socket, 'data'))).toContain('408');
    await once(socket, 'close');
  });
});

it('a worker that is busy for two seconds after being woken does not delay the answer', async () => {
  const { url } = await startProcess({ blockMs: 2_000 });
  await fetch(`${url}/healthz`);
  const before = realClock.now();
  expect((await deliver(url, body)).status).toBe(202);
  expect(realClock.now() - before).toBeLessThan(1_500);
});

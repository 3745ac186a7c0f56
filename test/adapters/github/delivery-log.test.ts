import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDeliveryLog } from '../../../src/adapters/github/delivery-log.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
let receiver: Server;
let answers: number[];
let received: string[];

beforeEach(async () => {
  stage = await setStage();
  answers = [];
  received = [];
  receiver = createServer((request, response) => {
    received.push(String(request.headers['x-github-delivery']));
    request.resume().on('end', () => response.writeHead(answers.shift() ?? 202).end());
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  await stage.github.setWebhookUrl(stage.app.appId, `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
});

afterEach(async () => {
  const broken = stage.github.violations.filter(({ kind }) => kind === 'request');
  await stage.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  expect(broken).toEqual([]);
});

async function deliver(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await stage.github.ping(stage.app.appId);
  await stage.github.webhooks.settled();
}

it('tells which deliveries arrived, newest first', async () => {
  answers = [202, 500, 202];
  await deliver(3);
  const listed = await createDeliveryLog(stage.app).deliveries(0);
  expect(listed.map((delivery) => delivery.ok)).toEqual([true, false, true]);
  expect(listed.map((delivery) => delivery.guid)).toEqual([...received].reverse());
});

it('is read back to the given time over many pages', async () => {
  await deliver(3);
  stage.time.now += 60_000;
  const since = stage.time.now;
  await deliver(120);
  const log = createDeliveryLog(stage.app);
  expect(await log.deliveries(since)).toHaveLength(120);
  expect(await log.deliveries(0)).toHaveLength(123);
  expect(await log.deliveries(since + 1_000_000)).toEqual([]);
}, 30_000);

it('has a delivery sent again with the same GUID', async () => {
  answers = [500];
  await deliver(1);
  const log = createDeliveryLog(stage.app);
  const [failed] = await log.deliveries(0);
  expect(await log.redeliver(failed?.id ?? 0)).toBe('accepted');
  await stage.github.webhooks.settled();
  expect(received).toEqual([failed?.guid, failed?.guid]);
  expect((await log.deliveries(0)).map((delivery) => delivery.ok)).toEqual([true, false]);
});

it('says when a delivery can no longer be sent', async () => {
  expect(await createDeliveryLog(stage.app).redeliver(12)).toBe('gone');
});

it('throws when the forge gives no answer', async () => {
  stage.github.faults.add({ path: /deliveries/, count: 9, does: { kind: 'status', status: 502, when: 'before' } });
  await expect(createDeliveryLog(stage.app).deliveries(0)).rejects.toThrow();
});

it('keeps ids apart that are longer than a number can say', async () => {
  const big = ['180033478508544001', '180033478508544002'];
  const rows = big.map(
    (id, index) => `{"id":${id},"guid":"g${index}","delivered_at":"2026-11-21T10:00:00Z","status_code":500}`,
  );
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(`${request.method} ${request.url}`);
    const isList = request.method === 'GET';
    response
      .writeHead(isList ? 200 : 202, { 'content-type': 'application/json' })
      .end(isList ? `[${rows.join(',')}]` : '{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const elsewhere = stage.appAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const log = createDeliveryLog(elsewhere);
  for (const delivery of await log.deliveries(0)) await log.redeliver(delivery.id);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(paths.slice(1)).toEqual(big.map((id) => `POST /app/hook/deliveries/${id}/attempts`));
});

import { expect, it } from 'vitest';
import { createResyncTurn, resyncLookMs } from '../../src/app/resync-turn.ts';

const resyncMs = 600_000;

/** A worker whose turns are taken by hand, with what Redis holds; `resyncs` counts them. */
function aWorker(notesAs: string | null) {
  const world = { now: 1_000_000, note: notesAs, leases: true, resyncs: 0, reads: true };
  const notes = { read: async () => world.note, write: async () => undefined, lease: async () => world.leases };
  const clock = { now: () => world.now, sleep: async () => undefined };
  const periods = { dueMs: 1, resyncMs, redeliveryMs: 1, podsMs: 1 };
  const turn = createResyncTurn({ ports: { notes, clock }, settings: { periods, worker: 'w' } }, async () => {
    world.resyncs += 1;
    if (world.reads) world.note = String(world.now);
  });
  const look = async (): Promise<number> => {
    world.now += resyncLookMs;
    await turn();
    return world.resyncs;
  };
  return { world, look };
}

it('is made at the start of a worker, and once a period after', async () => {
  const { look } = aWorker(null);
  expect(await look()).toBe(1);
  for (let minute = 1; minute < 10; minute += 1) expect(await look()).toBe(1);
  expect(await look()).toBe(2);
});

it.each([
  ['was emptied', null],
  ['was put back to an earlier time', '5'],
])('is made at once where Redis %s, once, also when the lease cannot be had at first', async (_, note) => {
  const { world, look } = aWorker(null);
  await look();
  world.note = note;
  world.leases = false;
  expect(await look()).toBe(1);
  world.leases = true;
  expect(await look()).toBe(2);
  expect(await look()).toBe(2);
});

it('one that cannot be noted as done makes no storm', async () => {
  const { world, look } = aWorker(null);
  await look();
  world.note = null;
  world.reads = false;
  expect([await look(), await look(), await look()]).toEqual([2, 2, 2]);
});

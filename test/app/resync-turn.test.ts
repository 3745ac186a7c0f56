import { expect, it } from 'vitest';
import { createResyncTurn, resyncLookMs } from '../../src/app/resync-turn.ts';

const resyncMs = 600_000;

/** A worker whose turns are taken by hand, with what Redis holds; `resyncs` counts them. */
function aWorker(notesAs: string | null) {
  const world = { now: 1_000_000, note: notesAs, leases: true, resyncs: 0, reads: true, life: 'a', lived: 'a' };
  const afterLoss: boolean[] = [];
  const notes = {
    read: async (name: string) => (name === 'resynced-life' ? world.lived : world.note),
    write: async (_name: string, value: string) => {
      world.lived = value;
    },
    lease: async () => world.leases,
    life: async () => world.life,
  };
  const clock = { now: () => world.now, elapsed: () => world.now, sleep: async () => undefined };
  const periods = { dueMs: 1, resyncMs, redeliveryMs: 1, podsMs: 1 };
  const turn = createResyncTurn(
    { ports: { notes, clock }, settings: { periods, worker: 'w' } },
    async (isAfterLoss) => {
      world.resyncs += 1;
      afterLoss.push(isAfterLoss);
      if (world.reads) world.note = String(world.now);
      return world.reads;
    },
  );
  const look = async (): Promise<number> => {
    world.now += resyncLookMs;
    await turn();
    return world.resyncs;
  };
  return { world, look, afterLoss };
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

it('looks for what an older state knows nothing of where the server was started since, at once, until all was read once', async () => {
  const { world, look, afterLoss } = aWorker(null);
  await look();
  world.life = 'b';
  world.reads = false;
  expect([await look(), await look()]).toEqual([2, 2]);
  world.reads = true;
  for (let minute = 0; minute < 22; minute += 1) await look();
  expect(afterLoss).toEqual([false, true, true, false]);
});

it('a worker that starts with such a server finds it by the note alone', async () => {
  const { world, look, afterLoss } = aWorker(null);
  world.lived = 'before';
  await look();
  world.now += resyncMs;
  await look();
  expect(afterLoss).toEqual([true, false]);
});

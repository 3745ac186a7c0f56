import type { Calls } from './calls.ts';
import type { RedisServer } from './redis-server.ts';
import type { Process, Sim } from './sim.ts';

/** A queue of names as `src/adapters/redis/wake-queue.ts` has it: each at most once waiting and once active. */
export interface WakeQueueModel {
  wake(process: Process, name: string): Promise<void>;
  wakeLater(process: Process, name: string, milliseconds: number): Promise<void>;
  /** Returns how to end it. */
  listen(process: Process, handle: (name: string) => Promise<void>, concurrency: number): () => Promise<void>;
  /** Names that wait or are being handled. */
  readonly size: () => number;
}

interface Listener {
  readonly process: Process;
  readonly handle: (name: string) => Promise<void>;
  readonly concurrency: number;
  /** The last handler of each name in this process: the next waits for it. */
  readonly running: Map<string, Promise<void>>;
  free: number;
}

const stalledMs = 30_000;

export function createWakeQueueModel(sim: Sim, calls: Calls, redis: RedisServer, where: string): WakeQueueModel {
  const waiting = new Set<string>();
  const active = new Map<string, Listener>();
  const again = new Set<string>();
  const listeners = new Set<Listener>();
  const draws = sim.chance.stream(`queue ${where}`);

  function assign(): void {
    for (const name of [...waiting]) {
      const free = [...listeners].filter((each) => each.free > 0 && each.process.alive);
      if (free.length === 0) return;
      waiting.delete(name);
      if (active.has(name)) again.add(name);
      else give(name, draws.pick(free));
    }
  }

  function give(name: string, listener: Listener): void {
    active.set(name, listener);
    listener.free -= 1;
    calls.later(listener.process, draws.between(1, 20), () => begin(name, listener));
    if (sim.faultsOn() && draws.happens(sim.knobs.rates.stalled)) {
      sim.time.after(stalledMs, () => {
        if (active.get(name) !== listener) return;
        sim.note('queue: a lock ran out and the name was given away again');
        release(name, listener, true);
      });
    }
  }

  function begin(name: string, listener: Listener): void {
    const earlier = listener.running.get(name) ?? Promise.resolve();
    const mine = earlier
      .then(() => listener.handle(name))
      .catch(() => undefined)
      .then(() => {
        if (listener.running.get(name) === mine) listener.running.delete(name);
        listener.free += 1;
        if (active.get(name) === listener) release(name, listener, false);
        else assign();
      });
    listener.running.set(name, mine);
  }

  function release(name: string, listener: Listener, stalled: boolean): void {
    if (active.get(name) === listener) active.delete(name);
    if (again.delete(name) || stalled) waiting.add(name);
    assign();
  }

  function die(listener: Listener): void {
    listeners.delete(listener);
    for (const [name, holder] of [...active]) {
      if (holder !== listener) continue;
      sim.time.after(stalledMs + draws.between(0, 15_000), () => {
        if (active.get(name) === listener) release(name, listener, true);
      });
    }
  }

  redis.onEnd(() => {
    // Its keys are in no backup that anybody keeps: whatever waited may be gone.
    if (!draws.happens(0.5)) return;
    waiting.clear();
    active.clear();
    again.clear();
  });

  const add = (name: string): void => {
    waiting.add(name);
    assign();
  };

  return {
    size: () => waiting.size + active.size,
    wake: (process, name) => calls.call(process, where, () => redis.write(() => add(name))),
    wakeLater: (process, name, milliseconds) =>
      calls.call(process, where, () =>
        redis.write(() => {
          const life = redis.life();
          sim.time.after(milliseconds, () => redis.life() === life && add(name));
        }),
      ),
    listen(process, handle, concurrency) {
      const listener: Listener = { process, handle, concurrency, running: new Map(), free: concurrency };
      listeners.add(listener);
      process.onDeath.push(() => die(listener));
      assign();
      return async () => {
        listeners.delete(listener);
        await Promise.all(listener.running.values());
      };
    },
  };
}

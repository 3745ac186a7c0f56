import { createKeyspace, type Keyspace } from './keyspace.ts';
import type { Sim } from './sim.ts';

/** A Redis as its clients see it: data that may lose its unsynced end, and answers that may fail. */
export interface RedisServer {
  readonly data: Keyspace;
  /** Counts restarts: an answer of an earlier life never arrives. */
  life(): number;
  /** When data was last lost for good (ms); 0: never. */
  lostAt(): number;
  /** True once it came back with data of an earlier time. */
  wentBack(): boolean;
  read<T>(look: () => T): T;
  write<T>(change: () => T): T;
  /** Calls one of them when what is written now is on disk, or will never be. */
  whenOnDisk(then: () => void, failed: () => void): void;
  isOnDisk(key: string): boolean;
  /** Calls back after each end of a life. */
  onEnd(callback: () => void): void;
  /** Calls back after each loss of data. */
  onLoss(callback: () => void): void;
  crash(awayMs: number): void;
  flush(): void;
  /** As if a backup of that time were put in its place. */
  restore(time: number): void;
  refuse(because: 'READONLY' | 'OOM' | null): void;
  goAway(milliseconds: number): void;
}

export function createRedisServer(sim: Sim): RedisServer {
  const { time, knobs } = sim;
  const data = createKeyspace(time.now);
  const endings: (() => void)[] = [];
  const losses: (() => void)[] = [];
  let life = 0;
  let lostAt = 0;
  let wentBack = false;
  let awayUntil = 0;
  let refusal: string | null = null;

  const onDiskUntil = (): number => (knobs.redis === 'always' ? time.now() : Math.floor(time.now() / 1000) * 1000);
  const mustBeThere = (): void => {
    if (time.now() < awayUntil) throw new Error('connect ECONNREFUSED redis');
  };
  const endLife = (awayMs: number): void => {
    life += 1;
    awayUntil = Math.max(awayUntil, time.now() + awayMs);
    for (const ending of endings) ending();
  };
  const lose = (what: string): void => {
    lostAt = time.now();
    for (const loss of losses) loss();
    sim.note(`redis: ${what}`);
    sim.tell(() => `redis: ${what}`);
  };

  return {
    data,
    life: () => life,
    lostAt: () => lostAt,
    wentBack: () => wentBack,
    read(look) {
      mustBeThere();
      return look();
    },
    write(change) {
      mustBeThere();
      if (refusal !== null) throw new Error(refusal);
      return change();
    },
    whenOnDisk(then, failed) {
      const mine = life;
      if (knobs.redis === 'always') then();
      else time.after(1000 - (time.now() % 1000), () => (mine === life ? then() : failed()));
    },
    isOnDisk: (key) => data.get(key) !== undefined && data.writtenAt(key) <= onDiskUntil(),
    onEnd: (callback) => endings.push(callback),
    onLoss: (callback) => losses.push(callback),
    crash(awayMs) {
      const before = data.keys('').length;
      wentBack ||= knobs.redis === 'everysec';
      if (knobs.redis === 'everysec') lose('crashed and lost what was not on disk');
      else sim.note('redis: crashed and lost nothing');
      data.rollBack(onDiskUntil());
      sim.tell(() => `redis: away for ${awayMs} ms (${before} keys, now ${data.keys('').length})`);
      endLife(awayMs);
    },
    flush() {
      lose('flushed');
      data.clear();
      endLife(0);
    },
    restore(to) {
      lose('an old backup restored');
      wentBack = true;
      data.rollBack(to);
      endLife(2000);
    },
    refuse(because) {
      if (because !== null) sim.note(`redis: ${because}`);
      refusal = because;
    },
    goAway(milliseconds) {
      sim.note('redis: away');
      endLife(milliseconds);
    },
  };
}

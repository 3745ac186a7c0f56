import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { keysFor } from '../../src/adapters/redis/keys.ts';
import { machineMs } from './clock.ts';
import { atRate, createSender, type Delivery, type SentDelivery, signDelivery } from './deliveries.ts';
import type { BenchOptions, Measurement } from './measurement.ts';
import { type Spread, spreadOf } from './percentiles.ts';
import { processorMs } from './processor-time.ts';
import { inMegabytes, inMs, type Result, type Row } from './result.ts';
import { type Stage, startStage } from './stage.ts';
import type { CallCost } from './trace-ports.ts';

const payloadBytes = 25_000;

interface Wave {
  readonly name: string;
  readonly connections: 'kept' | 'new';
  readonly count: number;
  /** Deliveries a second; `burst`: all at once; `closed`: the next when one is answered, 32 at a time. */
  readonly rate: number | 'burst' | 'closed';
}

interface WaveFigures {
  readonly wave: Wave;
  readonly latency: Spread;
  readonly acceptedPerSecond: number;
  readonly notAccepted: number;
  /** Answered 202 and not to be found in Redis. */
  readonly lost: number;
  /** Bytes. */
  readonly rss: { readonly before: number; readonly peak: number; readonly after: number };
  /** Bytes in use after garbage collection. */
  readonly heap: number;
  /** Share of the time in which the web process's event loop had work. */
  readonly loop: number;
  /** Mean wait for the durable write, ms. */
  readonly storeMs: number;
  /** Processor time over the time that passed. */
  readonly processor: { readonly web: number; readonly redis: number; readonly bench: number };
}

interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
}

interface Taken {
  readonly calls: readonly (readonly [string, CallCost])[];
  readonly loop: number;
}

/** As GitHub tells of an opened pull request, with a long description; every one with another number. */
function payloadOf(stage: Stage, number: number): unknown {
  const { repository, installation } = stage.app;
  const person = { id: 3, login: 'ada', type: 'User', url: 'https://api.github.com/users/ada' };
  const repo = { id: repository, name: 'api', full_name: 'acme/api', owner: { ...person, login: 'acme' } };
  const sha = randomUUID().replaceAll('-', '').padEnd(40, '0');
  const pull = { number, state: 'open', head: { sha, ref: 'topic', repo }, base: { ref: 'main', repo }, user: person };
  const payload = {
    action: 'opened',
    number,
    pull_request: { ...pull, body: '' },
    repository: repo,
    sender: person,
    installation: { id: installation },
  };
  const missing = payloadBytes - JSON.stringify(payload).length;
  return { ...payload, pull_request: { ...pull, body: 'x'.repeat(Math.max(0, missing)) } };
}

function signMany(stage: Stage, count: number): Delivery[] {
  const { appId, webhookSecret } = stage.app;
  return Array.from({ length: count }, (_, index) =>
    signDelivery('pull_request', payloadOf(stage, index + 1), appId, webhookSecret),
  );
}

async function closedLoop(
  deliveries: readonly Delivery[],
  send: (delivery: Delivery) => Promise<SentDelivery>,
): Promise<SentDelivery[]> {
  const waiting = [...deliveries];
  const sent: SentDelivery[] = [];
  const sender = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) sent.push(await send(next));
  };
  await Promise.all(Array.from({ length: 32 }, sender));
  return sent;
}

/** GUIDs of all events that wait to be routed or for their subject's next pass. */
async function storedGuids(redis: Redis): Promise<ReadonlySet<string>> {
  const key = keysFor();
  const waiting = await redis.xrange(key('intake'), '-', '+');
  const guids = waiting.map(([, fields]) => (JSON.parse(fields[1] ?? '{}') as { delivery: string }).delivery);
  const inboxes = await redis.smembers(key('inboxes'));
  const lists = await Promise.all(inboxes.map((subject) => redis.hkeys(key('inbox', subject))));
  return new Set([...guids, ...lists.flat()]);
}

/** Both must be there: the mark that it was accepted, which keeps it from being taken twice, and the event. */
async function countLost(redis: Redis, guids: readonly string[]): Promise<number> {
  const key = keysFor();
  const stored = await storedGuids(redis);
  const marks = await Promise.all(guids.map((guid) => redis.exists(key('delivery', guid))));
  return guids.filter((guid, index) => marks[index] !== 1 || !stored.has(guid)).length;
}

async function measureWave(stage: Stage, wave: Wave): Promise<WaveFigures> {
  const deliveries = signMany(stage, wave.count);
  await stage.redis.flushall();
  await stage.web.call('take');
  const { rss: before } = await stage.web.call<Memory>('memory');
  const pids = { web: stage.web.pid, redis: stage.redisPid, bench: process.pid };
  const used = Object.entries(pids).map(([name, pid]) => [name, processorMs(pid)] as const);
  const sender = createSender(stage.webhookUrl, wave.connections);
  let peak = before;
  const sampling = setInterval(() => {
    void stage.web.call<number>('rss').then((rss) => {
      peak = Math.max(peak, rss);
    });
  }, 100);
  const began = machineMs();
  const rate = wave.rate === 'burst' || wave.rate === 'closed' ? Number.POSITIVE_INFINITY : wave.rate;
  const sent =
    wave.rate === 'closed' ? await closedLoop(deliveries, sender.send) : await atRate(deliveries, rate, sender.send);
  const ended = Math.max(...sent.map(({ answeredAt }) => answeredAt));
  const processor = Object.fromEntries(
    used.map(([name, ms]) => [name, (processorMs(pids[name as keyof typeof pids]) - ms) / (ended - began)]),
  ) as WaveFigures['processor'];
  clearInterval(sampling);
  sender.close();
  peak = Math.max(peak, await stage.web.call<number>('rss'));
  const { calls, loop } = await stage.web.call<Taken>('take');
  const store = new Map(calls).get('intake.accept');
  const after = await stage.web.call<Memory>('memory');
  const accepted = sent.filter(({ status }) => status === 202);
  return {
    wave,
    latency: spreadOf(accepted.map(({ sentAt, answeredAt }) => answeredAt - sentAt)),
    acceptedPerSecond: (accepted.length * 1000) / (ended - began),
    notAccepted: sent.length - accepted.length,
    lost: await countLost(
      stage.redis,
      accepted.map(({ guid }) => guid),
    ),
    rss: { before, peak, after: after.rss },
    heap: after.heapUsed,
    loop,
    storeMs: store ? store.totalMs / store.count : Number.NaN,
    processor,
  };
}

/** What the web process waited for: its own event loop when that was never idle, else the durable write or what is left. */
function limitOf({ latency, storeMs, processor, loop }: WaveFigures): string {
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  const used = `event loop ${percent(loop)}, processor: web ${percent(processor.web)}, Redis ${percent(processor.redis)}`;
  if (loop > 0.85) return `its one event loop (${used})`;
  if (storeMs * 2 < latency.p50) return `connection and body (the write takes ${inMs(storeMs)}); ${used}`;
  return `the write to Redis' disk (${inMs(storeMs)}); ${used}`;
}

function rowOf(figures: WaveFigures): Row {
  const { wave, latency, acceptedPerSecond, notAccepted, lost, rss, heap } = figures;
  const whole = `p50 ${inMs(latency.p50)}, p95 ${inMs(latency.p95)}, p99 ${inMs(latency.p99)}`;
  const failed = notAccepted > 0 ? `, ${notAccepted} NOT ACCEPTED` : '';
  const memory = `RSS ${inMegabytes(rss.before)} → ${inMegabytes(rss.peak)} → ${inMegabytes(rss.after)}, heap ${inMegabytes(heap)}`;
  return {
    name: wave.name,
    figure: `${acceptedPerSecond.toFixed(0)}/s accepted, ${whole}, ${lost} lost${failed}; ${memory}`,
    limit: limitOf(figures),
  };
}

function wavesFor(quick: boolean): readonly Wave[] {
  const seconds = quick ? 10 : 60;
  const steady = quick ? 3_000 : 10_000;
  return [
    { name: `100/s for ${seconds} s, kept connections`, connections: 'kept', count: 100 * seconds, rate: 100 },
    { name: `100/s for ${seconds} s, new connections`, connections: 'new', count: 100 * seconds, rate: 100 },
    { name: '500 at once, kept connections', connections: 'kept', count: 500, rate: 'burst' },
    { name: '500 at once, new connections', connections: 'new', count: 500, rate: 'burst' },
    { name: `${steady} as fast as it goes, 32 at a time`, connections: 'kept', count: steady, rate: 'closed' },
  ];
}

async function run({ quick, progress }: BenchOptions): Promise<Result> {
  progress.say('starting a Redis and a web process');
  const stage = await startStage({
    executor: { kind: 'fake', runForMs: 0 },
    pace: 'github',
    processes: 'web-only',
    files: null,
    holds: () => true,
  });
  try {
    const all: WaveFigures[] = [];
    await measureWave(stage, { name: 'warm up', connections: 'kept', count: 200, rate: 'closed' });
    for (const wave of wavesFor(quick)) {
      progress.say(`webhooks: ${wave.name}`);
      all.push(await measureWave(stage, wave));
    }
    return {
      name: 'webhooks',
      title: `Webhooks accepted (${payloadBytes / 1000} KB, signed, each on disk before its 202; one web process)`,
      rows: all.map(rowOf),
      notes: ['RSS: before, at its peak, and after, the first and last with garbage collected, as is the heap.'],
      figures: all,
    };
  } finally {
    await stage.stop();
  }
}

export const webhooks: Measurement = { name: 'webhooks', run };

import { describe, expect, it, vi } from 'vitest';
import { createReporter, type RedisReporter } from '../../../src/adapters/redis/reporter.ts';
import { createWakeQueue } from '../../../src/adapters/redis/wake-queue.ts';
import type { CheckRunReport } from '../../../src/model/check-run.ts';
import { eventually, pause } from './eventually.ts';
import { FakeCheckRuns, final, progress, project } from './fake-check-runs.ts';
import { reporterFixture } from './reporter-fixture.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const fixture = reporterFixture();
const octo = project(5);

describe('what waits', () => {
  it('is taken up by the next process, also when BullMQ lost all its keys', async () => {
    const first = fixture.open();
    for (let i = 0; i < 5; i++) await first.want(octo, final(`c/${i}`));
    await first.close();
    await fixture.flushBullmq();
    fixture.listen(fixture.open());
    await eventually(() => fixture.forge.shown.size).toBe(5);
  });

  it('is written after BullMQ lost all its keys in mid-flow and the sweep came by', async () => {
    const limiter = { max: 5, duration: 600 };
    const reporter = fixture.open({ limiter });
    fixture.listen(reporter);
    for (let i = 0; i < 12; i++) await reporter.want(octo, final(`c/${i}`));
    await eventually(() => fixture.forge.writes.length).toBe(5);
    await fixture.flushBullmq();
    const sweep = async () => {
      await reporter.recover();
      return reporter.waiting();
    };
    await eventually(sweep, { interval: 50 }).toBe(0);
    expect(fixture.forge.shown.size).toBe(12);
    expect(fixture.forge.mistakes).toEqual([]);
  });

  it('is written by another process when one died between creating and recording, and adopted there', async () => {
    const dying = fixture.open({ writeLimitMs: 60_000 });
    fixture.forge.answers.push(() => new Promise(() => {}));
    const end = fixture.listen(dying);
    await dying.want(octo, final('c/1'));
    await eventually(() => fixture.forge.writes).toHaveLength(1);
    await end();
    // Its lease has run out by the server's clock.
    await fixture.redis.zadd(`${fixture.prefix}check-finals:5`, 1, 'c/1');
    fixture.forge.ids.set('c/1', 77);
    const next = new FakeCheckRuns();
    next.ids.set('c/1', 77);
    fixture.forge = next;
    await fixture.flushBullmq();
    const alive = fixture.open();
    fixture.listen(alive);
    await eventually(() => next.shown.get('c/1')).toBe('done');
    expect(next.mistakes).toEqual([]);
    await eventually(() => alive.waiting()).toBe(0);
    expect(await fixture.redis.hget(`${fixture.prefix}check:c/1`, 'id')).toBe('77');
  });

  it('is never written by two processes at once, nor created twice, though BullMQ gives the turn to both', async () => {
    const reporters = [fixture.open(), fixture.open()];
    for (const reporter of reporters) fixture.listen(reporter);
    for (let i = 0; i < 40; i++) {
      fixture.forge.answers.push(() => pause(5).then(() => 'write' as const));
      await reporters[i % 2]?.want(octo, progress(`c/${i % 8}`, `step ${i}`));
      if (i % 10 === 0) await fixture.flushBullmq();
    }
    for (let i = 0; i < 8; i++) await reporters[0]?.want(octo, final(`c/${i}`));
    const sweep = async () => {
      await reporters[0]?.recover();
      return reporters[0]?.waiting();
    };
    await eventually(sweep).toBe(0);
    expect(fixture.forge.mistakes).toEqual([]);
    expect([...fixture.forge.shown.values()]).toEqual(Array(8).fill('done'));
  });

  it('is written again when a write came back after its lease had gone to another', async () => {
    const slow = fixture.open({ writeLimitMs: 60_000 });
    const gate = Promise.withResolvers<'write'>();
    fixture.forge.answers.push(() => gate.promise);
    const end = fixture.listen(slow);
    await slow.want(octo, progress('c/1', 'old'));
    await eventually(() => fixture.forge.writes).toHaveLength(1);
    await end();
    const second = new FakeCheckRuns();
    const other = createReporter(fixture.redis, fixture.prefix, second.write, { log: fixture.log, coalesceMs: 100 });
    fixture.endings.push(() => other.close());
    await other.want(octo, final('c/1'));
    await fixture.redis.zadd(`${fixture.prefix}check-finals:5`, 1, 'c/1');
    await fixture.flushBullmq();
    fixture.listen(other);
    await eventually(() => second.shown.get('c/1')).toBe('done');
    gate.resolve('write');
    await eventually(() => fixture.forge.shown.get('c/1')).toBe('old');
    const titles = () => second.writes.map(({ title }) => title);
    await eventually(() => other.recover().then(titles)).toEqual(['done', 'done']);
    await eventually(() => slow.waiting()).toBe(0);
  });
});

describe('what is delivered', () => {
  it('is forgotten after the retention, what waits is not', async () => {
    const reporter = fixture.open({ retentionMs: 150 });
    const end = fixture.listen(reporter);
    await reporter.want(octo, final('c/1'));
    await reporter.want(octo, progress('c/2'));
    await eventually(() => reporter.waiting()).toBe(0);
    await end();
    await reporter.want(octo, final('c/2'));
    await pause(200);
    expect([...(await reporter.known(['c/1', 'c/2'])).keys()]).toEqual(['c/2']);
    fixture.listen(fixture.open());
    await eventually(() => fixture.forge.shown.get('c/2')).toBe('done');
  });

  it('leaves nothing in BullMQ that accumulates', async () => {
    const reporter = fixture.open();
    fixture.listen(reporter);
    for (let i = 0; i < 20; i++) await reporter.want(octo, final(`c/${i}`));
    await eventually(() => reporter.waiting()).toBe(0);
    await pause(50);
    const jobs = (await fixture.redis.keys(`${fixture.prefix}bull:check-writes:*`)).filter((key) => /:\d+$/.test(key));
    expect(jobs.length).toBeLessThanOrEqual(1);
  });
});

describe('an old backup that was put in place of what we know', () => {
  const key = () => `${fixture.prefix}check:c/1`;

  /** The forge shows `new`, and the wish that is remembered as delivered is `old`. */
  async function goBack(reporter: RedisReporter, restart: boolean): Promise<void> {
    fixture.listen(reporter);
    await reporter.want(octo, progress('c/1', 'old'));
    await eventually(() => reporter.waiting()).toBe(0);
    const backup = await fixture.redis.dumpBuffer(key());
    await reporter.want(octo, progress('c/1', 'new'));
    await eventually(() => fixture.forge.shown.get('c/1')).toBe('new');
    await eventually(() => reporter.waiting()).toBe(0);
    if (restart) await fixture.restart();
    await fixture.redis.restore(key(), 0, backup, 'REPLACE');
  }

  async function titlesAfter(reporter: RedisReporter, wish: CheckRunReport): Promise<readonly string[]> {
    await reporter.want(octo, wish);
    await reporter.recover();
    await eventually(() => reporter.waiting()).toBe(0);
    return fixture.forge.writes.map(({ title }) => title);
  }

  it('has what is wanted written again, once', async () => {
    const reporter = fixture.open({ rewriteMs: 0 });
    await goBack(reporter, true);
    expect(await titlesAfter(reporter, progress('c/1', 'old'))).toEqual(['old', 'new', 'old']);
    expect(await titlesAfter(reporter, progress('c/1', 'old'))).toHaveLength(3);
    expect(fixture.forge.mistakes).toEqual([]);
  });

  it('has nothing written again that was written just before', async () => {
    const reporter = fixture.open({ rewriteMs: 60_000 });
    await goBack(reporter, true);
    expect(await titlesAfter(reporter, progress('c/1', 'old'))).toEqual(['old', 'new']);
  });

  it('is what a server that was not started since has not: nothing is written twice', async () => {
    const reporter = fixture.open({ rewriteMs: 0 });
    await goBack(reporter, false);
    expect(await titlesAfter(reporter, progress('c/1', 'old'))).toEqual(['old', 'new']);
  });

  it('leaves a final one as it is', async () => {
    const reporter = fixture.open({ rewriteMs: 0 });
    fixture.listen(reporter);
    await reporter.want(octo, final('c/1'));
    await eventually(() => reporter.waiting()).toBe(0);
    await fixture.restart();
    expect(await titlesAfter(reporter, final('c/1'))).toEqual(['done']);
  });
});

describe('wakeLater', () => {
  it('follows the last time that was asked for', async () => {
    const queue = createWakeQueue(fixture.redis, {
      name: 'later',
      prefix: fixture.prefix,
      log: fixture.log,
      stopLimitMs: 100,
    });
    fixture.endings.push(() => queue.close());
    const handled: string[] = [];
    fixture.endings.push(queue.listen(async (name) => void handled.push(name), 1));
    await queue.wakeLater('a', 60_000);
    await queue.wakeLater('a', 50);
    await eventually(() => handled).toEqual(['a']);
    // Long enough for the second word to come in time on a busy machine.
    await queue.wakeLater('a', 1_000);
    await queue.wakeLater('a', 60_000);
    await pause(1_300);
    expect(handled).toEqual(['a']);
  });
});

import { describe, expect, it, vi } from 'vitest';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { eventually, pause } from './eventually.ts';
import { final, progress, project } from './fake-check-runs.ts';
import { reporterFixture } from './reporter-fixture.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const fixture = reporterFixture();
const octo = project(5);
const titles = () => fixture.forge.writes.map(({ title }) => title);

describe('a wish', () => {
  it('is ignored once the subject that it speaks of is lost, and heard where it is there', async () => {
    const reporter = fixture.open();
    const origin = { subject: subjectIdOf({ kind: 'presubmit', repository: 5, number: 1 }), deliveries: [] };
    await reporter.want(octo, final('c/1'), origin);
    expect(await reporter.waiting()).toBe(0);
    await fixture.redis.hset(`${fixture.prefix}doc:${origin.subject}`, { version: 1 });
    await reporter.want(octo, final('c/1'), origin);
    expect(await reporter.waiting()).toBe(1);
  });

  it('reaches the forge, once, and is known as delivered', async () => {
    const reporter = fixture.open();
    fixture.listen(reporter);
    await reporter.want(octo, final('c/1'));
    await reporter.want(octo, final('c/1'));
    await eventually(() => reporter.waiting()).toBe(0);
    await reporter.want(octo, final('c/1'));
    await pause(50);
    expect(fixture.forge.writes).toMatchObject([{ externalId: 'c/1', title: 'done', installation: 5 }]);
    const known = await reporter.known(['c/1', 'c/2']);
    expect([...known.keys()]).toEqual(['c/1']);
    expect(known.get('c/1')).toMatchObject({ final: true, delivered: true });
  });

  it('is known but not delivered while nobody writes', async () => {
    const reporter = fixture.open();
    await reporter.want(octo, progress('c/1'));
    expect(await reporter.waiting()).toBe(1);
    expect((await reporter.known(['c/1'])).get('c/1')).toMatchObject({ final: false, delivered: false });
  });

  it('that is not final is ignored after a final one', async () => {
    const reporter = fixture.open();
    fixture.listen(reporter);
    await reporter.want(octo, final('c/1'));
    await reporter.want(octo, progress('c/1', 'reopened'));
    await eventually(() => reporter.waiting()).toBe(0);
    await reporter.want(octo, progress('c/1', 'reopened'));
    expect(await reporter.waiting()).toBe(0);
    expect(titles()).toEqual(['done']);
  });

  it('that changes while it is being written is written again', async () => {
    const reporter = fixture.open();
    const gate = Promise.withResolvers<'write'>();
    fixture.forge.answers.push(() => gate.promise);
    fixture.listen(reporter);
    await reporter.want(octo, progress('c/1'));
    await eventually(() => fixture.forge.writes).toHaveLength(1);
    await reporter.want(octo, final('c/1'));
    gate.resolve('write');
    await eventually(() => fixture.forge.shown.get('c/1')).toBe('done');
    await eventually(() => reporter.waiting()).toBe(0);
    expect(fixture.forge.mistakes).toEqual([]);
  });

  it('follows its repository to another installation', async () => {
    const reporter = fixture.open();
    await reporter.want(octo, final('c/1'));
    await reporter.want(project(6), final('c/1'));
    expect(await reporter.waiting()).toBe(1);
    fixture.listen(reporter);
    await eventually(() => fixture.forge.writes.map(({ installation }) => installation)).toEqual([6]);
  });
});

describe('progress', () => {
  it('of one check run is written at most once per span, the newest last', async () => {
    const reporter = fixture.open({ coalesceMs: 300 });
    fixture.listen(reporter);
    await reporter.want(octo, progress('c/1', 'step 0'));
    await eventually(() => fixture.forge.writes).toHaveLength(1);
    for (let i = 1; i < 20; i++) {
      await reporter.want(octo, progress('c/1', `step ${i}`));
      await pause(20);
    }
    await eventually(() => fixture.forge.shown.get('c/1')).toBe('step 19');
    const writes = fixture.forge.writes.map(({ at }) => at);
    for (const [i, at] of writes.entries()) if (i > 0) expect(at - (writes[i - 1] ?? 0)).toBeGreaterThanOrEqual(295);
    await reporter.want(octo, final('c/1'));
    await eventually(() => fixture.forge.shown.get('c/1')).toBe('done');
  });

  it('of one check run keeps no final waiting for its span', async () => {
    const spanMs = 60_000;
    const reporter = fixture.open({ coalesceMs: spanMs });
    fixture.listen(reporter);
    await reporter.want(octo, progress('c/1', 'step 0'));
    await eventually(() => fixture.forge.writes).toHaveLength(1);
    await reporter.want(octo, progress('c/1', 'step 1'));
    await reporter.want(octo, final('c/1'));
    await eventually(() => fixture.forge.shown.get('c/1')).toBe('done');
    expect(fixture.forge.writes).toHaveLength(2);
  });

  it('is written after all finals that wait', async () => {
    const reporter = fixture.open();
    for (let i = 0; i < 5; i++) await reporter.want(octo, progress(`p/${i}`));
    for (let i = 0; i < 5; i++) await reporter.want(octo, final(`f/${i}`));
    fixture.listen(reporter);
    await eventually(() => fixture.forge.writes).toHaveLength(10);
    expect(titles().slice(0, 5)).toEqual(Array(5).fill('done'));
    expect(fixture.forge.writes.slice(0, 5).map(({ externalId }) => externalId)).toEqual([
      'f/0',
      'f/1',
      'f/2',
      'f/3',
      'f/4',
    ]);
  });
});

describe('the limit per installation', () => {
  it('holds in every span of time, over two processes, and does not hold up another installation', async () => {
    const limiter = { max: 8, duration: 600 };
    for (let i = 0; i < 20; i++) await fixture.open({ limiter }).want(octo, final(`c/${i}`));
    for (const reporter of [fixture.open({ limiter }), fixture.open({ limiter })]) fixture.listen(reporter);
    await eventually(() => fixture.forge.writes.length).toBeGreaterThanOrEqual(8);
    const other = fixture.open({ limiter });
    await other.want(project(6), final('d/1'));
    await eventually(() => fixture.forge.shown.get('d/1')).toBe('done');
    expect(await other.waiting()).toBeGreaterThan(0);
    await eventually(() => other.waiting()).toBe(0);
    const times = fixture.forge.writes.filter(({ installation }) => installation === 5).map(({ at }) => at);
    expect(times).toHaveLength(20);
    // Counted on the server's clock just before each write, whose way takes a few ms.
    for (const [i, at] of times.entries()) if (i >= 8) expect(at - (times[i - 8] ?? 0)).toBeGreaterThanOrEqual(400);
    expect(fixture.forge.mistakes).toEqual([]);
  });

  it('keeps a quarter for finals', async () => {
    const reporter = fixture.open({ limiter: { max: 8, duration: 60_000 } });
    for (let i = 0; i < 10; i++) await reporter.want(octo, progress(`p/${i}`));
    fixture.listen(reporter);
    await eventually(() => fixture.forge.writes).toHaveLength(6);
    await pause(50);
    await reporter.want(octo, final('f/1'));
    await eventually(() => fixture.forge.shown.get('f/1')).toBe('done');
    expect(fixture.forge.writes).toHaveLength(7);
  });
});

describe('an answer of the forge', () => {
  it('that limits us stops all writes of that installation for so long', async () => {
    const reporter = fixture.open();
    fixture.forge.answers.push({ kind: 'limited', retryAfterMs: 400 });
    for (let i = 0; i < 3; i++) await reporter.want(octo, final(`c/${i}`));
    fixture.listen(reporter);
    await eventually(() => fixture.forge.writes.length).toBe(1);
    const limited = performance.now();
    await reporter.want(octo, final('c/9'));
    await reporter.recover();
    await eventually(() => fixture.forge.shown.size).toBe(4);
    expect((fixture.forge.writes[1]?.at ?? 0) - limited).toBeGreaterThanOrEqual(350);
  });

  it('that fails twelve times and a throw do not keep a final from being delivered', async () => {
    const reporter = fixture.open();
    for (let i = 0; i < 12; i++) fixture.forge.answers.push({ kind: 'failed', because: '502' });
    fixture.forge.answers.push(() => Promise.reject(new Error('connection reset')));
    fixture.listen(reporter);
    await reporter.want(octo, final('c/1'));
    await eventually(() => fixture.forge.shown.get('c/1')).toBe('done');
    expect(fixture.forge.writes).toHaveLength(14);
    const pauses = fixture.forge.writes.slice(1).map(({ at }, i) => at - (fixture.forge.writes[i]?.at ?? 0));
    expect(pauses[0]).toBeGreaterThanOrEqual(9);
    expect(pauses[5]).toBeGreaterThanOrEqual(39);
  });

  it('that refuses a final is an error in the log, tried again slowly, for ever', async () => {
    const reporter = fixture.open({ refusedRetryMs: 60 });
    for (let i = 0; i < 10; i++) fixture.forge.answers.push({ kind: 'refused', because: '422 no such commit' });
    fixture.listen(reporter);
    await reporter.want(octo, final('c/1'));
    await eventually(() => fixture.forge.shown.get('c/1')).toBe('done');
    const errors = fixture.log.lines.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(10);
    expect(errors[0]?.fields).toMatchObject({ externalId: 'c/1', outcome: { because: '422 no such commit' } });
    const pauses = fixture.forge.writes.slice(1).map(({ at }, i) => at - (fixture.forge.writes[i]?.at ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(59);
  });

  it('that refuses a wish does not hold up the next one of the same check run', async () => {
    const reporter = fixture.open({ refusedRetryMs: 60_000 });
    fixture.forge.answers.push({ kind: 'refused', because: '422 too long' });
    fixture.listen(reporter);
    await reporter.want(octo, progress('c/1', 'too long'));
    await eventually(() => fixture.log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    await reporter.want(octo, final('c/1'));
    await eventually(() => fixture.forge.shown.get('c/1')).toBe('done');
  });

  it('that refuses a wish does not hold up one that came meanwhile', async () => {
    const reporter = fixture.open({ refusedRetryMs: 60_000 });
    const gate = Promise.withResolvers<void>();
    fixture.forge.answers.push(() => gate.promise.then(() => ({ kind: 'refused', because: '422 too long' })));
    fixture.listen(reporter);
    await reporter.want(octo, progress('c/1', 'too long'));
    await eventually(() => fixture.forge.writes).toHaveLength(1);
    await reporter.want(octo, final('c/1'));
    gate.resolve();
    await eventually(() => fixture.forge.shown.get('c/1')).toBe('done');
  });

  it('that does not come is given up in time and asked for again', async () => {
    const reporter = fixture.open({ writeLimitMs: 100 });
    fixture.forge.answers.push(() => new Promise(() => {}));
    fixture.listen(reporter);
    await reporter.want(octo, final('c/1'));
    await eventually(() => fixture.forge.shown.get('c/1')).toBe('done');
  });
});

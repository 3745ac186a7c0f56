import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BuildId } from '../../src/model/build.ts';
import type { WantedLine } from '../../src/ports/store.ts';
import type { StorePorts } from './store-examples.ts';
import { entry, lineOf, pullRequest } from './store-examples.ts';

const one = pullRequest(1);
const two = pullRequest(2);

async function states(line: WantedLine, pool = 'default'): Promise<Record<string, string>> {
  const { entries } = await line.read(pool);
  return Object.fromEntries(entries.map(({ build, state }) => [build, state]));
}

function ids(...builds: string[]): BuildId[] {
  return builds as BuildId[];
}

/** What every WantedLine over a DocumentStore must do; tries so many random histories. */
export function describeLine(open: () => StorePorts, histories: number): void {
  describe('the wanted line', () => {
    it('holds the entries of all subjects, each with its subject and every digit of its numbers', async () => {
      const { store, line } = open();
      await store.save(lineOf(one, 0, [entry('b-1')]));
      await store.save(lineOf(two, 0, [entry('b-2'), entry('b-3', { pool: 'arm' })]));
      const { entries } = await line.read('default');
      const byBuild = [...entries].sort((a, b) => (a.build < b.build ? -1 : 1));
      expect(byBuild).toEqual([
        { ...entry('b-1'), subject: one },
        { ...entry('b-2'), subject: two },
      ]);
      expect(await line.pools()).toEqual(['arm', 'default']);
    });

    it('an unknown pool is empty and no pool is listed once it is', async () => {
      const { store, line } = open();
      expect((await line.read('default')).entries).toEqual([]);
      await store.save(lineOf(one, 0, [entry('b-1')]));
      await store.save(lineOf(one, 1, []));
      expect(await line.pools()).toEqual([]);
    });

    it('a granted entry stays granted while its document still calls it waiting', async () => {
      const { store, line } = open();
      await store.save(lineOf(one, 0, [entry('b-1'), entry('b-2')]));
      const { version } = await line.read('default');
      expect(await line.grant('default', version, ids('b-1'))).toBe('granted');
      await store.save(lineOf(one, 1, [entry('b-1', { priority: 1 }), entry('b-2')]));
      expect(await states(line)).toEqual({ 'b-1': 'granted', 'b-2': 'waiting' });
    });

    it.each(['granted', 'active', 'waiting'] as const)(
      'an active entry becomes %s when its document says so',
      async (state) => {
        const { store, line } = open();
        await store.save(lineOf(one, 0, [entry('b-1', { state: 'active' })]));
        await store.save(lineOf(one, 1, [entry('b-1', { state })]));
        expect(await states(line)).toEqual({ 'b-1': state });
      },
    );

    it('an entry that its document no longer names is gone, whatever its state', async () => {
      const { store, line } = open();
      await store.save(lineOf(one, 0, [entry('b-1'), entry('b-2'), entry('b-3', { state: 'active' })]));
      const { version } = await line.read('default');
      await line.grant('default', version, ids('b-1'));
      await store.save(lineOf(one, 1, [entry('b-2')]));
      expect(await states(line)).toEqual({ 'b-2': 'waiting' });
    });

    it('an entry that moves to another pool leaves the first and waits anew', async () => {
      const { store, line } = open();
      await store.save(lineOf(one, 0, [entry('b-1')]));
      await line.grant('default', (await line.read('default')).version, ids('b-1'));
      await store.save(lineOf(one, 1, [entry('b-1', { pool: 'arm' })]));
      expect(await states(line)).toEqual({});
      expect(await states(line, 'arm')).toEqual({ 'b-1': 'waiting' });
    });

    it('a save that leaves the line as it is does not disturb a grant', async () => {
      const { store, line } = open();
      await store.save(lineOf(one, 0, [entry('b-1')]));
      const { version } = await line.read('default');
      await store.save(lineOf(one, 1, [entry('b-1')]));
      await store.save(lineOf(two, 0, [entry('b-9', { pool: 'arm' })]));
      expect(await line.grant('default', version, ids('b-1'))).toBe('granted');
    });

    it.each`
      change                     | line
      ${'another entry comes'}   | ${[entry('b-1'), entry('b-2')]}
      ${'an entry goes'}         | ${[]}
      ${'an entry turns active'} | ${[entry('b-1', { state: 'active' })]}
      ${'a priority changes'}    | ${[entry('b-1', { priority: 1 })]}
    `('grants nothing from an older reading when $change', async ({ line: next }) => {
      const { store, line } = open();
      await store.save(lineOf(one, 0, [entry('b-1')]));
      const { version } = await line.read('default');
      await store.save(lineOf(one, 1, next));
      const before = await states(line);
      expect(await line.grant('default', version, ids('b-1'))).toBe('changed');
      expect(await states(line)).toEqual(before);
    });

    it('grants nothing where a line that was looked at beside it has changed since', async () => {
      const { store, line } = open();
      await store.save(lineOf(one, 0, [entry('b-1'), entry('b-5', { pool: 'arm' })]));
      const { version } = await line.read('default');
      const seen = async (pool: string) => ({ pool, version: (await line.read(pool)).version });
      const beside = [await seen('arm'), await seen('never')];
      await store.save(lineOf(two, 0, [entry('b-9', { pool: 'arm' })]));
      expect(await line.grant('default', version, ids('b-1'), beside)).toBe('changed');
      expect(await states(line)).toEqual({ 'b-1': 'waiting' });
      const now = [await seen('arm'), await seen('never')];
      expect(await line.grant('default', version, ids('b-1'), now)).toBe('granted');
    });

    it('grants none when one of the builds is unknown or not waiting', async () => {
      const { store, line } = open();
      await store.save(lineOf(one, 0, [entry('b-1'), entry('b-2', { state: 'active' })]));
      const { version } = await line.read('default');
      expect(await line.grant('default', version, ids('b-1', 'b-2'))).toBe('changed');
      expect(await line.grant('default', version, ids('b-1', 'b-0'))).toBe('changed');
      expect(await states(line)).toEqual({ 'b-1': 'waiting', 'b-2': 'active' });
    });

    it('two dispatchers together never hold more than the slots, whatever they and the subjects do', async () => {
      await fc.assert(
        fc.asyncProperty(plan, (steps) => neverOverfills(open(), steps)),
        { numRuns: histories },
      );
    });
  });
}

const slots = 3;
const plan = fc.array(
  fc.record({
    who: fc.constantFrom('dispatchers', 'one', 'two') as fc.Arbitrary<'dispatchers' | 'one' | 'two'>,
    wanted: fc.subarray(['a', 'b', 'c', 'd']),
    active: fc.subarray(['a', 'b', 'c', 'd']),
  }),
  { minLength: 5, maxLength: 15 },
);
type Step = typeof plan extends fc.Arbitrary<(infer T)[]> ? T : never;

async function neverOverfills({ store, line }: StorePorts, steps: readonly Step[]): Promise<void> {
  for (const { who, wanted, active } of steps) {
    if (who === 'dispatchers') await Promise.all([dispatch(line), dispatch(line)]);
    else {
      const subject = who === 'one' ? one : two;
      const { version } = await store.load(subject);
      const held = await states(line);
      const builds = wanted.map((name) => `${who}-${name}`);
      // Like the core, a subject starts only what it was granted.
      const isActive = (build: string) =>
        held[build] === 'active' || (held[build] === 'granted' && active.includes(build.slice(4)));
      const entries = builds.map((build) => entry(build, { state: isActive(build) ? 'active' : 'waiting' }));
      await Promise.all([store.save(lineOf(subject, version, entries)), dispatch(line)]);
    }
    const taken = Object.values(await states(line)).filter((state) => state !== 'waiting');
    expect(taken.length).toBeLessThanOrEqual(slots);
  }
}

async function dispatch(line: WantedLine): Promise<void> {
  const { version, entries } = await line.read('default');
  const free = slots - entries.filter(({ state }) => state !== 'waiting').length;
  const next = entries.filter(({ state }) => state === 'waiting').slice(0, Math.max(0, free));
  await line.grant(
    'default',
    version,
    next.map(({ build }) => build),
  );
}

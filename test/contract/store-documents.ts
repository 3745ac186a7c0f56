import { describe, expect, it } from 'vitest';
import type { BuildId } from '../../src/model/build.ts';
import { branchTopic, headTopic, type Topic } from '../../src/model/topic.ts';
import type { Decision } from '../../src/ports/store.ts';
import { sha } from '../fakes/model-data.ts';
import type { StorePorts } from './store-examples.ts';
import { deliver, event, pullRequest, saveOf } from './store-examples.ts';

const subject = pullRequest(12);

function decision(at: number): Decision {
  return { at, reasons: [`reason ${at}`], effects: ['start b-1'] };
}

/** What every DocumentStore must do; `open` gives an empty one each time. */
export function describeDocuments(open: () => StorePorts): void {
  describe('documents', () => {
    it('an unknown subject has version 0 and no document', async () => {
      expect(await open().store.load(subject)).toEqual({ version: 0, document: null });
    });

    it('gives back exactly the document that was saved, its version one higher', async () => {
      const { store } = open();
      const document = { text: 'häß "\\u0000\\n', big: 9_007_199_254_740_991, list: [], none: null };
      expect(await store.save(saveOf(subject, 0, { document }))).toBe('saved');
      expect(await store.load(subject)).toEqual({ version: 1, document });
      expect(await store.subjects()).toEqual([subject]);
    });

    it('finds who waits to hear of something, until a save no longer says so', async () => {
      const { store } = open();
      const topics = (...list: readonly Topic[]) => ({
        index: { line: [], wakeAt: null, settled: false, topics: list },
      });
      const [one, other, branch] = [headTopic(7, sha('a')), headTopic(7, sha('b')), branchTopic(7, 'main')];
      await store.save(saveOf(pullRequest(1), 0, topics(one, branch)));
      await store.save(saveOf(pullRequest(2), 0, topics(branch)));
      expect(await store.hearers(one)).toEqual([pullRequest(1)]);
      expect([...(await store.hearers(branch))].sort()).toEqual([pullRequest(1), pullRequest(2)]);
      expect(await store.hearers(headTopic(8, sha('a')))).toEqual([]);
      await store.save(saveOf(pullRequest(1), 1, topics(other)));
      expect(await store.hearers(one)).toEqual([]);
      expect(await store.hearers(other)).toEqual([pullRequest(1)]);
      expect(await store.hearers(branch)).toEqual([pullRequest(2)]);
      await store.save(saveOf(pullRequest(1), 2));
      expect(await store.hearers(other)).toEqual([]);
    });

    it('refuses a save of an older version and changes nothing at all', async () => {
      const ports = open();
      const { store, line } = ports;
      await store.save(saveOf(subject, 0));
      await deliver(ports, event('d1'), [subject]);
      const index = { line: [], wakeAt: 5, settled: true };
      const late = saveOf(subject, 0, { document: 'late', index, decision: decision(1), taken: ['d1'] });
      expect(await store.save(late)).toBe('conflict');
      expect(await store.load(subject)).toEqual({ version: 1, document: { at: 0 } });
      expect(await store.inbox(subject)).toHaveLength(1);
      expect(await store.history(subject, 10)).toEqual([]);
      expect(await line.pools()).toEqual([]);
    });

    it('saves on what was seen of a line only while that line is as it was', async () => {
      const { store, line } = open();
      const waits = (number: number) => {
        const build = `b-unit-${String(number).padStart(24, '0')}` as BuildId;
        const entry = { build, pool: 'p', priority: 100, since: 1, repository: 7, author: 1, state: 'active' as const };
        return { line: [entry], wakeAt: null, settled: false };
      };
      const seen = { pool: 'p', version: (await line.read('p')).version };
      expect(await store.save({ ...saveOf(pullRequest(1), 0, { index: waits(1) }), line: seen })).toBe('saved');
      const late = { ...saveOf(pullRequest(2), 0, { index: waits(2) }), line: seen };
      expect(await store.save(late)).toBe('conflict');
      expect(await store.load(pullRequest(2))).toEqual({ version: 0, document: null });
      expect((await line.read('p')).entries).toHaveLength(1);
      const again = { pool: 'p', version: (await line.read('p')).version };
      expect(await store.save({ ...late, line: again })).toBe('saved');
      expect((await line.read('p')).entries).toHaveLength(2);
    });

    it('lets exactly one of 50 parallel saves of each version win', async () => {
      const { store } = open();
      for (let version = 0; version < 5; version++) {
        const saves = Array.from({ length: 50 }, (_, i) => store.save(saveOf(subject, version, { document: i })));
        const outcomes = await Promise.all(saves);
        expect(outcomes.filter((outcome) => outcome === 'saved')).toHaveLength(1);
        const stored = await store.load(subject);
        expect(stored).toEqual({ version: version + 1, document: outcomes.indexOf('saved') });
      }
    });

    it('keeps the decisions in order and gives the newest, newest last', async () => {
      const { store } = open();
      for (let i = 0; i < 5; i++) await store.save(saveOf(subject, i, { decision: decision(i) }));
      await store.save(saveOf(subject, 5));
      expect(await store.history(subject, 3)).toEqual([decision(2), decision(3), decision(4)]);
      expect(await store.history(pullRequest(13), 3)).toEqual([]);
    });

    it('keeps at most about 200 decisions', async () => {
      const { store } = open();
      for (let i = 0; i < 230; i++) await store.save(saveOf(subject, i, { decision: decision(i) }));
      const kept = await store.history(subject, 1000);
      expect(kept.length).toBeLessThan(230);
      expect(kept.length).toBeGreaterThanOrEqual(200);
      expect(kept.at(-1)).toEqual(decision(229));
    });
  });

  describe('what is due', () => {
    it('is what asked to be woken by now, until another save says otherwise', async () => {
      const { store } = open();
      const woken = (wakeAt: number | null) => ({ index: { line: [], wakeAt, settled: false } });
      await store.save(saveOf(subject, 0, woken(1000)));
      expect(await store.due(999)).toEqual([]);
      expect(await store.due(1000)).toEqual([subject]);
      expect(await store.due(2000)).toEqual([subject]);
      await store.save(saveOf(subject, 1, woken(3000)));
      expect(await store.due(2000)).toEqual([]);
      await store.save(saveOf(subject, 2, woken(null)));
      expect(await store.due(9000)).toEqual([]);
    });

    it('is every subject with an event not taken up, each once', async () => {
      const ports = open();
      const { store } = ports;
      await deliver(ports, event('d1'), [subject, pullRequest(13)]);
      await store.save(saveOf(subject, 0, { index: { line: [], wakeAt: 1, settled: false } }));
      expect([...(await store.due(5))].sort()).toEqual([subject, pullRequest(13)].sort());
      await store.save(saveOf(pullRequest(13), 0, { taken: ['d1'] }));
      expect(await store.due(5)).toEqual([subject]);
    });
  });

  describe('an inbox', () => {
    it('holds events oldest first, and loses exactly the taken ones', async () => {
      const ports = open();
      const { store } = ports;
      await deliver(ports, event('late', { receivedAt: 300 }), [subject]);
      await deliver(ports, event('early', { receivedAt: 100 }), [subject]);
      await deliver(ports, event('middle', { receivedAt: 200 }), [subject]);
      const order = (await store.inbox(subject)).map(({ delivery }) => delivery);
      expect(order).toEqual(['early', 'middle', 'late']);
      await store.save(saveOf(subject, 0, { taken: ['early', 'late', 'unknown'] }));
      expect(await store.inbox(subject)).toEqual([event('middle', { receivedAt: 200 })]);
    });
  });
}

import { describe, expect, it } from 'vitest';
import type { StorePorts } from './store-examples.ts';
import { event, pullRequest, saveOf } from './store-examples.ts';

const subject = pullRequest(12);

/** What every Intake must do. */
export function describeIntake(open: () => StorePorts): void {
  describe('the intake', () => {
    it('hands out an accepted event once, exactly as it came', async () => {
      const { intake } = open();
      const told = event('d1', { sender: null, receivedAt: 1_763_712_000_123 });
      expect(await intake.accept(told)).toBe('stored');
      const taken = await intake.take(10, 50);
      expect(taken).toMatchObject([{ event: told, attempts: 0 }]);
      expect(await intake.take(10, 20)).toEqual([]);
    });

    it('hands out what was accepted before anybody took, oldest first, at most so many', async () => {
      const { intake } = open();
      for (const guid of ['d1', 'd2', 'd3']) await intake.accept(event(guid));
      const guids = async () => (await intake.take(2, 50)).map((taken) => taken.event.delivery);
      expect(await guids()).toEqual(['d1', 'd2']);
      expect(await guids()).toEqual(['d3']);
    });

    it('stores one of 50 parallel deliveries of the same GUID', async () => {
      const { intake } = open();
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => intake.accept(event('same'))));
      expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
      expect(await intake.take(100, 50)).toHaveLength(1);
    });

    it('knows which GUIDs it has seen, ended ones too', async () => {
      const { intake } = open();
      await intake.accept(event('d1'));
      for (const { entry, event: told } of await intake.take(1, 50)) await intake.finish(entry, told, []);
      expect(await intake.seen(['d0', 'd1', 'd2'])).toEqual(new Set(['d1']));
      expect(await intake.seen([])).toEqual(new Set());
      expect(await intake.accept(event('d1'))).toBe('duplicate');
    });

    it('finishing again does not bring back an event that a document has taken up', async () => {
      const { intake, store } = open();
      await intake.accept(event('d1'));
      const [taken] = await intake.take(1, 50);
      if (taken === undefined) throw new Error('nothing was taken');
      await intake.finish(taken.entry, taken.event, [subject, pullRequest(13)]);
      expect(await store.inbox(pullRequest(13))).toEqual([event('d1')]);
      await store.save(saveOf(subject, 0, { taken: ['d1'] }));
      await intake.finish(taken.entry, taken.event, [subject]);
      expect(await store.inbox(subject)).toEqual([]);
    });

    it('a quarantined event is not handed out again', async () => {
      const { intake, store } = open();
      await intake.accept(event('d1'));
      const [taken] = await intake.take(1, 50);
      if (taken === undefined) throw new Error('nothing was taken');
      await intake.quarantine(taken.entry, taken.event, 'it throws');
      await intake.finish(taken.entry, taken.event, [subject]);
      expect(await store.inbox(subject)).toEqual([]);
      expect(await intake.take(1, 20)).toEqual([]);
    });

    it('wakes a waiting taker when an event comes', async () => {
      const { intake } = open();
      const waiting = intake.take(1, 5000);
      await intake.accept(event('d1'));
      expect(await waiting).toHaveLength(1);
    });
  });
}

/** What every Notes must do. */
export function describeNotes(open: () => StorePorts): void {
  describe('notes', () => {
    it('give back what was written last', async () => {
      const { notes } = open();
      expect(await notes.read('delivery-watermark')).toBeNull();
      await notes.write('delivery-watermark', '1');
      await notes.write('delivery-watermark', '2');
      expect(await notes.read('delivery-watermark')).toBe('2');
      expect(await notes.read('first-seen-repositories')).toBeNull();
    });

    it('say which life of the server this is, the same to everybody', async () => {
      expect(await open().notes.life()).toBe(await open().notes.life());
    });

    it('give a lease to one holder, who may extend it, until it has run out', async () => {
      const { notes } = open();
      const both = await Promise.all([notes.lease('poller', 'a', 5000), notes.lease('poller', 'b', 5000)]);
      expect(both.filter((had) => had)).toHaveLength(1);
      const [holder, other] = both[0] ? ['a', 'b'] : ['b', 'a'];
      expect(await notes.lease('poller', holder, 400)).toBe(true);
      expect(await notes.lease('poller', other, 300)).toBe(false);
      expect(await notes.lease('sweeper', other, 300)).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 450));
      expect(await notes.lease('poller', other, 300)).toBe(true);
    });
  });
}

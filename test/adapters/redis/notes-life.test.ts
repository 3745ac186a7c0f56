import { expect, it } from 'vitest';
import { createNotes } from '../../../src/adapters/redis/notes.ts';
import { reporterFixture } from './reporter-fixture.ts';

const fixture = reporterFixture();

it('another life of the server begins with each of its starts', async () => {
  const notes = createNotes(fixture.redis, fixture.prefix);
  const first = await notes.life();
  expect(first).not.toBe('');
  await fixture.restart();
  const second = await notes.life();
  expect([second === '', second === first]).toEqual([false, false]);
});

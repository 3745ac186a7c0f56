import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CrashRow } from './crash-rows.ts';
import { type CrashKind, type CrashWorld, startCrashWorld } from './crash-world.ts';
import { candidatesLeft, type Found, lookBack, ranTwice } from './look-back.ts';
import { type Played, playRows, playSweeps } from './play-rows.ts';

/** Plays these rows with this kind of crash and says of each what must be found of its change, unless `other` knows better. */
export function crashSuite(
  title: string,
  kind: CrashKind,
  rows: readonly CrashRow[],
  other: (row: CrashRow) => Partial<Found> = () => ({}),
): void {
  describe(title, () => {
    let world: CrashWorld;
    let played: Played;

    beforeAll(async () => {
      world = await startCrashWorld(rows);
      played = await playRows(world, kind, rows);
    }, 480_000);

    afterAll(() => world.stop());

    it.for(rows)('$step, $moment: the change lands once, as it was tested', async (row) => {
      const change = played.get(row);
      if (!change) throw new Error('the process never stood there');
      expect(await lookBack(world, change)).toEqual({
        landed: 1,
        entries: 1,
        holdsTestedTree: true,
        checks: ['success'],
        marks: ['success'],
        pull: row.method === 'squash' ? 'closed' : 'merged',
        builds: 1,
        ...other(row),
      });
    });

    // An emptied Redis knows no queue until somebody asks for a landing again.
    if (kind === 'everything')
      it('candidates swept, before they are and after: none is left', { timeout: 240_000 }, async () => {
        expect(candidatesLeft(world)).toBeGreaterThan(0);
        await playSweeps(world, kind);
        await world.until('all candidates to be taken away', () => candidatesLeft(world) === 0);
      });

    it('no build ran twice that was not to be built again', async () => {
      const again = rows.filter((row) => (other(row).builds ?? 1) > 1);
      expect(await ranTwice(world)).toHaveLength(again.length);
      expect(world.github.violations).toEqual([]);
    });
  });
}

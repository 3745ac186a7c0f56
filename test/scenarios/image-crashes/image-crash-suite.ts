import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ImageCrash, type ImageCrashWorld, startImageCrashWorld } from './image-crash-world.ts';
import type { ImageRow } from './image-rows.ts';
import { lookBackImages } from './look-back-images.ts';
import { type PlayedImages, playImageRows } from './play-image-rows.ts';

/** Plays these rows with this kind of crash and says of each what must be found of its change and its images. */
export function imageCrashSuite(title: string, crash: ImageCrash, rows: readonly ImageRow[]): void {
  describe(title, () => {
    let world: ImageCrashWorld;
    let played: PlayedImages;

    beforeAll(async () => {
      world = await startImageCrashWorld(rows.length);
      played = await playImageRows(world, crash, rows);
    }, 600_000);

    afterAll(() => world?.stop());

    it.for(rows)('$step, $moment: what landed is published once, as it was tested', async (row) => {
      const change = played.get(row);
      if (!change) throw new Error('its change was not played');
      expect(await lookBackImages(world, change)).toEqual({
        landed: 1,
        entries: 1,
        gate: ['success'],
        promote: ['success'],
        published: ['api', 'web'],
        wrong: [],
      });
    });
  });
}

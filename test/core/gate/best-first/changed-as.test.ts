import { expect, it } from 'vitest';
import { changedAs } from '../../../../src/core/gate/best-first/batches.ts';
import type { AssumedGround } from '../../../../src/model/best-first.ts';
import type { MadeCandidate } from '../../../../src/model/queue.ts';
import { sha } from '../../../fakes/model-data.ts';

function changing(paths: readonly string[], guess: Partial<AssumedGround> = {}): MadeCandidate {
  const ground = { under: [], excluded: [], onto: 0, make: 1, ...guess };
  return { changed: { known: true, paths }, guess: ground } as unknown as MadeCandidate;
}

it.each([
  ['of a batch what any of its members changes', { heads: ['2'] }, ['left/a', 'docs/b', 'right/b']],
  ['the same of what was made anew once', { moved: sha('c2') }, ['left/a', 'docs/b', 'right/b']],
  ['of what was tested by itself what it changes there', {}, ['right/b']],
])('what is made anew elsewhere is tested for, besides what it changes there: %s', (_, guess, paths) => {
  // Somebody has renamed `docs/b`.
  const { changed } = changedAs(changing(['left/a', 'docs/b'], guess), changing(['right/b']));
  expect(changed).toEqual({ known: true, paths });
});

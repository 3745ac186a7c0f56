import { expect, it } from 'vitest';
import { bestGuesses, type Head, type Odds } from '../../../../src/core/gate/schedule/candidates.ts';
import { computingMs } from '../../../harness/computing.ts';

const odds: Readonly<Record<string, number>> = { a: 0.9, b: 0.3, c: 0.6, d: 0.99 };
const of = (id: string): number => odds[id] ?? 0.5;
const plain: Odds = { of, together: () => 1 };

function head(id: string, dependencies: string, weight = 1): Head {
  return { id, dependencies: [...dependencies], weight };
}

function all(heads: readonly Head[], least = 0, limit = 1_000, given = plain) {
  return [...bestGuesses(heads, given, least, limit)];
}

/** Every subset, with what it is worth. */
function bruteForce({ dependencies, id }: Head): readonly string[] {
  return Array.from({ length: 2 ** dependencies.length }, (_, mask) => {
    const included = dependencies.filter((_, at) => mask & (1 << at));
    const score = dependencies.reduce((all, one) => all * (included.includes(one) ? of(one) : 1 - of(one)), 1);
    return { name: `${id}:${included.join('')}`, score };
  })
    .sort((one, other) => other.score - one.score)
    .map(({ name, score }) => `${name} ${score.toFixed(6)}`);
}

it('all guesses of a head come, each once, the likeliest first', () => {
  const found = all([head('e', 'abcd')]);
  expect(found.map((guess) => `e:${guess.included.join('')} ${guess.score.toFixed(6)}`)).toEqual(
    bruteForce(head('e', 'abcd')),
  );
  for (const { included, excluded } of found) expect([...included, ...excluded].sort().join('')).toBe('abcd');
});

it('those of several heads come in turn, a heavier head before a lighter one', () => {
  const found = all([head('e', 'a'), head('f', 'c'), head('g', 'c', 2)]);
  const worth = found.map(({ score, head: { weight } }) => score * weight);
  expect(found).toHaveLength(6);
  expect(worth).toEqual([...worth].sort((one, other) => other - one));
  expect(found[0]?.head.id).toBe('g');
});

it('nothing less likely than the least comes, and no more than the limit', () => {
  expect(all([head('e', 'abcd')], 0.3).every(({ score }) => score >= 0.3)).toBe(true);
  expect(all([head('e', 'abcd')], 0.3).length).toBeLessThan(16);
  expect(all([head('e', 'abcd'), head('f', 'ab')], 0, 3)).toHaveLength(3);
});

it('a guess that is worth less together than apart comes as late as that', () => {
  const together = (included: readonly string[]): number => (included.includes('a') ? 0.01 : 1);
  const found = all([head('e', 'ac')], 0, 10, { of, together });
  expect(found.map(({ included }) => included.join(''))).toEqual(['c', '', 'ac', 'a']);
});

it('a head with sixty dependencies is no more work than one with six', () => {
  const many = { id: 'z', dependencies: Array.from({ length: 60 }, (_, at) => `u${at}`), weight: 1 };
  const trusted = { of: () => 0.999, together: () => 1 };
  const enumerate = (): void => expect(all([many], 0.0001, 500, trusted).length).toBeGreaterThan(50);
  expect(computingMs(enumerate)).toBeLessThan(500);
});

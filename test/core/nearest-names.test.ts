import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestNames } from '../../src/core/nearest-names.ts';

const known = ['unit', 'unit-race', 'lint', 'e2e', 'build-image', 'integration'];

describe('nearest names', () => {
  it.each`
    name              | expected
    ${'unti'}         | ${['unit']}
    ${'UNIT'}         | ${['unit']}
    ${'lnit'}         | ${['unit', 'lint']}
    ${'build-images'} | ${['build-image']}
    ${'e2'}           | ${['e2e']}
    ${'deploy'}       | ${[]}
    ${'zzzzzzzzzzzz'} | ${[]}
  `('$name may mean $expected', ({ name, expected }) => {
    expect(nearestNames(name, known)).toEqual(expected);
  });

  it('names at most three, known ones only, also for the longest and strangest words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
        const near = nearestNames(name, known);
        expect(near.length).toBeLessThanOrEqual(3);
        expect(known).toEqual(expect.arrayContaining([...near]));
      }),
    );
  });

  it('names nothing where nothing is known', () => {
    expect(nearestNames('unit', [])).toEqual([]);
  });
});

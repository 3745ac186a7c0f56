import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isUseless, unitsToLand } from '../../../../src/core/gate/schedule/land-units.ts';
import { metSinceIn } from '../../../../src/core/gate/schedule/landed-since.ts';
import { dependenciesIn, groundOf } from '../../../../src/core/gate/schedule/order.ts';
import { overlaps, type Touches, type Unit, type UnitId } from '../../../../src/core/gate/schedule/unit.ts';
import { aBuild, aUnit, aView } from './schedule-fixture.ts';

const runs = { numRuns: 300, seed: 11 };
const touches = fc.oneof(
  { weight: 4, arbitrary: fc.subarray(['x', 'y', 'z']) as fc.Arbitrary<Touches> },
  { weight: 1, arbitrary: fc.constant<Touches>('everything') },
);
const unitsNamed = (ids: string): fc.Arbitrary<readonly Unit[]> =>
  fc
    .array(touches, { minLength: ids.length, maxLength: ids.length })
    .map((all) => all.map((each, at) => aUnit(ids[at] ?? '', { touches: each })));

it('finds the first that has landed since and touches the same, whatever it was asked before', () => {
  const question = fc.record({ from: fc.nat(6), touches, held: fc.subarray([...'abcdef']) });
  let found = 0;
  fc.assert(
    fc.property(unitsNamed('abcdef'), fc.array(question, { minLength: 1, maxLength: 5 }), (landed, questions) => {
      const metSince = metSinceIn(landed);
      for (const asked of questions) {
        const first = landed.find(
          (unit, at) => at >= asked.from && overlaps(unit.touches, asked.touches) && !asked.held.includes(unit.id),
        );
        found += first === undefined ? 0 : 1;
        expect(metSince(asked.from, asked.touches, asked.held)).toBe(first);
      }
    }),
    runs,
  );
  expect(found).toBeGreaterThan(100);
});

it('calls useless what the rule of landing calls useless, and nothing else', () => {
  const kinds = new Set<string>();
  const build = fc.record({
    included: fc.subarray([...'abcdefg']),
    heads: fc.subarray([...'abcdef']),
    covers: fc.subarray([...'abcdef'], { minLength: 4 }),
    verdict: fc.constantFrom('pending', 'passed', 'failed'),
    onto: fc.nat(2),
  });
  fc.assert(
    fc.property(unitsNamed('abcdef'), build, fc.subarray([...'cdef']), (units, { included, ...over }, suspects) => {
      const [landed, waiting] = [units.slice(0, 2), units.slice(2)];
      const ground = groundOf(aView(waiting, { landed }), waiting, new Set(suspects));
      const asked = aBuild(included.join(''), over);
      const { kind } = unitsToLand(asked, ground);
      kinds.add(kind);
      expect(isUseless(asked, ground)).toBe(kind === 'useless');
    }),
    runs,
  );
  expect([...kinds].sort()).toEqual(['land', 'useless', 'wait']);
});

it('has each depend on those ahead that touch the same, in order', () => {
  fc.assert(
    fc.property(unitsNamed('abcdef'), (units) => {
      const { of, isOn } = dependenciesIn(units);
      const meets = (one: Unit, other: Unit): boolean => overlaps(one.touches, other.touches);
      units.forEach((unit, at) => {
        const ahead: readonly UnitId[] = units.slice(0, at).flatMap((other) => (meets(unit, other) ? [other.id] : []));
        expect(of(unit.id)).toEqual(ahead);
        expect(units.filter(({ id }) => isOn(unit.id, id)).map(({ id }) => id)).toEqual(ahead);
      });
      expect([of('g'), isOn('g', 'a'), isOn('a', 'g')]).toEqual([[], false, false]);
    }),
    runs,
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DependencyEdge, findCycle } from '../../../../src/core/gate/entry/find-cycle.ts';

/** Edges as `a>b` (a depends on b). */
function edges(text: string): DependencyEdge[] {
  return text
    .split(' ')
    .filter((each) => each !== '')
    .map((each) => {
      const [change = '', dependsOn = ''] = each.split('>');
      return { change, dependsOn };
    });
}

describe('changes that wait for each other', () => {
  it.each`
    given                | cycle
    ${''}                | ${null}
    ${'a>b b>c a>c'}     | ${null}
    ${'a>a'}             | ${['a']}
    ${'a>b b>a'}         | ${['a', 'b']}
    ${'c>a a>b b>c'}     | ${['a', 'b', 'c']}
    ${'x>a a>b b>a'}     | ${['a', 'b']}
    ${'a>b b>c c>d d>b'} | ${['b', 'c', 'd']}
    ${'a>b b>c c>a b>a'} | ${['a', 'b']}
    ${'a>c a>b c>a b>a'} | ${['a', 'b']}
    ${'y>z z>y m>n n>m'} | ${['m', 'n']}
    ${'a>b a>b b>a'}     | ${['a', 'b']}
  `('$given: $cycle', ({ given, cycle }) => {
    expect(findCycle(edges(given))).toEqual(cycle);
  });

  it.each`
    through | cycle
    ${'y'}  | ${['y', 'z']}
    ${'m'}  | ${['m', 'n']}
    ${'a'}  | ${null}
    ${'q'}  | ${null}
  `('through $through: $cycle', ({ through, cycle }) => {
    expect(findCycle(edges('y>z z>y m>n n>m a>m'), through)).toEqual(cycle);
  });

  it('in any number are found without running out of stack', () => {
    const chain = Array.from({ length: 3000 }, (_, at) => ({ change: `${at}`, dependsOn: `${(at + 1) % 3000}` }));
    expect(findCycle(chain)).toHaveLength(3000);
  });
});

const names = fc.constantFrom(...'abcdefgh');
const graphs = fc.array(fc.record({ change: names, dependsOn: names }), { maxLength: 16 });

/** The other way to know: take away what depends on nothing until nothing is left, or only cycles are. */
function hasCycle(given: readonly DependencyEdge[]): boolean {
  let left = given;
  for (;;) {
    const next = left.filter(({ dependsOn }) => left.some(({ change }) => change === dependsOn));
    if (next.length === left.length) return next.length > 0;
    left = next;
  }
}

describe('whatever depends on what', () => {
  it('a cycle is found exactly where there is one, and each member depends on the next', () => {
    fc.assert(
      fc.property(graphs, (given) => {
        const cycle = findCycle(given);
        expect(cycle !== null).toBe(hasCycle(given));
        for (const [at, change] of (cycle ?? []).entries())
          expect(given).toContainEqual({ change, dependsOn: cycle?.[(at + 1) % cycle.length] });
        expect(new Set(cycle).size).toBe(cycle?.length ?? 0);
      }),
    );
  });

  it('the order of what is given changes nothing', () => {
    const shuffled = graphs.chain((given) =>
      fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
    );
    fc.assert(
      fc.property(shuffled, ([given, other]) => {
        expect(findCycle(other)).toEqual(findCycle(given));
      }),
    );
  });
});

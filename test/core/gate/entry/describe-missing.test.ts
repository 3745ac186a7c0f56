import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeMissing } from '../../../../src/core/gate/entry/describe-missing.ts';
import { conditions, type Missing } from '../../../../src/core/gate/entry/question.ts';

function missing(what: Missing['what'], text: string): Missing {
  return { what, text, postpones: true };
}

describe('what is still missing', () => {
  it('is a list in the order of the conditions, then of the texts', () => {
    const list = [missing('check', 'b'), missing('approvals', 'c'), missing('check', 'a'), missing('draft', 'd')];
    expect(describeMissing(list)).toBe('* d\n* c\n* a\n* b');
  });

  it('is said in words where it is nothing', () => {
    expect(describeMissing([])).toBe('Nothing is missing.');
  });

  it('is said once, and a text is one item', () => {
    expect(describeMissing([missing('check', 'a\n\n# b'), missing('check', 'a\n\n# b')])).toBe('* a # b');
  });

  it.each`
    given  | lines | last
    ${60}  | ${60} | ${'* text 159'}
    ${61}  | ${60} | ${'* … and 2 more.'}
    ${500} | ${60} | ${'* … and 441 more.'}
  `('$given are $lines lines, the last is $last', ({ given, lines, last }) => {
    const list = Array.from({ length: given }, (_, at) => missing('check', `text ${100 + at}`));
    const said = describeMissing(list).split('\n');
    expect(said).toHaveLength(lines);
    expect(said.at(-1)).toBe(last);
  });

  it('is the same in whatever order it was found', () => {
    const one = fc.record({
      what: fc.constantFrom(...conditions),
      text: fc.string({ maxLength: 3 }),
      postpones: fc.boolean(),
    });
    const twice = fc
      .array(one, { maxLength: 80 })
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(
      fc.property(twice, ([list, other]) => {
        expect(describeMissing(other)).toBe(describeMissing(list));
      }),
    );
  });
});

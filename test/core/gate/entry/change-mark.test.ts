import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeMark, type KeptChange, readChangeMark } from '../../../../src/core/gate/entry/change-mark.ts';
import { named } from '../../../../src/core/gate/entry/question.ts';
import { people } from '../../../fakes/model-data.ts';
import { head, olderHead, request } from './entry-fixture.ts';

const ownCheck = 'sluice/gate/main';
const kept: KeptChange = {
  request: request(),
  lane: 'normal',
  entry: 2,
  overrides: [{ check: 'lint', head, by: people.boss, at: 9 }],
};
const mark = changeMark(kept);

function read(text: string, over: { readonly name?: string; readonly commit?: typeof head } = {}) {
  return readChangeMark({ name: ownCheck, commit: head, text, ...over }, ownCheck);
}

/** The mark with one of its fields changed. */
function with_(fields: Readonly<Record<string, unknown>>): string {
  const json = JSON.parse(/\{.*\}/.exec(mark)?.[0] ?? '');
  return `<!-- sluice:gate ${JSON.stringify({ ...json, ...fields })} -->`;
}

const override = { check: 'lint', head, by: people.boss, at: 9 };

describe('a request that is kept in our own check run', () => {
  it.each(['', '\n', '\r\n', '\n\nStill missing:\n* something'])('is read back when %j follows it', (after) => {
    expect(read(mark + after)).toEqual(kept);
  });

  it('is read back whole whatever names it holds', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const someone = fc.record({ id: fc.nat(), login: text, kind: fc.constantFrom('user' as const, 'bot' as const) });
    const changes = fc.record({
      request: fc.record({ head: fc.constant(head), by: someone, permission: text, at: fc.nat() }),
      lane: fc.constantFrom('hotfix' as const, 'normal' as const, 'bulk' as const),
      entry: fc.nat(),
      overrides: fc.array(fc.record({ check: text, head: fc.constant(head), by: someone, at: fc.nat() }), {
        maxLength: 3,
      }),
    });
    fc.assert(
      fc.property(changes, (change) => {
        const written = changeMark(change);
        expect(written).toMatch(/^[\x20-\x7e]+$/);
        expect(written.indexOf('-->')).toBe(written.length - 3);
        expect(read(`${written}\nmore`)).toEqual(change);
      }),
    );
  });

  it.each(['-->', '--!>', '--> <!-- sluice:gate {} -->', '\n', '"}', '\u2028'])(
    'is not ended by a check named %j',
    (name) => {
      const change = { ...kept, overrides: [{ ...override, check: name }] };
      expect(read(changeMark(change))).toEqual(change);
    },
  );
});

describe('nothing is read', () => {
  it.each`
    what                                     | text
    ${'from an empty text'}                  | ${''}
    ${'where something stands before it'}    | ${`\n${mark}`}
    ${'from a list that quotes one'}         | ${`* ${named(mark)}`}
    ${'from a code block that holds one'}    | ${`\`\`\`text\n${mark}\n\`\`\``}
    ${'where something follows in its line'} | ${`${mark} and more`}
    ${'from an approval'}                    | ${mark.replace('sluice:gate', 'sluice:approval')}
    ${'where it is no JSON'}                 | ${'<!-- sluice:gate {nonsense} -->'}
    ${'where it is empty'}                   | ${'<!-- sluice:gate {} -->'}
    ${'where it is another head’s'}          | ${mark.replaceAll(head, olderHead)}
    ${'where the head is no text'}           | ${with_({ head: null })}
    ${'where nobody asked'}                  | ${with_({ by: null })}
    ${'where the person has only a name'}    | ${with_({ by: { login: 'boss', kind: 'user' } })}
    ${'where the id is a text'}              | ${with_({ by: { id: '14', login: 'boss', kind: 'user' } })}
    ${'where the id is a fraction'}          | ${with_({ by: { id: 1.5, login: 'boss', kind: 'user' } })}
    ${'where the kind is unheard of'}        | ${with_({ by: { id: 14, login: 'boss', kind: 'ghost' } })}
    ${'where the person is a list'}          | ${with_({ by: [14, 'boss', 'user'] })}
    ${'without a permission'}                | ${with_({ permission: 7 })}
    ${'without a time'}                      | ${with_({ at: null })}
    ${'where the time is before all time'}   | ${with_({ at: -1 })}
    ${'where the lane is unheard of'}        | ${with_({ lane: 'express' })}
    ${'without an entry'}                    | ${with_({ entry: undefined })}
    ${'where the entry is negative'}         | ${with_({ entry: -1 })}
    ${'where overrides are no list'}         | ${with_({ overrides: { 0: override } })}
    ${'where an override is another head’s'} | ${with_({ overrides: [override, { ...override, head: olderHead }] })}
    ${'where an override names no check'}    | ${with_({ overrides: [{ ...override, check: 1 }] })}
    ${'where an override is nobody’s'}       | ${with_({ overrides: [{ ...override, by: {} }] })}
    ${'where an override has no time'}       | ${with_({ overrides: [{ ...override, at: 'now' }] })}
  `('$what', ({ text }) => {
    expect(read(text)).toBeNull();
  });

  it('from a mark that is cut anywhere', () => {
    for (let length = 0; length < mark.length; length++) expect(read(mark.slice(0, length))).toBeNull();
  });

  it('from a check run of another name or on another commit', () => {
    expect(read(mark, { name: 'unit' })).toBeNull();
    expect(read(mark, { name: 'sluice/gate/next' })).toBeNull();
    expect(read(mark, { commit: olderHead })).toBeNull();
    expect(read(mark)).toEqual(kept);
  });
});

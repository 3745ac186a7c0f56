import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BuildParts, buildIdFor, definitionDigest, externalIdFor, toBuildId } from '../../src/model/build.ts';
import { sha } from '../fakes/model-data.ts';

const parts: BuildParts = {
  subject: 'presubmit/4711/5',
  entry: 'main',
  commit: sha('a'),
  job: 'unit',
  point: {},
  definition: 'd',
  request: 1,
  attempt: 1,
};

const name = fc.string({ unit: 'binary', maxLength: 80 });
const anyParts: fc.Arbitrary<BuildParts> = fc.record({
  subject: name,
  entry: name,
  commit: fc.constantFrom(sha('a'), sha('b')),
  job: name,
  point: fc.record({ image: name, target: name, platform: name }, { requiredKeys: [] }),
  definition: name,
  request: fc.nat(),
  attempt: fc.integer({ min: 1, max: 3 }),
});

describe('a build’s id is derived (design.md §5)', () => {
  it.each`
    part            | other
    ${'subject'}    | ${{ subject: 'presubmit/4711/6' }}
    ${'entry'}      | ${{ entry: 'release' }}
    ${'commit'}     | ${{ commit: sha('b') }}
    ${'job'}        | ${{ job: 'lint' }}
    ${'image'}      | ${{ point: { image: 'api' } }}
    ${'target'}     | ${{ point: { target: 'api' } }}
    ${'platform'}   | ${{ point: { platform: 'api' } }}
    ${'definition'} | ${{ definition: 'e' }}
    ${'request'}    | ${{ request: 2 }}
    ${'attempt'}    | ${{ attempt: 2 }}
  `('another $part is another build', ({ other }) => {
    expect(buildIdFor({ ...parts, ...other })).not.toBe(buildIdFor(parts));
  });

  it.each`
    one                                       | other
    ${{ job: 'a-b' }}                         | ${{ job: 'a', point: { image: 'b' } }}
    ${{ job: 'feature/a' }}                   | ${{ job: 'feature-a' }}
    ${{ job: 'x'.repeat(300) }}               | ${{ job: 'x'.repeat(301) }}
    ${{ job: 'ü' }}                           | ${{ job: 'ö' }}
    ${{ entry: 'a', job: 'b' }}               | ${{ entry: 'a","b', job: '' }}
    ${{ request: 1, attempt: 11 }}            | ${{ request: 11, attempt: 1 }}
    ${{ point: { image: 'a', target: 'b' } }} | ${{ point: { image: 'a', platform: 'b' } }}
    ${{ entry: 'release', job: 'unit' }}      | ${{ entry: 'releas', job: 'eunit' }}
  `('$one and $other never share a name (intake A29)', ({ one, other }) => {
    expect(buildIdFor({ ...parts, ...one })).not.toBe(buildIdFor({ ...parts, ...other }));
  });

  it('is a name that a cluster takes, whatever the parts are called', () => {
    fc.assert(
      fc.property(anyParts, (any) => {
        const id = buildIdFor(any);
        expect(id).toMatch(/^[a-z]([-a-z0-9]*[a-z0-9])?$/);
        expect(id.length).toBeLessThanOrEqual(63);
        expect(toBuildId(id)).toBe(id);
        expect(buildIdFor({ ...any, point: { ...any.point } })).toBe(id);
      }),
    );
  });

  it.each(['', 'b-unit', 'pod', 'b-UNIT-ef0037d57c8c941fd0d3616d', 'b-unit-ef0037d57c8c941fd0d3616d\n', '../x'])(
    '%j is none',
    (text) => {
      expect(() => toBuildId(text)).toThrow(/not a build id/);
    },
  );
});

describe('the external id of a check run', () => {
  it('is the same for all points and attempts of a request', () => {
    const id = externalIdFor(parts);
    expect(externalIdFor({ ...parts, attempt: 3, point: { image: 'api' } } as BuildParts)).toBe(id);
    expect(id).toMatch(/^[0-9a-f]{32}\/1$/);
  });

  it('counts requests after the slash, with the same identity', () => {
    expect(externalIdFor({ ...parts, request: 12 })).toBe(externalIdFor(parts).replace(/1$/, '12'));
  });

  it.each([{ subject: 's' }, { entry: 'e' }, { commit: sha('b') }, { job: 'j' }, { definition: 'e' }])(
    'has another identity for %j',
    (other) => {
      expect(externalIdFor({ ...parts, ...other }).split('/')[0]).not.toBe(externalIdFor(parts).split('/')[0]);
    },
  );
});

describe('a digest of a definition', () => {
  it('does not depend on the order of keys, nor on keys without a value', () => {
    expect(definitionDigest({ a: 1, b: [{ c: 2, d: undefined }] })).toBe(definitionDigest({ b: [{ c: 2 }], a: 1 }));
  });

  it('depends on everything else', () => {
    const all = [{}, { a: 1 }, { a: '1' }, { a: [1] }, { a: null }, { a: { b: 1 } }, [1, 2], [2, 1], '', null];
    expect(new Set(all.map(definitionDigest)).size).toBe(all.length);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDependencies } from '../../../../src/core/gate/entry/read-dependencies.ts';

const host = 'github.test';

function read(body: string) {
  const { dependencies, refused } = readDependencies(body, host);
  const names = dependencies.map(({ project, number }) =>
    project ? `${project.owner}/${project.name}#${number}` : `#${number}`,
  );
  return { names, refused: refused.length };
}

describe('a line that names a change', () => {
  it.each`
    line                                                           | names
    ${'Depends-On: #12'}                                           | ${['#12']}
    ${'depends-on: #12'}                                           | ${['#12']}
    ${'DEPENDS-ON:#12'}                                            | ${['#12']}
    ${'Depends-On :  #12  '}                                       | ${['#12']}
    ${'Depends-On: acme/api.v2#12'}                                | ${['acme/api.v2#12']}
    ${'Depends-On: my_org/api#12'}                                 | ${['my_org/api#12']}
    ${'Depends-On: https://github.test/acme/api/pull/12'}          | ${['acme/api#12']}
    ${'Depends-On: http://github.test/acme/api/pull/12/'}          | ${['acme/api#12']}
    ${'Depends-On: https://GitHub.test/acme/api/pull/12/files#r1'} | ${['acme/api#12']}
    ${'Depends-On: #12, acme/api#3 #4'}                            | ${['#12', 'acme/api#3', '#4']}
    ${'Depends-On: #12 <!-- the base -->'}                         | ${['#12']}
    ${'Depends-On: #12\r\nDepends-On: #13\rDepends-On: #14'}       | ${['#12', '#13', '#14']}
    ${'Depends-On: #12\nDepends-On: #12'}                          | ${['#12']}
    ${'Depends-On: Acme/API#12\nDepends-On: acme/api#12'}          | ${['Acme/API#12']}
    ${'```sh\nls\n```\nDepends-On: #12'}                           | ${['#12']}
  `('$line', ({ line, names }) => {
    expect(read(line)).toEqual({ names, refused: 0 });
  });
});

describe('a line that only looks like one', () => {
  it.each`
    line
    ${' Depends-On: #12'}
    ${'* Depends-On: #12'}
    ${'> Depends-On: #12'}
    ${'This Depends-On: #12'}
    ${'Depends-On #12'}
    ${'Depends-Only: #12'}
    ${'```\nDepends-On: #12\n```'}
    ${'~~~\nDepends-On: #12'}
    ${'<!-- Depends-On: #12 -->'}
    ${'<!--\nDepends-On: #12\n-->'}
    ${'<!-- x -->Depends-On: #12'}
    ${'<!--\nDepends-On: #12'}
    ${''}
  `('$line is none', ({ line }) => {
    expect(read(line)).toEqual({ names: [], refused: 0 });
  });
});

describe('a line that names no change is reported', () => {
  it.each`
    line
    ${'Depends-On:'}
    ${'Depends-On: 12'}
    ${'Depends-On: #0'}
    ${'Depends-On: #-1'}
    ${'Depends-On: #12345678901'}
    ${'Depends-On: #12 and #13'}
    ${'Depends-On: #12.'}
    ${'Depends-On: acme#12'}
    ${'Depends-On: acme/..#12'}
    ${'Depends-On: a/b/c#12'}
    ${'Depends-On: -acme/api#12'}
    ${'Depends-On: https://github.test/acme/api/issues/12'}
    ${'Depends-On: https://github.test.evil.example/acme/api/pull/12'}
    ${'Depends-On: https://github.test@evil.example/acme/api/pull/12'}
    ${'Depends-On: https://github.test:8443/acme/api/pull/12'}
    ${'Depends-On: github.test/acme/api/pull/12'}
    ${'Depends-On: ftp://github.test/acme/api/pull/12'}
    ${`Depends-On: ${'#1 '.repeat(400)}`}
  `('$line', ({ line }) => {
    expect(read(line)).toEqual({ names: [], refused: 1 });
  });

  it('with the line as written and what to write instead', () => {
    expect(readDependencies('Depends-On: the API change', host).refused).toEqual([
      {
        line: 'Depends-On: the API change',
        because:
          'write `#12`, `owner/name#12` or `https://github.test/owner/name/pull/12`, with commas between several',
      },
    ]);
  });

  it('and of very many the first 20 are', () => {
    expect(read('Depends-On: what\n'.repeat(500))).toEqual({ names: [], refused: 20 });
  });

  it('and others beside it still count', () => {
    expect(read('Depends-On: #1\nDepends-On: what\nDepends-On: #2')).toEqual({ names: ['#1', '#2'], refused: 1 });
  });
});

it('at most 20 are taken, and the first that was left is named', () => {
  const body = Array.from({ length: 30 }, (_, index) => `Depends-On: #${index + 1}`).join('\n');
  const { dependencies, refused } = readDependencies(body, host);
  expect(dependencies.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(refused).toEqual([{ line: '#21', because: 'name at most 20 changes: this one and what follows were left' }]);
});

it('a port belongs to the host', () => {
  const { dependencies } = readDependencies('Depends-On: http://127.0.0.1:4567/acme/api/pull/9', '127.0.0.1:4567');
  expect(dependencies).toEqual([{ project: { owner: 'acme', name: 'api' }, number: 9 }]);
});

describe('whatever is written', () => {
  const pieces = fc.oneof(
    fc.constantFrom(
      'Depends-On:',
      ' #1',
      '#22',
      'a/b#3',
      'https://github.test/a/b/pull/4',
      '\n',
      '\r\n',
      '<!--',
      '-->',
    ),
    fc.constantFrom('```', '>', ',', '\u2028', '\u200b', '..', '/', '@'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const bodies = fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join(''));

  it('at most 20 come out, each once, each a real number of a plain name', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const { names, refused } = read(body);
        expect(names.length).toBeLessThanOrEqual(20);
        expect(refused).toBeLessThanOrEqual(20);
        expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
        for (const name of names) expect(name).toMatch(/^(?:[\w-]+\/[\w.-]+)?#[1-9]\d*$/);
      }),
      { numRuns: 500 },
    );
  });
});

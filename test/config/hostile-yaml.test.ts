import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { bombs } from './bombs.ts';
import { parse, shortComplaints } from './read-fixtures.ts';

describe('a hostile file (A12)', () => {
  it.each(bombs)('$name is answered in less than a second of computing: $says', ({ text, says }) => {
    const start = process.threadCpuUsage();
    const found = shortComplaints(text);
    const { user, system } = process.threadCpuUsage(start);
    expect((user + system) / 1_000).toBeLessThan(1_000);
    expect(found.join('\n')).toContain(says);
  });

  it('needs no more than 64 MB of heap, all of them one after the other', { timeout: 30_000 }, async () => {
    const worker = new Worker(new URL('./parse-bombs.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 64 },
      execArgv: [],
    });
    const parsed = await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`ended with ${code} before it answered`)));
    });
    expect(parsed).toBe(bombs.length);
  });
});

describe('a file that is not plain UTF-8 YAML', () => {
  it.each`
    kind                                 | content                                             | says
    ${'a byte order mark'}               | ${'\ufeffimages: []'}                               | ${'1:1 the file begins with a byte order mark'}
    ${'a byte order mark in bytes'}      | ${Buffer.from('\ufeffimages: []')}                  | ${'1:1 the file begins with a byte order mark'}
    ${'Latin-1'}                         | ${Buffer.from('images: [] # caf\u00e9', 'latin1')}  | ${'1:1 the file is not UTF-8 text'}
    ${'UTF-16'}                          | ${Buffer.from('\ufeffimages: []', 'utf16le')}       | ${'1:1 the file is not UTF-8 text'}
    ${'text decoded wrongly before'}     | ${'images: []\n# caf\ufffd'}                        | ${'2:6 this is not UTF-8 text'}
    ${'a NUL'}                           | ${'images: []\n\0'}                                 | ${'2:1 the control character U+0000 is not allowed'}
    ${'an escape sequence'}              | ${'# \u001b[31m\nimages: []'}                       | ${'1:3 the control character U+001B is not allowed'}
    ${'half a surrogate pair'}           | ${'# \ud800'}                                       | ${'1:3 the control character U+D800 is not allowed'}
    ${'text that changes direction'}     | ${'jobs: { a: { image: x, run: "\u202e" } }'}       | ${'1:29 the invisible character U+202E is not allowed in a text'}
    ${'YAML 1.1'}                        | ${'%YAML 1.1\n---\nimages: []'}                     | ${'1:1 the file asks for YAML 1.1'}
    ${'a tag directive'}                 | ${'%TAG ! tag:x,2000:\n---\nimages: []'}            | ${'1:1 tags are not used here'}
    ${'a tag'}                           | ${'mode: !!str active'}                             | ${'1:13 the tag "!!str" is not used here'}
    ${'a tag of somebody'}               | ${'mode: !ruby/object:Gem active'}                  | ${'1:24 the tag "!ruby/object:Gem" is not used here'}
    ${'a list as key'}                   | ${'? [a]\n: b'}                                     | ${'1:3 a key must be a word, not a list or a map'}
    ${'prototype pollution'}             | ${'__proto__: { mode: shadow }'}                    | ${'1:1 "__proto__" is not allowed as a key'}
    ${'prototype pollution by an alias'} | ${'mode: &k __proto__\n*k : x'}                     | ${'2:1 "__proto__" is not allowed as a key'}
    ${'a constructor'}                   | ${'jobs: { constructor: { prototype: { a: 1 } } }'} | ${'1:9 "constructor" is not allowed as a key'}
    ${'two documents'}                   | ${'images: []\n---\nimages: []'}                    | ${'2:1 a second document begins here; the file holds exactly one'}
    ${'an alias inside its anchor'}      | ${'jobs: &a { x: *a }'}                             | ${'1:15 the alias *a stands inside its own anchor'}
    ${'a merge inside its anchor'}       | ${'jobs: &a { <<: *a }'}                            | ${'1:16 the alias *a stands inside its own anchor'}
    ${'an alias before its anchor'}      | ${'jobs: *a\nmode: &a active'}                      | ${'1:7 no anchor &a stands before this alias'}
    ${'a merge of a text'}               | ${'mode: &a active\njobs: { <<: *a }'}              | ${'2:9 `<<` merges maps, and this is none'}
    ${'two merges'}                      | ${'jobs: { <<: {}, <<: {} }'}                       | ${'1:17 a map can have only one `<<`'}
    ${'a text instead of a map'}         | ${'hello'}                                          | ${'1:1 expected a map with keys as `images` and `jobs`, found the text "hello"'}
  `('with $kind is refused by name', ({ content, says }) => {
    expect(shortComplaints(content)).toContain(says);
  });

  it('leaves every object as it was', () => {
    parse('__proto__: { polluted: true }\njobs: { constructor: { prototype: { polluted: true } } }');
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect('polluted' in {}).toBe(false);
  });

  it.each(['toString', 'hasOwnProperty', 'valueOf'])('treats the name %s like any other', (name) => {
    const state = parse(`jobs: { ${name}: { image: x, run: y, env: { ${name}: z } } }`);
    expect(state).toMatchObject({ kind: 'valid', config: { jobs: [{ name, content: { env: { [name]: 'z' } } }] } });
    expect(shortComplaints(`${name}: 1`)).toEqual([`1:1 unknown key "${name}"`]);
    expect(shortComplaints(`jobs: { a: { image: x, run: y, needs: ${name} } }`)).toEqual([
      `1:39 there is no job "${name}"`,
    ]);
  });
});

describe('a file with Windows line ends', () => {
  it('is read like any other, and its mistakes stand where they are', () => {
    expect(parse('mode: shadow\r\njobs:\r\n  a: { image: x, run: y }\r\n').kind).toBe('valid');
    expect(shortComplaints('mode: shadow\r\njobs:\r\n  a: { imag: x, run: y }\r\n')).toContain(
      '3:8 unknown key "imag"',
    );
  });
});

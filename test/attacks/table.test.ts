import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attacks } from './table.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '');

describe('the table of attacks', () => {
  it('has each of A1 to A45 once, in order', () => {
    const expected = Array.from({ length: 45 }, (_, index) => `A${index + 1}`);
    expect(attacks.map(({ id }) => id)).toEqual(expected);
  });

  it('has at least 38 that are tried, and a reason for each of the others', () => {
    const waiting = attacks.filter(({ notYet }) => notYet !== undefined);
    expect(attacks.length - waiting.length).toBeGreaterThanOrEqual(38);
    expect(waiting.filter(({ notYet = '' }) => notYet.length < 20)).toEqual([]);
  });

  it.each(attacks)('$id, $what: its tests and its guards are where it says', ({ notYet, shown, guards }) => {
    expect(shown.length > 0 || notYet !== undefined).toBe(true);
    expect(guards.length > 0 || notYet !== undefined).toBe(true);
    // A title is one text of its file; a row of a table counts as one.
    const absent = shown.filter(([file, title]) => !read(`test/${file}`).includes(`'${title}'`));
    expect(absent).toEqual([]);
    expect(guards.filter(([file, symbol]) => !read(file).includes(symbol))).toEqual([]);
  });
});
